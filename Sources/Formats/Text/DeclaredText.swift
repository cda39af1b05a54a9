internal import Base
internal import Kernels
internal import Records

/// How texts become values of a type that is given.
struct DeclaredText {
  let type: DataType
  /// How dates and timestamps are written.
  private let time: TimePattern

  /// nil for types that no text becomes.
  init?(_ type: DataType, time: TimePattern? = nil) {
    switch type {
    case .boolean, .int8, .int16, .int32, .int64, .float32, .float64, .decimal, .date,
      .timestamp(.microseconds, _), .string, .json:
      break
    default: return nil
    }
    self.type = type
    self.time = time ?? .iso8601
  }

  var isText: Bool { type == .string || type == .json }

  /// The value in the bits of its physical type; nil where the text does not fit. Spaces around it
  /// do not count.
  /// - Parameters:
  ///   - text: not empty; eight bytes behind it may be read.
  ///   - reference: for times that leave out their year.
  func bits(_ text: UnsafeBufferPointer<UInt8>, reference: Instant?) -> Int128? {
    let text = trimmed(text)
    switch type {
    case .boolean: return Self.truth(text).map { $0 ? 1 : 0 }
    case .int8: return integer(text, in: -128...127)
    case .int16: return integer(text, in: -32_768...32_767)
    case .int32: return integer(text, in: Int64(Int32.min)...Int64(Int32.max))
    case .int64: return integer(text, in: .min ... .max)
    case .float32, .float64: return double(text)
    case .decimal(let precision, let scale):
      return TextNumber.unscaled(text, precision: precision, scale: scale)
    case .date: return time.parseDate(text, text.indices, reference: reference).map { Int128($0) }
    case .timestamp:
      return time.parse(text, text.indices, reference: reference).map { Int128($0) }
    default: return nil
    }
  }

  private func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (0, text.count)
    while start < end, text[start] == 0x20 { start += 1 }
    while start < end, text[end - 1] == 0x20 { end -= 1 }
    return UnsafeBufferPointer(rebasing: text[start..<end])
  }

  /// What a text declared as a boolean means; nil where it means none.
  static func truth(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
    guard text.count <= 5 else { return nil }
    switch String(decoding: text, as: UTF8.self).lowercased() {
    case "true", "t", "yes", "y", "on", "1": return true
    case "false", "f", "no", "n", "off", "0": return false
    default: return nil
    }
  }

  private func integer(_ text: UnsafeBufferPointer<UInt8>, in range: ClosedRange<Int64>) -> Int128?
  {
    var value: Int64 = 0
    if !parse(text, { ParseTextColumn.integers($0, 0..<1, into: &value) }) {
      // With a plus or zeros in front.
      guard text.count <= 64, let parsed = Int64(String(decoding: text, as: UTF8.self)) else {
        return nil
      }
      value = parsed
    }
    return range.contains(value) ? Int128(value) : nil
  }

  private func double(_ text: UnsafeBufferPointer<UInt8>) -> Int128? {
    var value = 0.0
    if !parse(text, { ParseTextColumn.doubles($0, 0..<1, into: &value) }) {
      guard text.count <= 4000, let parsed = Double(String(decoding: text, as: UTF8.self)) else {
        return nil
      }
      value = parsed
    }
    return Int128(value.bitPattern)
  }

  private func parse(
    _ text: UnsafeBufferPointer<UInt8>, _ body: (ParseTextColumn.Texts) -> Int
  ) -> Bool {
    guard let start = text.baseAddress, !text.isEmpty else { return false }
    var view = ByteView(buffer: 1, offset: 0, length: UInt32(text.count))
    return withUnsafePointer(to: &view) {
      body(ParseTextColumn.Texts($0, own: start, block: start)) == 1
    }
  }
}
