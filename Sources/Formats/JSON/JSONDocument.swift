internal import Base
internal import CSimdJSON

/// Parsed JSON text: simdjson's tape, and the strings that it refers to.
///
/// The tape is a flat array of 64-bit words in the order of the text, the kind of each value in
/// the highest byte. A container knows where it ends, so that skipping one costs nothing.
///
///     {"a":[1],"b":"x"}
///     r→11  {→10  "0  [→6  l 1  ]  "6  "12  }  r          strings  1 a 0 | 1 b 0 | 1 x 0
///
/// - SeeAlso: simdjson, doc/tape.md.
final class JSONTape: Sendable {
  let words: [UInt64]
  /// Each string as its length in 4 bytes, its bytes, and a zero; 64 zeros at the end.
  let strings: [UInt8]

  init(words: [UInt64], strings: [UInt8]) {
    self.words = words
    self.strings = strings
  }

  /// Bytes that are readable, and not read for their value, behind every input and output.
  static let padding = Int(TIDEMARK_JSON_PADDING)
}

/// One JSON document, parsed: `JSONDocument(parsing: bytes).root["data"]`.
///
/// Numbers keep 64-bit integers, signed and unsigned, exactly; longer integers become doubles.
/// Of members with the same key, the last counts.
public struct JSONDocument: Sendable {
  let tape: JSONTape

  /// The deepest nesting that is parsed.
  public static let depthMax = 256

  /// Parses one document of at most 600 MB.
  /// - Throws: `.malformed`, with the byte where the text stops being JSON.
  /// - Complexity: O(n); needs up to 14 bytes of memory for each byte of text.
  public init(parsing bytes: [UInt8]) throws(FormatError) {
    guard let parser = tidemark_json_parser_create(UInt32(Self.depthMax)) else {
      throw .outOfMemory
    }
    defer { tidemark_json_parser_free(parser) }
    // A byte order mark is no JSON, but editors and servers send it.
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    var padded: [UInt8] = []
    padded.reserveCapacity(text.count + JSONTape.padding)
    padded.append(contentsOf: text)
    padded.append(contentsOf: repeatElement(0, count: JSONTape.padding))
    var code: Int32 = 0
    var stringsUsed = 0
    var strings: [UInt8] = []
    let stringsCapacity = tidemark_json_string_bytes(text.count)
    let wordsCapacity = tidemark_json_tape_words(text.count)
    let words = [UInt64](unsafeUninitializedCapacity: wordsCapacity) { words, wordsUsed in
      strings = [UInt8](unsafeUninitializedCapacity: stringsCapacity) { buffer, used in
        code = tidemark_json_parse(
          parser, padded, text.count, words.baseAddress, wordsCapacity, buffer.baseAddress,
          stringsCapacity, &wordsUsed, &stringsUsed)
        used = stringsUsed + JSONTape.padding
        buffer[stringsUsed..<used].initialize(repeating: 0)
      }
    }
    guard code == 0 else { throw Self.problem(code, in: Array(text)) }
    tape = JSONTape(words: words, strings: strings)
  }

  public init(parsing text: String) throws(FormatError) { try self.init(parsing: Array(text.utf8)) }

  /// The value that the document is.
  public var root: JSONCursor { JSONCursor(tape: tape, index: 1) }

  /// simdjson says what is wrong; the slower parser, where.
  static func problem(_ code: Int32, in text: [UInt8]) -> FormatError {
    var message = String(cString: tidemark_json_message(code))
    var place: String?
    do {
      _ = try JSONValue(parsing: text)
    } catch {
      message = error.message
      place = "byte \(error.offset)"
    }
    return FormatError(
      .malformed, "the text is not JSON: \(message)",
      remedy: "Look at the text there, and have whoever writes it mend it.", place: place)
  }
}
