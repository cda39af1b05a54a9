internal import Base
internal import Bookmarks
internal import Connector

/// Finds the version of a stream by where its bookmark stood. Times and integers compare as what
/// they are, whatever way they are written.
struct MarkSearch {
  private let log: any CommitLog
  private let stream: String

  init(_ log: any CommitLog, _ stream: String) {
    self.log = log
    self.stream = stream
  }

  /// The last version whose bookmark is not past the value; 0 where all are.
  func version(notPast text: String) throws -> Int {
    let marks = try log.marks(of: stream)
    guard let kind = marks.lazy.compactMap(\.bookmark?.kind).first else {
      throw IngestError(
        .refused, "the stream has no bookmark to compare with",
        remedy: "'tidemark bookmark history \(stream)' shows what there is.", place: stream)
    }
    guard let value = Position(text, kind) else {
      switch kind {
      case .time, .integer:
        throw IngestError(
          .configuration,
          "found '\(text)', expected \(kind == .time ? "a time" : "a whole number")",
          remedy: "Write it as 'tidemark bookmark history \(stream)' shows the bookmark.",
          place: stream)
      default:
        throw IngestError(
          .refused, "the stream's bookmark (\(kind.rawValue)) has no order that a value could have",
          remedy: "Use --to-run, --to-time or --to-version.", place: stream)
      }
    }
    for mark in marks {
      guard let bookmark = mark.bookmark else { return mark.version }
      if let position = Position(bookmark.mark, kind), position <= value { return mark.version }
    }
    return 0
  }

  /// A mark, as what it is.
  enum Position: Comparable {
    case time(Instant)
    /// Its sign and digits: an unsigned column's marks pass 64 bits.
    case integer(isNegative: Bool, digits: String)

    init?(_ text: String, _ kind: Bookmark.Kind) {
      switch kind {
      case .time:
        guard let time = Instant(text) else { return nil }
        self = .time(time)
      case .integer:
        let isNegative = text.hasPrefix("-")
        let digits = text.dropFirst(isNegative ? 1 : 0)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
          return nil
        }
        let significant = digits.drop { $0 == "0" }
        self = .integer(isNegative: isNegative && !significant.isEmpty, digits: String(significant))
      case .tuple, .files, .opaque, .full: return nil
      }
    }

    static func < (a: Position, b: Position) -> Bool {
      switch (a, b) {
      case (.time(let a), .time(let b)): return a < b
      case (.integer(let aNegative, let a), .integer(let bNegative, let b)):
        if aNegative != bNegative { return aNegative }
        let (low, high) = aNegative ? (b, a) : (a, b)
        return low.utf8.count != high.utf8.count ? low.utf8.count < high.utf8.count : low < high
      default: return false
      }
    }
  }
}
