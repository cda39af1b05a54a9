internal import Base
internal import Records

/// JSON text of column values, appended to bytes.
enum JSONText {
  static func append(
    _ column: PrintedColumn, _ row: Int, to output: inout [UInt8]
  ) throws(ParquetError) {
    switch column {
    case .plain(let column): append(column, row, to: &output)
    case .variant(let variants):
      append(try variants.variant(row) ?? .null, to: &output)
    case .structure(let column, let names, let children):
      guard !column.isNull(row) else { return append("null", to: &output) }
      for (index, child) in children.enumerated() {
        output.append(UInt8(ascii: index == 0 ? "{" : ","))
        output += names[index]
        try append(child, row, to: &output)
      }
      append("}", to: &output)
    case .list(let column, let offsets, let child):
      guard !column.isNull(row) else { return append("null", to: &output) }
      append("[", to: &output)
      for index in offsets[row]..<offsets[row + 1] {
        if index > offsets[row] { append(",", to: &output) }
        try append(child, Int(index), to: &output)
      }
      append("]", to: &output)
    case .map(let column, let offsets, let keys, let values):
      guard !column.isNull(row) else { return append("null", to: &output) }
      append("[", to: &output)
      for index in offsets[row]..<offsets[row + 1] {
        append(index > offsets[row] ? ",{\"key\":" : "{\"key\":", to: &output)
        try append(keys, Int(index), to: &output)
        append(",\"value\":", to: &output)
        try append(values, Int(index), to: &output)
        append("}", to: &output)
      }
      append("]", to: &output)
    }
  }

  private static func append(_ column: Column, _ row: Int, to output: inout [UInt8]) {
    if column.isNull(row) {
      append("null", to: &output)
      return
    }
    switch column.values {
    case .boolean(let bits): append(bits[row] ? "true" : "false", to: &output)
    case .float(let values): appendNumber(Double(values[row]), to: &output)
    case .double(let values): appendNumber(values[row], to: &output)
    case .int32, .int64, .int128: appendScalar(column, row, to: &output)
    case .bytes(let bytes):
      if column.type == .binary {
        appendBase64(bytes[row], to: &output)
      } else {
        appendString(bytes[row], to: &output)
      }
    case .fixedBytes(let width, let bytes):
      let value = bytes[row * width..<(row + 1) * width]
      if column.type == .uuid {
        appendUUID(value, to: &output)
      } else {
        appendBase64(value, to: &output)
      }
    // Columns of these types are printed by their parts.
    case .list, .structure, .map: append("null", to: &output)
    }
  }

  /// A variant as JSON: decimals as numbers, what JSON has no type for as strings.
  static func append(_ variant: Variant, to output: inout [UInt8]) {
    switch variant {
    case .null: append("null", to: &output)
    case .boolean(let value): append(value ? "true" : "false", to: &output)
    case .int8(let value): append(String(value), to: &output)
    case .int16(let value): append(String(value), to: &output)
    case .int32(let value): append(String(value), to: &output)
    case .int64(let value): append(String(value), to: &output)
    case .float(let value): appendNumber(Double(value), to: &output)
    case .double(let value): appendNumber(value, to: &output)
    case .decimal(let unscaled, let scale, _):
      append(Value.decimalText(unscaled, scale: scale), to: &output)
    case .date(let days): append("\"\(Value.date(days).text)\"", to: &output)
    case .time(let value): append("\"\(timeText(value, .microseconds))\"", to: &output)
    case .timestamp(let value, let unit, let isUTC):
      append("\"\(Value.timestamp(value, unit, isUTC: isUTC).text)\"", to: &output)
    case .binary(let bytes): appendBase64(bytes[...], to: &output)
    case .string(let text): appendString(Array(text.utf8)[...], to: &output)
    case .uuid(let bytes): appendUUID(bytes[...], to: &output)
    case .array(let items):
      appendItems("[", "]", items.indices, to: &output) { append(items[$0], to: &$1) }
    case .object(let fields):
      appendItems("{", "}", fields.indices, to: &output) { index, output in
        appendString(Array(fields[index].name.utf8)[...], to: &output)
        output.append(UInt8(ascii: ":"))
        append(fields[index].value, to: &output)
      }
    }
  }

  private static func append(_ text: String, to output: inout [UInt8]) {
    output.append(contentsOf: text.utf8)
  }

  private static func appendItems(
    _ open: String, _ close: String, _ range: Range<Int>, to output: inout [UInt8],
    _ body: (Int, inout [UInt8]) -> Void
  ) {
    append(open, to: &output)
    for index in range {
      if index > range.lowerBound { output.append(UInt8(ascii: ",")) }
      body(index, &output)
    }
    append(close, to: &output)
  }

  static func appendNumber(_ value: Double, to output: inout [UInt8]) {
    if value.isFinite {
      append("\(value)", to: &output)
    } else {
      append(value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"", to: &output)
    }
  }

  /// Numbers as they are; decimals, dates and times in quotes.
  private static func appendScalar(_ column: Column, _ row: Int, to output: inout [UInt8]) {
    switch column.type {
    case .time(let unit):
      if case .int64(let values) = column.values {
        append("\"\(timeText(values[row], unit))\"", to: &output)
      }
    case .decimal, .date, .timestamp: append("\"\(column[row].text)\"", to: &output)
    default: append(column[row].text, to: &output)
    }
  }

  /// `07:34:00.500000`: microseconds, or nanoseconds where the unit is finer.
  static func timeText(_ value: Int64, _ unit: TimeUnit) -> String {
    let perSecond = unit.perSecond.magnitude
    let seconds = value.magnitude / perSecond
    let digits = unit == .nanoseconds ? 9 : 6
    let scale: UInt64 = unit == .milliseconds ? 1000 : 1
    let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded(Int($0), 2) }
    return (value < 0 ? "-" : "") + clock.joined(separator: ":") + "."
      + padded(Int(value.magnitude % perSecond * scale), digits)
  }

  /// A JSON string; bytes that are not UTF-8 become U+FFFD.
  static func appendString(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    if text.contains(where: { $0 >= 0x80 }) {
      for byte in String(decoding: text, as: UTF8.self).utf8 { appendEscaped(byte, to: &output) }
    } else {
      for byte in text { appendEscaped(byte, to: &output) }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"", to: &output)
    case UInt8(ascii: "\\"): append("\\\\", to: &output)
    case 0x0A: append("\\n", to: &output)
    case 0x0D: append("\\r", to: &output)
    case 0x09: append("\\t", to: &output)
    case 0..<0x20, 0x7F:
      append("\\u00", to: &output)
      output.append(hexDigits[Int(byte >> 4)])
      output.append(hexDigits[Int(byte & 15)])
    default: output.append(byte)
    }
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)
  private static let base64Digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Base64 in quotes, with padding.
  static func appendBase64(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var rest = bytes
    while !rest.isEmpty {
      let part = rest.prefix(3)
      rest = rest.dropFirst(3)
      var bits: UInt32 = 0
      for byte in part { bits = bits << 8 | UInt32(byte) }
      bits <<= UInt32(8 * (3 - part.count))
      for place in 0..<4 {
        output.append(
          place <= part.count
            ? base64Digits[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func appendUUID(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { output.append(UInt8(ascii: "-")) }
      output.append(hexDigits[Int(byte >> 4)])
      output.append(hexDigits[Int(byte & 15)])
    }
    output.append(UInt8(ascii: "\""))
  }
}
