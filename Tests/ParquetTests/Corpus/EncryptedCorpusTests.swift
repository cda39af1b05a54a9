import Base
import Foundation
import Records
import Testing

@testable import Parquet

/// The corpus's encrypted files, with the keys that its README gives.
@Suite struct EncryptedCorpusTests {
  /// Files of the same 50 rows, which are made by rule.
  private static let sameRows: [(path: String, prefix: String?)] =
    ["", "aes256/"].flatMap { folder in
      [
        ("uniform_encryption", nil), ("encrypt_columns_and_footer", nil),
        ("encrypt_columns_and_footer_ctr", nil), ("encrypt_columns_plaintext_footer", nil),
        ("encrypt_columns_and_footer_disable_aad_storage", "tester"),
      ].map { (folder + $0.0, $0.1) }
    } + [("encrypt_columns_and_footer_aad", "tester"), ("encrypt_columns_and_footer_aad", nil)]

  private static func keys(_ path: String) -> DecryptionKeys {
    let digits = path.hasPrefix("aes256/") ? 32 : 16
    func key(_ first: Int, last: Int?) -> [UInt8] {
      var key = (0..<digits).map { UInt8(ascii: "0") + UInt8(($0 + first) % 10) }
      if let last { key[digits - 1] = UInt8(ascii: "0") + UInt8(last) }
      return key
    }
    var keys = DecryptionKeys(footer: key(0, last: nil))
    let names = [
      "double_field", "float_field", "boolean_field", "int32_field", "ba_field", "flba_field",
      "int64_field", "int96_field",
    ]
    for (index, name) in names.enumerated() {
      keys.columns[name] = key(1, last: digits == 32 ? index + 2 : index)
    }
    return keys
  }

  private static func file(
    _ path: String, _ keys: DecryptionKeys, in corpus: URL
  ) throws -> ParquetFile {
    var options = ReadOptions()
    options.int96Unit = .microseconds
    options.decryption = keys
    let url = corpus.appendingPathComponent("data/\(path).parquet.encrypted")
    return try ParquetFile(MemorySource(try Corpus.bytes(url)), options: options)
  }

  private static func lines(_ file: ParquetFile) throws(ParquetError) -> [String] {
    let reader = try file.reader()
    let printer = RowPrinter(for: reader)
    var bytes: [UInt8] = []
    while let batch = try reader.next() { bytes += try printer.lines(of: batch) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func rowsMadeByRule() throws {
    guard let corpus = try Corpus.required() else { return }
    for (path, prefix) in Self.sameRows {
      var keys = Self.keys(path)
      keys.aadPrefix = prefix.map { Array($0.utf8) }
      let file = try Self.file(path, keys, in: corpus)
      #expect(file.footerProtection == (path.contains("plaintext") ? .verified : .encrypted))
      let lines = try Self.lines(file)
      #expect(lines.count == 50, "\(path)")
      for (row, line) in lines.enumerated() {
        let json = try JSONValue(parsing: line)
        #expect(json["boolean_field"]?.boolean == (row % 2 == 0))
        #expect(json["int32_field"]?.string == "00:00:00.\(row < 10 ? "00" : "0")\(row)000")
        #expect(
          json["int64_field"]?.array?.compactMap(\.integer)
            == [Int64(2 * row) * 1_000_000_000_000, Int64(2 * row + 1) * 1_000_000_000_000])
        #expect(json["float_field"]?.number == Double(Float(row) * 1.1))
        #expect(json["double_field"]?.number == Double(row) * 1.1111111)
        let text = "parquet\(row < 10 ? "00" : "0")\(row)"
        #expect(
          json["ba_field"]?.string
            == (row % 2 == 0 ? Data(text.utf8).base64EncodedString() : nil))
        #expect(
          json["flba_field"]?.string
            == Data(repeating: UInt8(row), count: 10).base64EncodedString())
      }
      #expect(file.verify().findings.map(\.description) == [], "\(path)")
    }
  }

  @Test func bloomFilters() throws {
    guard let corpus = try Corpus.required() else { return }
    let path = "encrypt_columns_and_footer_bloom_filter"
    let file = try Self.file(path, Self.keys(path), in: corpus)
    let lines = try Self.lines(file)
    for (row, line) in lines.enumerated() {
      let json = try JSONValue(parsing: line)
      #expect(json["double_field"]?.number == Double(row) + 0.5)
      #expect(json["float_field"]?.number == Double(row) + 0.25)
      #expect(json["name"]?.string == "name_\(row)")
    }
    #expect(lines.count > 10)
    for name in ["double_field", "float_field"] {
      let leaf = try #require(file.parquetSchema.leaves.first { $0.name == name })
      let filter = try #require(try file.bloomFilter(rowGroup: 0, leaf: leaf))
      let value = try #require(
        OrderedValue.double(name == "double_field" ? 1.5 : 1.25)
          .plainBytes(leaf))
      #expect(filter.mayContain(value))
    }
    #expect(file.verify().isSound)
  }

  /// Keys that are wrapped twice, by master keys, in a file of their own.
  @Test func keyMaterialOutside() throws {
    guard let corpus = try Corpus.required() else { return }
    let path = "external_key_material_java"
    let known = Self.keys(path)
    var keys = DecryptionKeys()
    keys.byMetadata[Array("kf".utf8)] = known.footer
    keys.byMetadata[Array("kc1".utf8)] = known.columns["double_field"]
    keys.byMetadata[Array("kc2".utf8)] = known.columns["float_field"]
    #expect(throws: ParquetError.self) { try Self.file(path, keys, in: corpus) }
    let material = corpus.appendingPathComponent(
      "data/_KEY_MATERIAL_FOR_\(path).parquet.encrypted.json")
    try keys.addKeyMaterial(
      parsing: String(decoding: try Corpus.bytes(material), as: UTF8.self))
    let lines = try Self.lines(try Self.file(path, keys, in: corpus))
    #expect(lines.first == #"{"integers":0,"strings":"a0"}"#)
    #expect(lines.last?.hasPrefix(#"{"integers":\#(lines.count - 1),"#) == true)
  }
}
