@testable import Parquet
import Testing

@Suite struct DictionaryForecastTests {
  /// The forecast of a page of 20,000 values of 8 bytes, for a chunk of a million.
  private func pays(_ value: (Int, inout SampleMaker) -> UInt64) -> Bool {
    var maker = SampleMaker(seed: 5)
    var seen: Set<UInt64> = []
    var half = 0
    for index in 0..<20_000 {
      if index == 10_000 { half = seen.count }
      seen.insert(value(index, &maker))
    }
    let forecast = DictionaryForecast(
      valueCount: 20_000, entryCount: seen.count, entriesOfFirstHalf: half,
      dictionaryBytes: seen.count * 8,
      cost: .init(plain: 160_000, indices: 20_000 * 15 / 8, dictionary: seen.count * 8))
    return forecast.pays(valueCount: 1_000_000, dictionaryBytesMax: 1 << 20, margin: 0.8)
  }

  @Test func keysOfAnotherTablePay() {
    #expect(pays { UInt64($1.below(10)) })
    #expect(pays { UInt64($1.below(10_000)) })
    // Most of the page is new, and yet a million values will repeat these.
    #expect(pays { UInt64($1.below(70_000)) })
    #expect(pays { index, _ in UInt64(index / 4) })
    // Before compression, that is; see `keysInOrderStayPlain`.
  }

  @Test func distinctValuesDoNot() {
    #expect(!pays { index, _ in UInt64(index) })
    #expect(!pays { $1.next() })
    #expect(!pays { UInt64($1.below(3_000_000)) })
  }

  @Test func pagesOfFewValues() {
    func pays(_ values: Int, _ entries: Int, _ firstHalf: Int, bytes: Int, max: Int) -> Bool {
      let forecast = DictionaryForecast(
        valueCount: values, entryCount: entries, entriesOfFirstHalf: firstHalf,
        dictionaryBytes: entries * bytes,
        cost: .init(plain: values * bytes, indices: values / 8, dictionary: entries * bytes))
      return forecast.pays(valueCount: values, dictionaryBytesMax: max, margin: 0.8)
    }
    #expect(!pays(1, 1, 0, bytes: 8, max: 1 << 20))
    #expect(pays(100, 1, 1, bytes: 8, max: 1 << 20))
    #expect(!pays(50, 1, 1, bytes: 0, max: 0))
  }
}
