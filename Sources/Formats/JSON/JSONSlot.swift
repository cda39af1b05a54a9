internal import CSimdJSON

/// The memory that the slots of one chunk of rows refer to.
struct JSONChunk {
  let words: [UInt64]
  let strings: [UInt8]

  /// Where the strings begin of the document whose tape begins at `tapeStart`.
  func stringStart(_ tapeStart: Int) -> Int {
    let length = Int(words[tapeStart] & 0x00FF_FFFF_FFFF_FFFF)
    return Int(words[tapeStart + length - 1] & 0x00FF_FFFF_FFFF_FFFF)
  }
}

/// A value in a column: its kind, one bit, and 64 bits that depend on the kind.
struct JSONSlot {
  var tag: UInt8
  var value: UInt64

  static let null = UInt8(TIDEMARK_TAG_NULL)
  static let boolean = UInt8(TIDEMARK_TAG_BOOLEAN)
  static let integer = UInt8(TIDEMARK_TAG_INTEGER)
  static let unsigned = UInt8(TIDEMARK_TAG_UNSIGNED)
  static let double = UInt8(TIDEMARK_TAG_DOUBLE)
  static let string = UInt8(TIDEMARK_TAG_STRING)
  static let object = UInt8(TIDEMARK_TAG_OBJECT)
  static let array = UInt8(TIDEMARK_TAG_ARRAY)

  /// Where a string lies in the chunk's strings.
  var stringRange: Range<Int> {
    let start = Int(value >> 32)
    return start..<start + Int(value & 0xFFFF_FFFF)
  }

  func stringBytes(_ chunk: JSONChunk) -> ArraySlice<UInt8> { chunk.strings[stringRange] }

  /// Appends the value as text: a string as it is, anything else as JSON.
  func appendText(_ chunk: JSONChunk, to output: inout [UInt8]) {
    if tag == Self.string {
      output.append(contentsOf: stringBytes(chunk))
    } else {
      appendJSON(chunk, to: &output)
    }
  }

  /// Appends the value as JSON text.
  func appendJSON(_ chunk: JSONChunk, to output: inout [UInt8]) {
    switch tag {
    case Self.boolean: output.append(contentsOf: (value != 0 ? "true" : "false").utf8)
    case Self.integer: output.append(contentsOf: String(Int64(bitPattern: value)).utf8)
    case Self.unsigned: output.append(contentsOf: String(value).utf8)
    case Self.double: JSONTextWriter.appendNumber(Double(bitPattern: value), to: &output)
    case Self.string: JSONTextWriter.appendQuoted(stringBytes(chunk), to: &output)
    case Self.object, Self.array: appendContainer(chunk, to: &output)
    default: output.append(contentsOf: "null".utf8)
    }
  }

  /// A container's tape begins at its document's; so do the places of its strings.
  private func appendContainer(_ chunk: JSONChunk, to output: inout [UInt8]) {
    let tapeStart = Int(value >> 32)
    var index = Int(value & 0xFFFF_FFFF)
    let stringStart = chunk.stringStart(tapeStart)
    chunk.words.withUnsafeBufferPointer { words in
      chunk.strings.withUnsafeBufferPointer { strings in
        if let words = words.baseAddress, let strings = strings.baseAddress {
          JSONTextWriter.append(words + tapeStart, strings + stringStart, &index, to: &output)
        }
      }
    }
  }
}
