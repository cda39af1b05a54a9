import Base
import Foundation
import Records
import Testing

@testable import Parquet

@Suite struct CorpusTests {
  private func outcome(
    _ bytes: [UInt8], options: ReadOptions = ReadOptions()
  ) -> CorpusEntry.Outcome {
    do throws(ParquetError) {
      let file = try ParquetFile(MemorySource(bytes), options: options)
      let reader = try file.reader()
      let printer = RowPrinter(for: reader)
      var digest: UInt64 = 0xcbf2_9ce4_8422_2325
      var rows = 0
      while let batch = try reader.next() {
        rows += batch.rowCount
        for byte in try printer.lines(of: batch) {
          digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3
        }
      }
      return .rows(rows, digest: digest)
    } catch {
      return .failure(error.kind)
    }
  }

  @Test func everyFileHasAnEntry() throws {
    guard let folder = try Corpus.required() else { return }
    let known = Set(CorpusRegistry.entries.map(\.path))
    #expect(known.count == CorpusRegistry.entries.count)
    let files = Corpus.files(folder)
    // The variants have registries of their own: `cases.json` and `data_dictionary.json`.
    for path in files where !path.hasPrefix("variant/") && !path.hasPrefix("shredded_variant/") {
      if CorpusRegistry.companionSuffixes.contains(where: path.hasSuffix) { continue }
      if !known.contains(path) { Issue.record("\(path) has no entry in the registry") }
    }
    for path in known where !files.contains(path) { Issue.record("\(path) is missing") }
  }

  @Test(arguments: CorpusRegistry.entries)
  func filesReadAsExpected(entry: CorpusEntry) throws {
    guard let folder = try Corpus.required() else { return }
    let bytes = try Corpus.bytes(folder.appendingPathComponent(entry.path))
    guard case .large(let rowCount, let textByteCount) = entry.outcome else {
      #expect(outcome(bytes) == entry.outcome)
      return
    }
    #expect(outcome(bytes) == .failure(.limitExceeded))
    var options = ReadOptions()
    options.memoryByteCountMax = 3 << 30
    let reader = try ParquetFile(MemorySource(bytes), options: options).reader()
    var rows = 0
    while let batch = try reader.next() {
      rows += batch.rowCount
      guard case .map(_, let keys, _) = batch.columns[0].values,
        case .bytes(let texts) = keys.values
      else {
        Issue.record("no map of texts")
        return
      }
      #expect(texts.views.allSatisfy { Int($0.length) == textByteCount })
    }
    #expect(rows == rowCount)
  }

  @Test(arguments: CorpusRegistry.microseconds)
  func momentsThatNanosecondsDoNotHold(entry: CorpusEntry) throws {
    guard let folder = try Corpus.required() else { return }
    var options = ReadOptions()
    options.int96Unit = .microseconds
    let bytes = try Corpus.bytes(folder.appendingPathComponent(entry.path))
    #expect(outcome(bytes, options: options) == entry.outcome)
  }

  /// Rows, columns and reports of every file come to an end without a trap.
  @Test func reportsOfEveryFile() throws {
    guard let folder = try Corpus.required() else { return }
    for path in Corpus.files(folder) where path.hasSuffix(".parquet") {
      if path.contains("large_string_map") { continue }
      let source = MemorySource(try Corpus.bytes(folder.appendingPathComponent(path)))
      _ = ParquetFile.verify(source).report
      guard let file = try? ParquetFile(source) else { continue }
      _ = file.metaReport()
      _ = file.schemaReport()
      _ = try? file.pagesReport()
    }
  }
}
