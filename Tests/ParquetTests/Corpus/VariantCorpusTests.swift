import Base
import Foundation
import Records
import Testing

@testable import Parquet

/// Variants, as bytes and shredded, against the corpus's expectations.
@Suite struct VariantCorpusTests {
  /// The variants of the column `var`, one a row.
  private func variants(_ bytes: [UInt8]) throws(ParquetError) -> [Variant?] {
    let reader = try ParquetFile(MemorySource(bytes)).reader()
    var result: [Variant?] = []
    while let batch = try reader.next() {
      guard let column = batch["var"] else { continue }
      let variants = try VariantColumn(column)
      for row in 0..<batch.rowCount { result.append(try variants.variant(row)) }
    }
    return result
  }

  @Test func shreddedCases() throws {
    guard let corpus = try Corpus.required() else { return }
    let folder = corpus.appendingPathComponent("shredded_variant")
    let text = try Corpus.bytes(folder.appendingPathComponent("cases.json"))
    let cases = try #require(try JSONValue(parsing: text).array)
    var files: Set<String> = ["README.md", "cases.json"]
    for item in cases {
      guard let name = item["parquet_file"]?.string else { continue }
      files.insert(name)
      let bytes = try Corpus.bytes(folder.appendingPathComponent(name))
      if item["error_message"] != nil {
        do throws(ParquetError) {
          let found = try variants(bytes)
          Issue.record("\(name) was read as \(found)")
        } catch {
          #expect(error.kind == .corrupt || error.kind == .unsupported, "\(name): \(error)")
        }
        continue
      }
      let names = item["variant_files"]?.array ?? [item["variant_file"] ?? .null]
      var expected: [Variant?] = []
      for name in names {
        guard let name = name.string else {
          expected.append(nil)
          continue
        }
        files.insert(name)
        let value = try Corpus.bytes(folder.appendingPathComponent(name))
        expected.append(try Variant(metadataAndValue: value[...]))
      }
      do throws(ParquetError) {
        let found = try variants(bytes)
        #expect(found == expected, "\(name)")
      } catch {
        Issue.record("\(name): \(error)")
      }
    }
    for path in Corpus.files(folder) where !files.contains(path) {
      Issue.record("shredded_variant/\(path) belongs to no case")
    }
  }

  /// What the dictionary writes in a form of its own: the values are the same.
  private static let spelledOtherwise: Set<String> = [
    "primitive_timestamp", "primitive_timestampntz", "primitive_time",
    "primitive_timestamp_nanos", "primitive_decimal16", "primitive_float",
  ]

  @Test func binaryValues() throws {
    guard let corpus = try Corpus.required() else { return }
    let folder = corpus.appendingPathComponent("variant")
    // The file has a comma too many at its end.
    let text = String(
      decoding: try Corpus.bytes(folder.appendingPathComponent("data_dictionary.json")),
      as: UTF8.self)
    let mended = text.replacingOccurrences(
      of: ",\\s*\\}\\s*$", with: "}", options: .regularExpression)
    let expected = try #require(try JSONValue(parsing: mended).members)
    // The long string's text is not in the dictionary.
    var files: Set<String> = [
      "README.md", "data_dictionary.json", "long_string.metadata", "long_string.value",
    ]
    for member in expected {
      let metadata = try Corpus.bytes(folder.appendingPathComponent(member.key + ".metadata"))
      let value = try Corpus.bytes(folder.appendingPathComponent(member.key + ".value"))
      files.formUnion([member.key + ".metadata", member.key + ".value"])
      let variant = try Variant(metadata: metadata[...], value: value[...])
      var json: [UInt8] = []
      JSONText.append(variant, to: &json)
      if Self.spelledOtherwise.contains(member.key) { continue }
      let found = try JSONValue(parsing: json)
      #expect(found == member.value || found.number == member.value.number, "\(member.key)")
    }
    for path in Corpus.files(folder) where !files.contains(path) {
      Issue.record("variant/\(path) has no expected value")
    }
  }

  @Test func damagedVariants() throws {
    guard let corpus = try Corpus.required() else { return }
    let folder = corpus.appendingPathComponent("variant")
    var random = SampleMaker(seed: 9)
    for path in Corpus.files(folder) where path.hasSuffix(".value") {
      let metadataPath = path.replacingOccurrences(of: ".value", with: ".metadata")
      let metadata = try Corpus.bytes(folder.appendingPathComponent(metadataPath))
      let value = try Corpus.bytes(folder.appendingPathComponent(path))
      for _ in 0..<200 {
        var metadata = metadata
        var value = value
        if random.below(4) == 0 {
          metadata[random.below(metadata.count)] = UInt8(truncatingIfNeeded: random.next())
        } else {
          value[random.below(value.count)] = UInt8(truncatingIfNeeded: random.next())
        }
        _ = try? Variant(
          metadata: metadata[...], value: value.prefix(random.below(value.count + 1)))
      }
    }
  }
}
