internal import Foundation

/// Foretells from the first page of a chunk what a dictionary will come to.
///
/// If values were drawn evenly from D distinct ones, new ones would come up ever more seldom: at
/// the rate e^(-n/D) after n values. How much the rate fell from the first half of the page to
/// the second gives D; a rate that did not fall, as of keys in order, goes on for ever.
///
/// Sizes before compression can mislead: keys in order compress far better as they are than as
/// numbers of entries. So where it is close the page is compressed both ways and asked again.
struct DictionaryForecast {
  /// Values of the page, and the distinct ones among them.
  var valueCount: Int
  var entryCount: Int
  /// The distinct values of the first half alone.
  var entriesOfFirstHalf: Int
  /// Bytes of the entries in PLAIN encoding, against which the limit is held.
  var dictionaryBytes: Int
  /// Bytes of the page and the dictionary both ways, in the same measure: before compression or
  /// after it.
  var cost: Cost

  struct Cost {
    var plain: Int
    var indices: Int
    var dictionary: Int
  }

  /// Whether a chunk of so many values will be smaller with a dictionary, or the part of it
  /// until the dictionary comes to its limit.
  /// - Parameter margin: how small it has to be, as a part of PLAIN.
  func pays(valueCount total: Int, dictionaryBytesMax: Int, margin: Double) -> Bool {
    let entryBytes = Double(dictionaryBytes) / Double(max(1, entryCount))
    let entriesMost = Double(dictionaryBytesMax) / max(1, entryBytes)
    let growth = self.growth
    let rest = min(
      Double(total - valueCount), growth.values(forNew: entriesMost - Double(entryCount)))
    let pages = (Double(valueCount) + rest) / Double(max(1, valueCount))
    let entries = Double(entryCount) + growth.new(after: rest)
    // The numbers of the entries grow wider with them.
    let wider = Self.indexBits(entries) / Self.indexBits(Double(entryCount))
    let encoded =
      Double(cost.dictionary) * entries / Double(max(1, entryCount))
      + Double(cost.indices) * wider * pages
    return encoded < margin * Double(cost.plain) * pages
  }

  private static func indexBits(_ entries: Double) -> Double {
    max(1, log2(max(1, entries)).rounded(.up))
  }

  /// How new values come up behind the page: at `rate` at first, falling by 1/e in `scale` values.
  private struct Growth {
    var rate: Double
    var scale: Double

    func new(after values: Double) -> Double {
      scale.isInfinite ? rate * values : rate * scale * (1 - exp(-values / scale))
    }

    func values(forNew entries: Double) -> Double {
      if entries <= 0 { return 0 }
      if rate <= 0 { return .infinity }
      if scale.isInfinite { return entries / rate }
      let share = entries / (rate * scale)
      return share >= 1 ? .infinity : -scale * log(1 - share)
    }
  }

  private var growth: Growth {
    let half = Double(valueCount / 2)
    guard half >= 1 else { return Growth(rate: 1, scale: .infinity) }
    let first = Double(entriesOfFirstHalf) / half
    let second = Double(entryCount - entriesOfFirstHalf) / (Double(valueCount) - half)
    if second <= 0 { return Growth(rate: 0, scale: 1) }
    // A fall within the noise is none.
    guard second < first * 0.99 else { return Growth(rate: second, scale: .infinity) }
    let fall = log(first / second)
    return Growth(rate: second * exp(-fall / 2), scale: half / fall)
  }
}
