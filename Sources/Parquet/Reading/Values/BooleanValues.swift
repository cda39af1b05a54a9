internal import Kernels
internal import Records

/// Booleans, kept as bits.
final class BooleanValues: LeafValues {
  private enum Source {
    case none
    /// One bit a value; the next one's place in bits.
    case plain(PageBytes, bit: Int)
    case runs(PageBytes, HybridDecoder)
  }

  private var source = Source.none
  private var output = DecodedBits(capacity: 0)

  override var slotByteCount: Int { 1 }

  override func setDictionary(_ page: DictionaryPage) throws(ParquetError) -> Int {
    throw ParquetError(.unsupported, "a dictionary of booleans")
  }

  override func beginPage(_ page: PageBytes, encoding: Encoding) throws(ParquetError) {
    switch encoding {
    case .plain: source = .plain(page, bit: page.range.lowerBound * 8)
    case .rle:
      // The length of the runs, then the runs; a page of nulls alone may have neither.
      guard page.count >= 4 else {
        guard page.count == 0 else {
          throw ParquetError(.corrupt, "the page ends before the length of its booleans")
        }
        source = .none
        return
      }
      let start = page.range.lowerBound
      var length = 0
      for index in 0..<4 { length |= Int(page.bytes[start + index]) << (8 * index) }
      guard length <= page.count - 4 else {
        throw ParquetError(
          .corrupt, "\(length) bytes of booleans, the page has \(page.count - 4) left")
      }
      do throws(DecodeError) {
        source = .runs(
          page, try HybridDecoder(bitWidth: 1, range: start + 4..<start + 4 + length))
      } catch {
        throw ParquetError(error)
      }
    default: throw ParquetError(.unsupported, "booleans in encoding \(encoding)")
    }
  }

  override func endPage() throws(DecodeError) {
    if case .runs(_, let decoder) = source { try decoder.checkEnd() }
  }

  override func beginBatch(slotCount: Int) { output = DecodedBits(capacity: slotCount) }

  override func append(
    dense: Int, slots: Int, validity: [UInt64], from first: Int
  ) throws(DecodeError) {
    try decode(dense, into: &output)
    output.spreadLast(dense: dense, over: slots, validity: validity, from: first)
  }

  private func decode(_ count: Int, into output: inout DecodedBits) throws(DecodeError) {
    switch source {
    case .none:
      guard count == 0 else { throw DecodeError(.truncated, at: 0, "a page without values") }
    case .plain(let page, let bit):
      guard count <= page.range.upperBound * 8 - bit else {
        throw DecodeError(
          .truncated, at: page.count, "the page ends before its \(count) booleans do")
      }
      try output.append(page.bytes.span, fromBit: bit, count: count)
      source = .plain(page, bit: bit + count)
    case .runs(let page, var decoder):
      try decoder.decodeBooleans(page.bytes.span, count: count, into: &output)
      source = .runs(page, decoder)
    }
  }

  override func skip(dense: Int) throws(DecodeError) {
    var dropped = DecodedBits(capacity: dense)
    try decode(dense, into: &dropped)
  }

  override func finish() -> Column.Values {
    let count = output.count
    let words = output.finish()
    output = DecodedBits(capacity: 0)
    return .boolean(Bitmap(words: words, count: count))
  }
}
