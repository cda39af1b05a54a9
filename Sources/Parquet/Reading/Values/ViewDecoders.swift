internal import Kernels
internal import Records

/// The buffers that a batch's views of one column point into.
///
/// Buffer 0 is the chunk's dictionary, or empty; pages follow as they are used.
final class ViewBuffers {
  private(set) var buffers: [[UInt8]] = [[]]
  /// Which batch is being built: what was added for another has to be added again.
  private(set) var batch = 0
  private let budget: MemoryBudget

  init(budget: MemoryBudget) { self.budget = budget }

  func setDictionary(_ bytes: [UInt8]) { buffers[0] = bytes }

  func beginBatch() {
    batch += 1
    buffers.removeSubrange(1...)
  }

  func add(_ bytes: [UInt8]) throws(DecodeError) -> UInt32 {
    guard let number = UInt32(exactly: buffers.count) else {
      throw DecodeError(.memory, at: 0, "more buffers than 2³²")
    }
    buffers.append(bytes)
    return number
  }

  /// Bytes that new buffers may still take.
  var byteCountLeft: Int { budget.byteCountLeft }
}

/// Texts or byte strings as views.
class ViewDecoder: ValueDecoder<ByteView> {
  let page: PageBytes
  private let buffers: ViewBuffers
  private let isText: Bool
  private var batch = -1
  private var number: UInt32 = 0

  init(page: PageBytes, buffers: ViewBuffers, isText: Bool) {
    self.page = page
    self.buffers = buffers
    self.isText = isText
  }

  /// The number of the page's buffer in the batch at work.
  func bufferNumber() throws(DecodeError) -> UInt32 {
    if batch != buffers.batch {
      number = try buffers.add(page.bytes)
      batch = buffers.batch
    }
    return number
  }

  /// Adds a buffer of values that are not in the page as they are.
  func add(_ bytes: [UInt8]) throws(DecodeError) -> UInt32 { try buffers.add(bytes) }

  var byteCountLeft: Int { buffers.byteCountLeft }

  /// Checks that the last `count` views are UTF-8; all their bytes lie in `range` of `bytes`.
  ///
  /// Where the whole range is ASCII, that is all there is to check.
  func checkText(
    _ bytes: [UInt8], _ range: Range<Int>, _ count: Int, _ output: borrowing OutputSpan<ByteView>
  ) throws(DecodeError) {
    guard isText, count > 0, !TextValidation.isASCII(bytes.span, range) else { return }
    let views = output.span
    for index in views.count - count..<views.count {
      let start = Int(views[index].offset)
      let end = start + Int(views[index].length)
      guard TextValidation.isUTF8(bytes.span, start..<end) else {
        throw DecodeError(.text, at: start, "a text that is not UTF-8")
      }
    }
  }
}

/// PLAIN values: a length and bytes, over and over.
final class PlainViews: ViewDecoder {
  private var rest: Range<Int>

  init(_ page: PageBytes, buffers: ViewBuffers, isText: Bool) {
    rest = page.range
    super.init(page: page, buffers: buffers, isText: isText)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<ByteView>) throws(DecodeError) {
    try decode(count, buffer: bufferNumber(), into: &output)
  }

  func decode(
    _ count: Int, buffer: UInt32, into output: inout OutputSpan<ByteView>
  ) throws(DecodeError) {
    let bytes = page.bytes
    let start = rest.lowerBound
    try PlainDecoding.decodeViews(
      bytes.span, in: &rest, count: count, buffer: buffer, into: &output)
    // The lengths of short texts look like ASCII too, so the check may run over them.
    try checkText(page.bytes, start..<rest.lowerBound, count, output)
  }

  override func skip(_ count: Int) throws(DecodeError) {
    let bytes = page.bytes
    try PlainDecoding.skipViews(bytes.span, in: &rest, count: count)
  }
}

/// DELTA_LENGTH_BYTE_ARRAY values.
final class DeltaLengthViews: ViewDecoder {
  private var decoder: DeltaLengthDecoder

  init(_ page: PageBytes, buffers: ViewBuffers, isText: Bool) throws(DecodeError) {
    decoder = try DeltaLengthDecoder(page.bytes.span, range: page.range)
    super.init(page: page, buffers: buffers, isText: isText)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<ByteView>) throws(DecodeError) {
    let bytes = page.bytes
    guard count > 0 else { return }
    try decoder.decodeViews(
      bytes.span, count: count, buffer: bufferNumber(), into: &output)
    let first = output.span[output.count - count]
    let last = output.span[output.count - 1]
    try checkText(
      page.bytes, Int(first.offset)..<Int(last.offset) + Int(last.length), count, output)
  }

  override func skip(_ count: Int) throws(DecodeError) {
    let bytes = page.bytes
    try decoder.skip(bytes.span, count: count)
  }

  override func checkEnd() throws(DecodeError) { try decoder.checkEnd() }
}

/// DELTA_BYTE_ARRAY values, put together in buffers of their own.
final class DeltaBytesViews: ViewDecoder {
  private var decoder: DeltaBytesDecoder

  init(_ page: PageBytes, buffers: ViewBuffers, isText: Bool) throws(DecodeError) {
    decoder = try DeltaBytesDecoder(page.bytes.span, range: page.range)
    super.init(page: page, buffers: buffers, isText: isText)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<ByteView>) throws(DecodeError) {
    let bytes = page.bytes
    let (values, lengths) = try decoder.decode(
      bytes.span, count: count, byteCountMax: byteCountLeft)
    let number = try add(values)
    var offset: UInt32 = 0
    for length in lengths {
      output.append(ByteView(buffer: number, offset: offset, length: length))
      offset += length
    }
    try checkText(values, 0..<values.count, count, output)
  }

  override func checkEnd() throws(DecodeError) { try decoder.checkEnd() }
}
