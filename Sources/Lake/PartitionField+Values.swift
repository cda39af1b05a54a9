internal import Base
internal import Records

/// What a partition's rows have in common.
extension PartitionField {
  /// A number a row that is equal just where the partition is.
  func codes(of column: Column) -> [Int64] {
    switch transform {
    case .identity: Self.identityCodes(column)
    case .year, .month, .day, .hour: timeCodes(column)
    case .bucket(let count): Self.buckets(of: column, count: count)
    case .truncate(let width): Self.truncatedCodes(column, width: width)
    }
  }

  /// The text of a row's partition value.
  /// - Parameter code: the row's.
  func text(of column: Column, row: Int, code: Int64) -> String {
    switch transform {
    case .identity: return column[row].text
    case .year, .bucket: return String(code)
    case .month:
      let year = code.floorDivided(by: 12)
      return "\(padded(Int(year), 4))-\(padded(Int(code - year * 12) + 1, 2))"
    case .day: return CivilTime(daysSinceEpoch: Int(code)).dateText
    case .hour:
      let day = code.floorDivided(by: 24)
      return "\(CivilTime(daysSinceEpoch: Int(day)).dateText)-\(padded(Int(code - day * 24), 2))"
    case .truncate(let width): return Self.truncatedText(column[row], width: width)
    }
  }

  private static func identityCodes(_ column: Column) -> [Int64] {
    switch column.values {
    case .int32(let values): values.map(Int64.init)
    case .int64(let values): values
    case .bytes(let bytes): numbered((0..<bytes.count).map { bytes[$0] })
    case .boolean(let bits): (0..<bits.count).map { bits[$0] ? 1 : 0 }
    default: Array(repeating: 0, count: column.count)
    }
  }

  /// Equal values get equal numbers.
  private static func numbered<Value: Hashable>(_ values: [Value]) -> [Int64] {
    var ids: [Value: Int64] = [:]
    return values.map { value in
      if let id = ids[value] { return id }
      let id = Int64(ids.count)
      ids[value] = id
      return id
    }
  }

  // MARK: - Parts of times

  private func timeCodes(_ column: Column) -> [Int64] {
    switch (column.values, column.type) {
    case (.int32(let days), .date): days.map { timeCode(Int64($0) * 86_400) }
    case (.int64(let values), .timestamp(let unit, _)):
      values.map { timeCode($0.floorDivided(by: unit.perSecond)) }
    default: Array(repeating: 0, count: column.count)
    }
  }

  /// - Parameter seconds: since the epoch.
  private func timeCode(_ seconds: Int64) -> Int64 {
    let days = seconds.floorDivided(by: 86_400)
    switch transform {
    case .day: return days
    case .hour: return seconds.floorDivided(by: 3600)
    case .year: return Int64(CivilTime(daysSinceEpoch: Int(days)).year)
    case .month:
      let date = CivilTime(daysSinceEpoch: Int(days))
      return Int64(date.year) * 12 + Int64(date.month) - 1
    default: return seconds
    }
  }

  // MARK: - Truncated values

  private static func truncatedCodes(_ column: Column, width: Int) -> [Int64] {
    switch (column.values, column.type) {
    case (.int32(let values), .uint32):
      values.map { floored(Int64(UInt32(bitPattern: $0)), Int64(width)) }
    case (.int32(let values), _): values.map { floored(Int64($0), Int64(width)) }
    case (.int64(let values), _): values.map { floored($0, Int64(width)) }
    case (.int128(let values), _): numbered(values.map { floored($0, Int128(width)) })
    case (.bytes(let bytes), .string):
      numbered((0..<bytes.count).map { characters(of: bytes[$0], width) })
    case (.bytes(let bytes), _): numbered((0..<bytes.count).map { bytes[$0].prefix(width) })
    default: Array(repeating: 0, count: column.count)
    }
  }

  private static func truncatedText(_ value: Value, width: Int) -> String {
    switch value {
    case .integer(let number): String(floored(number, Int64(width)))
    case .decimal(let unscaled, let scale):
      Value.decimal(floored(unscaled, Int128(width)), scale: scale).text
    case .text(let text): String(String.UnicodeScalarView(text.unicodeScalars.prefix(width)))
    case .bytes(let bytes): Value.bytes(Array(bytes.prefix(width))).text
    default: value.text
    }
  }

  /// Down to a multiple of the width; a number that has none wraps around, as elsewhere.
  private static func floored<Number: FixedWidthInteger>(_ number: Number, _ width: Number)
    -> Number
  {
    let remainder = number % width
    return number &- (remainder < 0 ? remainder + width : remainder)
  }

  /// The bytes of the first characters of UTF-8 text: Unicode's scalars, as Iceberg counts.
  private static func characters(of text: ArraySlice<UInt8>, _ count: Int) -> ArraySlice<UInt8> {
    var left = count
    for index in text.indices where text[index] & 0xC0 != 0x80 {
      if left == 0 { return text[..<index] }
      left -= 1
    }
    return text
  }
}
