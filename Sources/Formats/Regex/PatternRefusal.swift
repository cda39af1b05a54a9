/// Why records match none of some patterns, in words.
final class PatternRefusal {
  private let sources: [PatternSource]
  private var traces: [PatternTrace?]?
  private var tracedCount = 0

  /// How far a pattern came is said of so many records; it costs far more than not to match.
  private static let tracedMax = 1000
  private static let excerptMax = 24

  init(_ sources: [PatternSource]) { self.sources = sources }

  /// - Parameter outcomes: of each pattern, none of them a match.
  func reason(_ outcomes: [PatternMatcher.Outcome], _ text: ArraySlice<UInt8>) -> String {
    for outcome in outcomes {
      switch outcome {
      case .tooManySteps(let steps):
        return "the pattern took more than \(steps) steps: it goes back and forth over the text; "
          + "possessive repetitions (++, *+) and narrower classes help"
      case .tooMuchMemory:
        return "the pattern took more memory than there is for one record; possessive repetitions "
          + "(++, *+) help"
      case .unmatchedWithin(let places):
        return "no match begins within the first \(places) bytes, and in a text of "
          + "\(text.count) bytes it is not looked for further behind"
      case .matched, .unmatched: continue
      }
    }
    let what = sources.count == 1 ? "the pattern does not match" : "no pattern matches"
    guard tracedCount < Self.tracedMax else { return what }
    tracedCount += 1
    return what + reach(text)
  }

  /// How far the pattern came that came furthest.
  private func reach(_ text: ArraySlice<UInt8>) -> String {
    let traces = self.traces ?? sources.map { PatternTrace($0.pattern) }
    self.traces = traces
    let looked = Array(String(decoding: text.prefix(4096), as: UTF8.self).utf8)
    var best: (reach: PatternTrace.Reach, source: PatternSource)?
    for (source, trace) in zip(sources, traces) {
      guard let reach = trace?.reach(looked) else { continue }
      if best.map({ reach.textOffset > $0.reach.textOffset }) ?? true { best = (reach, source) }
    }
    guard let (reach, source) = best else { return "" }
    let before = String(decoding: looked.prefix(reach.textOffset), as: UTF8.self)
    let after = String(decoding: looked.dropFirst(reach.textOffset), as: UTF8.self)
    let place =
      before.isEmpty
      ? "at the start"
      : "behind '\(before.count > Self.excerptMax ? "…" : "")\(before.suffix(Self.excerptMax))'"
    let found =
      after.isEmpty
      ? "the end" : "'\(after.prefix(Self.excerptMax))\(after.count > Self.excerptMax ? "…" : "")'"
    return ": \(place) it goes on with \(source.expected(reach)), and the text with \(found)"
  }
}
