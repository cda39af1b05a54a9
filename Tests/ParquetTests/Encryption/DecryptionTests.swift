import Base
import Foundation
import Records
import Testing

@testable import Parquet

/// Files that pyarrow encrypts when the tests run, compared with the same rows written plainly.
@Suite struct DecryptionTests {
  private static let key = Array("0123456789abcdef".utf8)

  /// Key material of a key service that wraps nothing: what is stored is the key.
  private static func open(_ metadata: [UInt8]) -> [UInt8]? {
    guard let wrapped = (try? JSONValue(parsing: metadata))?["wrappedDEK"]?.string else {
      return nil
    }
    return Data(base64Encoded: wrapped).map { Array($0) }
  }

  private static func bytes(_ folder: URL, _ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name + ".parquet")))
  }

  private static func lines(
    _ bytes: [UInt8], _ keys: DecryptionKeys? = nil, columns: [String]? = nil
  ) throws(ParquetError) -> String {
    var options = ReadOptions()
    options.decryption = keys
    let reader = try ParquetFile(MemorySource(bytes), options: options).reader(columns: columns)
    let printer = RowPrinter(for: reader)
    var lines: [UInt8] = []
    while let batch = try reader.next() { lines += try printer.lines(of: batch) }
    return String(decoding: lines, as: UTF8.self)
  }

  private static func failure(
    _ bytes: [UInt8], _ keys: DecryptionKeys? = nil, columns: [String]? = nil
  ) -> ParquetError? {
    do throws(ParquetError) {
      _ = try lines(bytes, keys, columns: columns)
      return nil
    } catch {
      return error
    }
  }

  @Test func everyWayOfEncryptingReadsAsThePlainFile() throws {
    try PythonScript.withFiles(of: "encrypted.py") { folder in
      let plain = try Self.lines(try Self.bytes(folder, "plain"))
      #expect(plain.utf8.count > 100_000)
      let long = Self.key + Self.key
      for size in [16, 24, 32] {
        for algorithm in ["AES_GCM_V1", "AES_GCM_CTR_V1"] {
          for footer in ["signed", "closed"] {
            let bytes = try Self.bytes(folder, "uniform-\(size)-\(algorithm)-\(footer)")
            let keys = DecryptionKeys(footer: Array(long.prefix(size)))
            #expect(try Self.lines(bytes, keys) == plain)
            try Self.checkWhole(bytes, keys, footer == "signed" ? .verified : .encrypted)
          }
        }
      }
      let version2 = try Self.bytes(folder, "uniform-v2")
      #expect(try Self.lines(version2, DecryptionKeys(footer: Self.key)) == plain)
      try prefixes(folder, plain)
      try columnKeys(folder, plain)
      try wrongKeys(folder)
      try changedBytes(folder)
    }
  }

  /// Everything that is encrypted besides pages is read too.
  private static func checkWhole(
    _ bytes: [UInt8], _ keys: DecryptionKeys, _ protection: FooterProtection
  ) throws {
    var options = ReadOptions()
    options.decryption = keys
    let verification = ParquetFile.verify(MemorySource(bytes), options: options)
    #expect(verification.findings.map(\.description) == [])
    let file = try ParquetFile(MemorySource(bytes), options: options)
    #expect(file.footerProtection == protection)
    for rowGroup in file.metadata.rowGroups.indices {
      for leaf in file.parquetSchema.leaves {
        let offsets = try #require(try file.offsetIndex(rowGroup: rowGroup, leaf: leaf))
        let index = try #require(try file.columnIndex(rowGroup: rowGroup, leaf: leaf))
        #expect(offsets.pageLocations.count == index.nullPages.count)
      }
    }
    // Pages are passed over, in number and place.
    let reader = try file.reader(
      columns: ["id"], predicates: [Predicate("id", .equal, .integer(2500))])
    var rows: [Int64] = []
    while let batch = try reader.next() {
      guard case .int64(let ids) = batch.columns[0].values else { continue }
      rows += Array(ids)
    }
    #expect(rows.contains(2500))
    #expect(rows.count < 1300)
  }

  private func prefixes(_ folder: URL, _ plain: String) throws {
    let stored = try Self.bytes(folder, "prefix-stored")
    let leftOut = try Self.bytes(folder, "prefix-left-out")
    var keys = DecryptionKeys(footer: Self.key)
    #expect(try Self.lines(stored, keys) == plain)
    let missing = try #require(Self.failure(leftOut, keys))
    #expect(missing.message == "the file was written with an AAD prefix that it does not store")
    keys.aadPrefix = Array("lake".utf8)
    #expect(try Self.lines(stored, keys) == plain)
    #expect(try Self.lines(leftOut, keys) == plain)
    keys.aadPrefix = Array("pond".utf8)
    #expect(Self.failure(stored, keys)?.kind == .encrypted)
    #expect(Self.failure(leftOut, keys)?.message.contains("does not pass authentication") == true)
    let without = try Self.bytes(folder, "uniform-16-AES_GCM_V1-closed")
    #expect(Self.failure(without, keys)?.remedy == "leave it out")
  }

  private func columnKeys(_ folder: URL, _ plain: String) throws {
    let keys = DecryptionKeys(lookup: Self.open)
    for footer in ["signed", "closed"] {
      let bytes = try Self.bytes(folder, "columns-\(footer)")
      #expect(try Self.lines(bytes, keys) == plain)
      try Self.checkWhole(bytes, keys, footer == "signed" ? .verified : .encrypted)
    }
    // The plain columns of a file whose footer is plain need no keys.
    let bytes = try Self.bytes(folder, "columns-signed")
    let open = ["id", "price", "day", "ratio"]
    let expected = try Self.lines(try Self.bytes(folder, "plain"), columns: open)
    #expect(try Self.lines(bytes, columns: open) == expected)
    let error = try #require(Self.failure(bytes, columns: ["place"]))
    #expect(error.kind == .encrypted)
    #expect(error.place.column == "place.x")
    #expect(error.message.hasPrefix("encrypted with a key of the column's own, key metadata \"{"))
    #expect(error.remedy == "supply a key for column place.x, or a key for its key metadata")
    #expect(Self.failure(try Self.bytes(folder, "columns-closed"))?.kind == .encrypted)
    // Nothing, and what is no key, is told from a wrong key.
    let none = DecryptionKeys(lookup: { _ in nil })
    #expect(Self.failure(bytes, none, columns: ["name"])?.message.contains("not given") == true)
    let short = DecryptionKeys(columns: ["name": [1, 2, 3]])
    #expect(
      Self.failure(bytes, short, columns: ["name"])?.message
        == "the key given for column name has 3 bytes, expected 16, 24 or 32")
    struct Unreachable: Error {}
    let failing = DecryptionKeys(lookup: { _ in throw Unreachable() })
    #expect(Self.failure(bytes, failing)?.cause is Unreachable)
  }

  private func wrongKeys(_ folder: URL) throws {
    let wrong = DecryptionKeys(footer: Array("fedcba9876543210".utf8))
    for name in ["closed", "signed"] {
      for algorithm in ["AES_GCM_V1", "AES_GCM_CTR_V1"] {
        let error = Self.failure(
          try Self.bytes(folder, "uniform-16-\(algorithm)-\(name)"), wrong)
        #expect(error?.kind == .encrypted)
        #expect(error?.description.contains("fedcba") == false)
      }
    }
    let bytes = try Self.bytes(folder, "columns-signed")
    let keys = DecryptionKeys(columns: ["name": Self.key])
    let error = Self.failure(bytes, keys, columns: ["name"])
    #expect(error?.message.hasPrefix("the column metadata does not pass authentication") == true)
    #expect(!"\(keys)".contains("48"))
    #expect(!String(reflecting: keys).contains("48"))
  }

  /// A changed byte anywhere gives an error or, in a page that AES-CTR encrypts, one that its
  /// checksum finds.
  private func changedBytes(_ folder: URL) throws {
    for name in ["closed", "signed"] {
      let bytes = try Self.bytes(folder, "uniform-16-AES_GCM_V1-\(name)")
      var options = ReadOptions()
      options.decryption = DecryptionKeys(footer: Self.key)
      for place in stride(from: 4, to: bytes.count, by: 1999) {
        var changed = bytes
        changed[place] ^= 0x10
        let verification = ParquetFile.verify(MemorySource(changed), options: options)
        #expect(!verification.isSound, "byte \(place)")
      }
    }
  }
}
