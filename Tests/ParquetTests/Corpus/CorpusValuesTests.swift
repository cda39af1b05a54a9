import Base
import Foundation
import Records
import Testing

@testable import Parquet

/// Values of the corpus: against pyarrow and the corpus's own expectations, and as they stand
/// where other readers fail.
@Suite struct CorpusValuesTests {
  private func lines(_ bytes: [UInt8], _ options: ReadOptions = ReadOptions())
    throws(ParquetError) -> [UInt8]
  {
    let reader = try ParquetFile(MemorySource(bytes), options: options).reader()
    let printer = RowPrinter(for: reader)
    var lines: [UInt8] = []
    while let batch = try reader.next() { lines += try printer.lines(of: batch) }
    return lines
  }

  /// Files that pyarrow refuses too, or reads otherwise on purpose.
  private static let notCompared: Set<String> = [
    "data/incorrect_map_schema.parquet",  // pyarrow refuses maps with optional keys
    "bad_data/ARROW-GH-43605.parquet",  // pyarrow refuses it
  ]

  @Test func asPyarrowReadsThem() throws {
    guard let corpus = try Corpus.required() else { return }
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "tidemark-corpus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var manifest: [JSONValue.Member] = []
    for entry in CorpusRegistry.entries {
      guard case .rows = entry.outcome, !Self.notCompared.contains(entry.path) else { continue }
      let bytes = try Corpus.bytes(corpus.appendingPathComponent(entry.path))
      let name = "\(manifest.count)"
      try Data(try lines(bytes)).write(to: folder.appending(path: name + ".jsonl"))
      manifest.append(.init(key: name, value: .string(entry.path)))
    }
    #expect(manifest.count > 60)
    try Data(JSONValue.object(manifest).text().utf8)
      .write(to: folder.appending(path: "manifest.json"))
    let output = try PythonScript.run("corpus_values.py", [corpus.path, folder.path()])
    #expect(output.text == "\(manifest.count)\n")
  }

  private static let smallFiles: [(String, [String])] = [
    (
      "data/repeated_no_annotation.parquet",
      [
        #"{"id":1,"phoneNumbers":null}"#, #"{"id":2,"phoneNumbers":null}"#,
        #"{"id":3,"phoneNumbers":{"phone":[]}}"#,
        #"{"id":4,"phoneNumbers":{"phone":[{"number":5555555555,"kind":null}]}}"#,
        #"{"id":5,"phoneNumbers":{"phone":[{"number":1111111111,"kind":"home"}]}}"#,
        #"{"id":6,"phoneNumbers":{"phone":[{"number":1111111111,"kind":"home"},"#
          + #"{"number":2222222222,"kind":null},{"number":3333333333,"kind":"mobile"}]}}"#,
      ]
    ),
    (
      "data/incorrect_map_schema.parquet",
      [#"{"my_map":[{"key":"parent","value":"another"},{"key":"name","value":"report"}]}"#]
    ),
    (
      "data/map_no_value.parquet",
      [[1, 2, 3], [4, 5, 6], [7, 8, 9]].map { (keys: [Int]) in
        let entries = keys.map { #"{"key":\#($0),"value":null}"# }.joined(separator: ",")
        let list = keys.map(String.init).joined(separator: ",")
        return #"{"my_map":[\#(entries)],"my_map_no_v":[\#(list)],"my_list":[\#(list)]}"#
      }
    ),
    (
      "data/unknown-logical-type.parquet",
      (1...3).map { row in
        let bytes = Data("unknown string \(row)".utf8).base64EncodedString()
        return #"{"column with known type":"known string \#(row)","#
          + #""column with unknown type":"\#(bytes)"}"#
      }
    ),
    ("data/dict-page-offset-zero.parquet", Array(repeating: #"{"l_partkey":1552}"#, count: 39)),
  ]

  /// Files that at least one of pyarrow, DuckDB and polars fails on, row by row.
  @Test(arguments: smallFiles) func rowsThatOthersMiss(path: String, expected: [String]) throws {
    guard let corpus = try Corpus.required() else { return }
    let found = try lines(try Corpus.bytes(corpus.appendingPathComponent(path)))
    let text = String(decoding: found, as: UTF8.self)
    #expect(text.split(separator: "\n").map(String.init) == expected)
  }

  /// Each column is there twice, in PLAIN and in BYTE_STREAM_SPLIT.
  @Test func byteStreamSplitIsAsPlain() throws {
    guard let corpus = try Corpus.required() else { return }
    let url = corpus.appendingPathComponent("data/byte_stream_split_extended.gzip.parquet")
    let found = String(decoding: try lines(try Corpus.bytes(url)), as: UTF8.self)
    var pairs = 0
    for line in found.split(separator: "\n") {
      let json = try JSONValue(parsing: String(line))
      for member in json.members ?? [] where member.key.hasSuffix("_plain") {
        let name = member.key.replacingOccurrences(of: "_plain", with: "_byte_stream_split")
        #expect(json[name] == member.value)
        pairs += 1
      }
    }
    #expect(pairs == 7 * 200)
  }

  /// Pages whose checksum does not fit are refused, and read where checksums are not asked for.
  @Test func checksums() throws {
    guard let corpus = try Corpus.required() else { return }
    func rows(_ name: String, checks: Bool) throws(ParquetError) -> Int {
      var options = ReadOptions()
      options.checksChecksums = checks
      guard let bytes = try? Corpus.bytes(corpus.appendingPathComponent("data/\(name)")) else {
        return 0
      }
      return try lines(bytes, options).split(separator: UInt8(ascii: "\n")).count
    }
    for name in [
      "datapage_v1-corrupt-checksum.parquet", "rle-dict-uncompressed-corrupt-checksum.parquet",
    ] {
      #expect(throws: ParquetError.self) { try rows(name, checks: true) }
      #expect(try rows(name, checks: false) > 0)
    }
    #expect(try rows("datapage_v1-uncompressed-checksum.parquet", checks: true) == 5120)
    #expect(try rows("plain-dict-uncompressed-checksum.parquet", checks: true) == 1000)
  }
}
