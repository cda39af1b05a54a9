internal import Kernels

/// Values of one width in bytes; a value is `width` elements.
class FixedBytesDecoder: ValueDecoder<UInt8> {
  let width: Int

  init(width: Int) { self.width = width }

  override var valuesPerSlot: Int { width }
}

/// PLAIN values of one width.
final class PlainFixedBytes: FixedBytesDecoder {
  private let page: PageBytes
  private var position: Int

  init(_ page: PageBytes, width: Int) {
    self.page = page
    position = page.range.lowerBound
    super.init(width: width)
  }

  private func check(_ count: Int) throws(DecodeError) -> Int {
    let (wanted, overflow) = count.multipliedReportingOverflow(by: width)
    let left = page.range.upperBound - position
    guard !overflow, wanted <= left else {
      throw DecodeError(
        .truncated, at: position - page.range.lowerBound,
        "\(left) bytes are left, expected \(wanted)")
    }
    return wanted
  }

  override func decode(_ count: Int, into output: inout OutputSpan<UInt8>) throws(DecodeError) {
    let bytes = page.bytes
    let byteCount = try check(count)
    try PlainDecoding.decode(bytes.span, from: position, count: byteCount, into: &output)
    position += byteCount
  }

  override func skip(_ count: Int) throws(DecodeError) { position += try check(count) }
}

/// BYTE_STREAM_SPLIT values of one width.
final class SplitFixedBytes: FixedBytesDecoder {
  private let page: PageBytes
  private var next = 0

  init(_ page: PageBytes, width: Int) {
    self.page = page
    super.init(width: width)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<UInt8>) throws(DecodeError) {
    let bytes = page.bytes
    try ByteStreamSplitDecoding.decodeBytes(
      bytes.span, range: page.range, width: width, first: next, count: count, into: &output)
    next += count
  }

  override func skip(_ count: Int) throws(DecodeError) { next += count }
}

/// DELTA_BYTE_ARRAY values that all have one width.
final class DeltaFixedBytes: FixedBytesDecoder {
  private let bytes: [UInt8]
  private var decoder: DeltaBytesDecoder

  init(_ page: PageBytes, width: Int) throws(DecodeError) {
    let bytes = page.bytes
    self.bytes = bytes
    decoder = try DeltaBytesDecoder(bytes.span, range: page.range)
    super.init(width: width)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<UInt8>) throws(DecodeError) {
    let bytes = self.bytes
    let (values, lengths) = try decoder.decode(
      bytes.span, count: count, byteCountMax: count * width)
    guard lengths.allSatisfy({ $0 == UInt32(width) }) else {
      throw DecodeError(.length, at: 0, "a value of another length than \(width) bytes")
    }
    try PlainDecoding.decode(values.span, from: 0, count: values.count, into: &output)
  }

  override func checkEnd() throws(DecodeError) { try decoder.checkEnd() }
}

/// Indices into a dictionary of values of one width.
final class DictionaryFixedBytes: FixedBytesDecoder {
  private let bytes: [UInt8]
  private let dictionary: [UInt8]
  private var indices: HybridDecoder

  init(_ page: PageBytes, dictionary: [UInt8], width: Int) throws(DecodeError) {
    let bytes = page.bytes
    self.bytes = bytes
    self.dictionary = dictionary
    indices = try HybridDecoder(indicesIn: page.range, of: bytes.span)
    super.init(width: width)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<UInt8>) throws(DecodeError) {
    let bytes = self.bytes
    let dictionary = self.dictionary
    try indices.gatherBytes(
      bytes.span, count: count, width: width, from: dictionary.span, into: &output)
  }

  override func skip(_ count: Int) throws(DecodeError) {
    let bytes = self.bytes
    try indices.skip(bytes.span, count: count)
  }

  override func checkEnd() throws(DecodeError) { try indices.checkEnd() }
}
