internal import Base
internal import Records

/// JSON text of column values, appended to bytes.
enum JSONText {
  static func append(_ column: Column, _ row: Int, to output: inout [UInt8]) {
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
    case .list(let offsets, let child):
      appendItems("[", "]", Int(offsets[row])..<Int(offsets[row + 1]), to: &output) {
        append(child, $0, to: &$1)
      }
    case .structure(let children):
      guard case .structure(let fields) = column.type else { return }
      appendItems("{", "}", children.indices, to: &output) { index, output in
        appendString(Array(fields[index].name.utf8)[...], to: &output)
        output.append(UInt8(ascii: ":"))
        append(children[index], row, to: &output)
      }
    case .map(let offsets, let keys, let values):
      appendItems("[", "]", Int(offsets[row])..<Int(offsets[row + 1]), to: &output) { entry, output in
        append("{\"key\":", to: &output)
        append(keys, entry, to: &output)
        append(",\"value\":", to: &output)
        append(values, entry, to: &output)
        output.append(UInt8(ascii: "}"))
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
