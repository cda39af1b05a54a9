internal import Kernels
internal import Records

/// Decodes the values of one page, from front to back, in one encoding.
///
/// The subclass is chosen once a page, so that what runs per value is a kernel without switches.
class ValueDecoder<Value: BitwiseCopyable> {
  /// Appends the next `count` values.
  func decode(_ count: Int, into output: inout OutputSpan<Value>) throws(DecodeError) {
    preconditionFailure("overridden")
  }

  /// Passes over the next `count` values. By default they are decoded and dropped.
  func skip(_ count: Int) throws(DecodeError) {
    var left = count
    while left > 0 {
      let step = min(left, 1024)
      var dropped: [Value] = []
      try dropped.append(addingCapacity: step * valuesPerSlot) { (output) throws(DecodeError) in
        try decode(step, into: &output)
      }
      left -= step
    }
  }

  /// Checks, after the last value was taken, that the page holds no more, where it can be told.
  func checkEnd() throws(DecodeError) {}

  /// How many elements one value is: bytes of fixed width have several.
  var valuesPerSlot: Int { 1 }
}

/// PLAIN values that lie in the file as in memory.
final class PlainNumbers<Value: BitwiseCopyable>: ValueDecoder<Value> {
  private let page: PageBytes
  private var position: Int

  init(_ page: PageBytes) {
    self.page = page
    position = page.range.lowerBound
  }

  private func check(_ count: Int) throws(DecodeError) -> Int {
    let (wanted, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    let left = page.range.upperBound - position
    guard !overflow, wanted <= left else {
      throw DecodeError(
        .truncated, at: position - page.range.lowerBound,
        "\(left) bytes are left, expected \(wanted)")
    }
    return wanted
  }

  override func decode(_ count: Int, into output: inout OutputSpan<Value>) throws(DecodeError) {
    let bytes = page.bytes
    let byteCount = try check(count)
    try PlainDecoding.decode(bytes.span, from: position, count: count, into: &output)
    position += byteCount
  }

  override func skip(_ count: Int) throws(DecodeError) { position += try check(count) }
}

/// Indices into the chunk's dictionary.
final class DictionaryValues<Value: BitwiseCopyable>: ValueDecoder<Value> {
  private let bytes: [UInt8]
  private let dictionary: [Value]
  private var indices: HybridDecoder

  init(_ page: PageBytes, dictionary: [Value]) throws(DecodeError) {
    let bytes = page.bytes
    self.bytes = bytes
    self.dictionary = dictionary
    indices = try HybridDecoder(indicesIn: page.range, of: bytes.span)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<Value>) throws(DecodeError) {
    let bytes = self.bytes
    let dictionary = self.dictionary
    try indices.gather(bytes.span, count: count, from: dictionary.span, into: &output)
  }

  override func skip(_ count: Int) throws(DecodeError) {
    let bytes = self.bytes
    try indices.skip(bytes.span, count: count)
  }

  override func checkEnd() throws(DecodeError) { try indices.checkEnd() }
}

/// BYTE_STREAM_SPLIT numbers.
final class SplitNumbers<Value: BitwiseCopyable>: ValueDecoder<Value> {
  private let page: PageBytes
  private var next = 0

  init(_ page: PageBytes) { self.page = page }

  override func decode(_ count: Int, into output: inout OutputSpan<Value>) throws(DecodeError) {
    let bytes = page.bytes
    try ByteStreamSplitDecoding.decode(
      bytes.span, range: page.range, first: next, count: count, into: &output)
    next += count
  }

  override func skip(_ count: Int) throws(DecodeError) { next += count }
}

/// DELTA_BINARY_PACKED integers of 32 bits.
final class DeltaInt32s: ValueDecoder<Int32> {
  private let bytes: [UInt8]
  private var deltas: DeltaDecoder

  init(_ page: PageBytes) throws(DecodeError) {
    let bytes = page.bytes
    self.bytes = bytes
    deltas = try DeltaDecoder(bytes.span, range: page.range)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<Int32>) throws(DecodeError) {
    let bytes = self.bytes
    try deltas.decode(bytes.span, count: count, into: &output)
  }

  override func skip(_ count: Int) throws(DecodeError) {
    let bytes = self.bytes
    try deltas.skip(bytes.span, count: count)
  }

  override func checkEnd() throws(DecodeError) { try deltas.checkEnd() }
}

/// DELTA_BINARY_PACKED integers of 64 bits.
final class DeltaInt64s: ValueDecoder<Int64> {
  private let bytes: [UInt8]
  private var deltas: DeltaDecoder

  init(_ page: PageBytes) throws(DecodeError) {
    let bytes = page.bytes
    self.bytes = bytes
    deltas = try DeltaDecoder(bytes.span, range: page.range)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<Int64>) throws(DecodeError) {
    let bytes = self.bytes
    try deltas.decode(bytes.span, count: count, into: &output)
  }

  override func skip(_ count: Int) throws(DecodeError) {
    let bytes = self.bytes
    try deltas.skip(bytes.span, count: count)
  }

  override func checkEnd() throws(DecodeError) { try deltas.checkEnd() }
}
