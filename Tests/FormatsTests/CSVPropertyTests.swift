import Base
import Formats
import Records
import Testing

/// Random records, written by a writer of RFC 4180 and cut anywhere, come back as they were.
@Suite struct CSVPropertyTests {
  private struct Random {
    var generator: SeededGenerator

    mutating func number(_ range: ClosedRange<Int>) -> Int {
      Int.random(in: range, using: &generator)
    }

    mutating func field() -> String {
      let pieces = [
        "a", "b c", ",", ";", "\t", "|", "\"", "\"\"", "\n", "\r\n", "'", "\\", "é", "日本", "x\"y",
        "0", "-", "\" ,", "\",\n\"", "#",
      ]
      return (0..<number(0...5)).map { _ in pieces[number(0...pieces.count - 1)] }.joined()
    }
  }

  private func written(_ field: String, _ delimiter: String, always: Bool) -> String {
    let needsQuotes =
      always || field.isEmpty
      || field.unicodeScalars.contains { "\"\r\n".unicodeScalars.contains($0) }
      || field.contains(delimiter) || field.hasPrefix(" ") || field.hasSuffix(" ")
    return needsQuotes ? "\"" + doubled(field) + "\"" : field
  }

  /// By bytes: a quote may be part of what Swift takes for a character.
  private func doubled(_ field: String) -> String {
    String(decoding: field.utf8.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] }, as: UTF8.self)
  }

  @Test(arguments: [",", ";", "\t", "|"])
  func comesBackEqual(_ delimiter: String) throws {
    var random = Random(generator: SeededGenerator(seed: 4180 + UInt64(delimiter.utf8.first ?? 0)))
    for round in 0..<60 {
      let columns = random.number(2...7)
      let names = (0..<columns).map { "n\($0)" }
      let rows = (0..<random.number(1...400)).map { _ in
        (0..<columns).map { _ in random.field() }
      }
      let newline = round % 3 == 0 ? "\r\n" : "\n"
      let always = round % 2 == 0
      var text = names.joined(separator: delimiter) + newline
      for row in rows {
        text +=
          row.map { written($0, delimiter, always: always) }.joined(separator: delimiter) + newline
      }
      let options = formatOptions([
        ("delimiter", .string(delimiter)), ("header", .boolean(true)), ("infer", .boolean(false)),
      ])
      let parsed = try ParsedFile(
        "csv", Array(text.utf8), options: options, blockBytes: random.number(1...2000)
      ).parsed
      #expect(parsed.outcome.rejects.isEmpty)
      for (index, name) in names.enumerated() {
        #expect(parsed.texts(name) == rows.map { $0[index] })
      }
    }
  }

  /// Rows and rejects account for every record, wherever the text is cut, and are the same.
  @Test func cutsChangeNothing() throws {
    var random = Random(generator: SeededGenerator(seed: 99))
    let pieces = ["a", ",", ",", "\"", "\n", "\n", "1", "\"x\"", "\"x,\ny\"", "\"\"", "\r\n"]
    for _ in 0..<150 {
      let text =
        "h,k\n" + (0..<300).map { _ in pieces[random.number(0...pieces.count - 1)] }.joined()
      let options = formatOptions([("delimiter", .string(",")), ("header", .boolean(true))])
      let whole = try ParsedFile("csv", Array(text.utf8), options: options).parsed
      let cut = try ParsedFile(
        "csv", Array(text.utf8), options: options, blockBytes: random.number(1...50)
      ).parsed
      #expect(cut.outcome.rowLines == whole.outcome.rowLines)
      let isSame =
        cut.outcome.rejects == whole.outcome.rejects && cut.texts("h") == whole.texts("h")
        && cut.texts("k") == whole.texts("k")
      #expect(isSame, "\(text)")
    }
  }
}
