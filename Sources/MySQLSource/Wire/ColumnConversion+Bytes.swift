internal import Base
internal import Kernels
internal import Records

extension ColumnConversion {
  /// Byte strings as views into the block.
  /// - Parameter skipping: bytes at the front of each value that are not part of it; an empty
  ///   value has none.
  mutating func views(skipping: Int) -> [ByteView] {
    var malformed: Int?
    let views = [ByteView](unsafeUninitializedCapacity: rowCount) { output, count in
      for row in 0..<rowCount {
        var view = ByteView(offset: 0, length: 0)
        if offsets[row] != FieldOffsets.null {
          view = self.view(row)
          if view.length >= skipping {
            view.offset += UInt32(skipping)
            view.length -= UInt32(skipping)
          } else if view.length > 0 {
            malformed = row
          }
        }
        output.initializeElement(at: row, to: view)
      }
      count = rowCount
    }
    if malformedRow == nil { malformedRow = malformed }
    return views
  }

  /// Texts as views into the block, and the rows that hold bytes beyond ASCII.
  func textViews(_ nonASCIIRows: inout [Int]) -> [ByteView] {
    Array(unsafeUninitializedCapacity: rowCount) { output, count in
      for row in 0..<rowCount {
        var view = ByteView(offset: 0, length: 0)
        if !hasNulls || offsets[row] != FieldOffsets.null {
          view = self.view(row)
          if !Self.isASCII(block + Int(view.offset), Int(view.length)) { nonASCIIRows.append(row) }
        }
        output.initializeElement(at: row, to: view)
      }
      count = rowCount
    }
  }

  /// The view of a row that has a value. Its length was checked when the row was scanned.
  @inline(__always)
  private func view(_ row: Int) -> ByteView {
    let offset = Int(offsets[row])
    let (length, width) = FieldOffsets.lengthOf(block, at: offset)
    return ByteView(
      offset: UInt32(truncatingIfNeeded: offset &+ width),
      length: UInt32(truncatingIfNeeded: length))
  }

  /// Whether all bytes are below 0x80. Reads up to seven bytes more than there are.
  @inline(__always)
  private static func isASCII(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
    var bits: UInt64 = 0
    var index = 0
    while count &- index >= 8 {
      bits |= bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      index &+= 8
    }
    let left = count &- index
    if left > 0 {
      let word = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      bits |= UInt64(littleEndian: word << UInt64(64 &- left &* 8))
    }
    return bits & 0x8080_8080_8080_8080 == 0
  }

  /// Dates as the server writes them, whether they are dates or not.
  mutating func calendarTexts(withTime: Bool, digits: Int) -> ByteColumn {
    var texts: [String] = []
    texts.reserveCapacity(rowCount)
    for row in 0..<rowCount {
      guard offsets[row] != FieldOffsets.null else {
        texts.append("")
        continue
      }
      let value = block + Int(offsets[row])
      if let text = CalendarFields.text(value, withTime: withTime, digits: digits) {
        texts.append(text)
      } else {
        texts.append("")
        if malformedRow == nil { malformedRow = row }
      }
    }
    return ByteColumn(texts)
  }
}
