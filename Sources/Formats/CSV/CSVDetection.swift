internal import Kernels

/// What the start of a file says about its dialect.
///
/// The delimiter is the one by which most records have the same number of fields, at least two;
/// among equals, the one that makes more of them. The quote is `'` where fields stand in those and
/// there is no `"` at all. The first record is a header where its fields are names (different texts, none a
/// number, boolean or time) and columns below are something other than text, or, where all is
/// text, where the names look like identifiers and none occurs in its column again.
struct CSVDetection {
  private let options: CSVOptions
  /// Whole records, behind the lines to skip, with 16 zeros behind them.
  private let sample: [UInt8]
  private let count: Int

  static let delimiters: [UInt8] = [0x2C, 0x09, 0x3B, 0x7C]
  private static let recordsMax = 200
  private static let fieldsMax = 256

  /// - Parameter head: the first bytes of the file's text.
  init(_ head: [UInt8], _ options: CSVOptions) {
    self.options = options
    var text = head[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    text = text.drop { $0 == 0 }
    for _ in 0..<options.skippedLines {
      guard let newline = text.firstIndex(of: 0x0A) else { break }
      text = text[(newline + 1)...]
    }
    // The last line may be cut.
    if head.count >= TextFile.headBytesMax, let newline = text.lastIndex(of: 0x0A) {
      text = text[...newline]
    }
    count = text.count
    sample = text + [UInt8](repeating: 0, count: LineBlock.padding)
  }

  // MARK: The dialect

  func dialect() -> CSVDialect {
    let delimiters = options.delimiter.map { [$0] } ?? Self.delimiters
    var best: (dialect: CSVDialect, score: Score)?
    for quote in quotes() {
      for delimiter in delimiters {
        let dialect = CSVDialect(delimiter: delimiter, quote: quote)
        let score = score(dialect)
        if best.map({ $0.score < score }) ?? true { best = (dialect, score) }
      }
    }
    return best?.dialect ?? CSVDialect(delimiter: delimiters[0], quote: quotes().first ?? nil)
  }

  private func quotes() -> [UInt8?] {
    switch options.quote {
    case .found:
      sample.contains(UInt8(ascii: "\""))
        ? [UInt8(ascii: "\"")] : [UInt8(ascii: "\""), UInt8(ascii: "'")]
    case .none: [nil]
    case .character(let quote): [quote]
    }
  }

  /// Compared in this order.
  private struct Score: Comparable {
    /// Of all records, in thousands, how many have as many fields as most; 0 where that is one.
    var agreement: Int
    /// Fields in quotes.
    var quotedCount: Int
    /// Fields of a record.
    var fieldCount: Int

    static func < (a: Score, b: Score) -> Bool {
      (a.agreement, a.quotedCount, a.fieldCount) < (b.agreement, b.quotedCount, b.fieldCount)
    }
  }

  private func score(_ dialect: CSVDialect) -> Score {
    var counts: [Int: Int] = [:]
    var records = 0
    var quotedCount = 0
    forEachRecord(dialect) { scanner in
      records += 1
      guard let scanner else { return }
      counts[scanner.count, default: 0] += 1
      for index in 0..<min(scanner.count, scanner.capacity) where scanner[index].isQuoted {
        quotedCount += 1
      }
    }
    guard let most = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }), most.key > 1
    else { return Score(agreement: 0, quotedCount: quotedCount, fieldCount: 1) }
    return Score(
      agreement: most.value * 1000 / records, quotedCount: quotedCount, fieldCount: most.key)
  }

  /// Goes through the records, with nil for those at fault.
  private func forEachRecord(_ dialect: CSVDialect, _ body: (ScanDelimited?) -> Void) {
    var scanner = options.scanner(dialect, capacity: Self.fieldsMax)
    sample.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      var position = 0
      var records = 0
      while position < count, records < Self.recordsMax {
        let lineEnd = scanNewline(base, position..<count).map { $0 + 1 } ?? count
        if !isRecord(bytes, position..<lineEnd) {
          position = lineEnd
          continue
        }
        records += 1
        let (outcome, place) = scanner.record(base, position..<count)
        if case .whole = outcome {
          body(scanner)
          position = place
        } else {
          // It may go on behind the sample.
          if case .unclosed = outcome, records > 1 { return }
          body(nil)
          position = lineEnd
        }
      }
    }
  }

  private func isRecord(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Bool {
    let text = bytes[line]
    if text.allSatisfy({ $0 == 0x0A || $0 == 0x0D || $0 == 0x20 }) { return false }
    return options.comment.isEmpty || !text.starts(with: options.comment)
  }

  // MARK: The header

  /// - Parameter knownNames: folded names of the table's columns.
  func hasHeader(_ dialect: CSVDialect, knownNames: Set<String>) -> Bool {
    let records = self.records(dialect)
    guard let first = records.first else { return true }
    let names = first.map { String(decoding: $0, as: UTF8.self) }
    let trimmed = names.map { $0.trimmingSpaces }
    if !trimmed.isEmpty, trimmed.allSatisfy({ knownNames.contains(foldedName($0)) }) { return true }
    let filled = trimmed.filter { !$0.isEmpty }
    guard !filled.isEmpty, Set(filled).count == filled.count,
      filled.allSatisfy({ $0.utf8.count <= 128 && kind($0) == .string })
    else { return false }
    let below = records.dropFirst()
    for column in names.indices {
      let kinds = below.lazy.map { row in
        column < row.count ? kind(String(decoding: row[column], as: UTF8.self)) : .undetermined
      }
      let joined = kinds.reduce(TextKind.undetermined) { $0.widened(with: $1) }
      if joined != .undetermined && joined != .string { return true }
    }
    guard filled.count == trimmed.count, filled.allSatisfy(\.looksLikeName) else { return false }
    return !below.contains { row in
      zip(row, first).contains { $0 == $1 }
    }
  }

  private func kind(_ text: String) -> TextKind {
    let bytes = Array(text.utf8) + [UInt8](repeating: 0, count: 8)
    return bytes.withUnsafeBufferPointer { bytes in
      TextKind(UnsafeBufferPointer(rebasing: bytes[..<(bytes.count - 8)]), times: TextTimes())
    }
  }

  private func records(_ dialect: CSVDialect) -> [[ArraySlice<UInt8>]] {
    var records: [[ArraySlice<UInt8>]] = []
    forEachRecord(dialect) { scanner in
      guard let scanner else { return }
      records.append(
        (0..<min(scanner.count, scanner.capacity)).map { sample[scanner[$0].range] })
    }
    return records
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    let tail = drop { $0 == " " || $0 == "\t" }
    return String(tail.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  /// A letter or `_`, then letters, digits and a few signs; not a sentence.
  fileprivate var looksLikeName: Bool {
    guard let first, first.isLetter || first == "_" || first == "#" || first == "@" else {
      return false
    }
    return utf8.count <= 64
      && allSatisfy { $0.isLetter || $0.isNumber || "_- .#@/()%".contains($0) }
  }
}
