internal import Compression
internal import Kernels

extension ColumnWriter {
  /// Without compression a dictionary has to save a fifth: it is a step more for readers.
  private static let plainMargin = 0.8

  /// Whether a dictionary makes the chunk smaller, as far as its first page tells.
  /// - Parameter isLastPage: the chunk ends with it, nothing has to be foretold.
  func pays(_ dictionary: ValueDictionary, isLastPage: Bool, _ scratch: PageScratch)
    throws(ParquetError) -> Bool
  {
    let count = indices.count / 4
    guard count > 0 else { return true }
    let firstHalf = indices.withBytes {
      IndexRange.max($0.extracting(0..<count / 2 * 4)).map { Int($0) + 1 } ?? 0
    }
    let plainBytes =
      layout == .bytes ? Int(byteStringBytes) + count * 4 : count * (layout.memoryWidth ?? 1)
    var forecast = DictionaryForecast(
      valueCount: count, entryCount: dictionary.entryCount, entriesOfFirstHalf: firstHalf,
      dictionaryBytes: dictionary.pageByteCount,
      cost: .init(
        plain: plainBytes, indices: count * Self.indexBitWidth(dictionary) / 8,
        dictionary: dictionary.pageByteCount))
    let total =
      isLastPage ? count : max(count, options.rowGroupRowsMax / max(1, levels.rowCount) * count)
    guard
      forecast.pays(
        valueCount: total, dictionaryBytesMax: options.dictionaryBytesMax,
        margin: Self.plainMargin)
    else { return false }
    // With few distinct values there is no doubt.
    guard options.codec != .none, dictionary.entryCount > count / 10 else { return true }
    forecast.cost = try compressedCost(dictionary, scratch)
    return forecast.pays(
      valueCount: total, dictionaryBytesMax: options.dictionaryBytesMax, margin: 1)
  }

  /// The page's values and the dictionary, compressed.
  private func compressedCost(_ dictionary: ValueDictionary, _ scratch: PageScratch)
    throws(ParquetError) -> DictionaryForecast.Cost
  {
    scratch.body.removeAll()
    indices.withBytes { dictionary.spell($0, into: &scratch.body) }
    let plain = try scratch.compressedBodyByteCount()
    scratch.body.removeAll()
    let width = Self.indexBitWidth(dictionary)
    indices.withBytes { scratch.body.appendHybrid32($0, bitWidth: width) }
    let indexBytes = try scratch.compressedBodyByteCount()
    scratch.body.removeAll()
    dictionary.withPage { scratch.body.append($0) }
    let entries = try scratch.compressedBodyByteCount()
    return .init(plain: plain, indices: indexBytes, dictionary: entries)
  }
}
