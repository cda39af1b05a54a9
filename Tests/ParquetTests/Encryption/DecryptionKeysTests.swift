import Testing

@testable import Parquet

@Suite struct DecryptionKeysTests {
  private func message(_ text: String) -> String? {
    do throws(ParquetError) {
      _ = try DecryptionKeys(parsing: text)
      return nil
    } catch {
      return error.message
    }
  }

  @Test func aFileOfKeys() throws {
    let keys = try DecryptionKeys(
      parsing: """
        # keys of the tests
        footer = 30313233343536373839303132333435

        column customer.name = utf8:1234567890123450
        column a = b = base64:MTIzNDU2Nzg5MDEyMzQ1MA==
        key kc1=MTIzNDU2Nzg5MDEyMzQ1MA==
        aad_prefix = tester
        """)
    #expect(keys.footer == Array("0123456789012345".utf8))
    #expect(keys.columns["customer.name"] == Array("1234567890123450".utf8))
    #expect(keys.columns["a = b"] == Array("1234567890123450".utf8))
    #expect(keys.byMetadata[Array("kc1".utf8)] == Array("1234567890123450".utf8))
    #expect(keys.aadPrefix == Array("tester".utf8))
    #expect(try DecryptionKeys(parsing: "aad_prefix = hex:00ff").aadPrefix == [0, 255])
  }

  @Test func whatCannotBeReadIsNotRepeated() {
    #expect(
      message("\nfooter = secret")
        == "keys, line 2: the key is neither hexadecimal digits, base64 nor utf8: with text")
    #expect(
      message("footer = utf8:secret")
        == "keys, line 1: a key of 6 bytes, expected 16, 24 or 32")
    #expect(message("secret")?.contains("secret") == false)
    #expect(message("colunm a = 00")?.contains("expected footer = KEY") == true)
    #expect(message("column = 00") != nil)
  }

  /// A key of a column serves what is nested in it.
  @Test func keysOfOuterColumns() throws {
    let keys = DecryptionKeys(columns: ["a": Array(repeating: 1, count: 16)])
    #expect(try keys.key(for: .column("a.list.element"), metadata: nil).count == 16)
    #expect(throws: ParquetError.self) { try keys.key(for: .column("ab"), metadata: nil) }
  }

  @Test func additionalAuthenticatedData() throws {
    let cipher = ModuleCipher(key: Array(repeating: 0, count: 16), cipher: .aesGCM)
    let chunk = try ChunkCipher(cipher, fileAAD: [9, 8], rowGroup: 258, column: 3)
    #expect(try chunk.aad(.dataPage, page: 513) == [9, 8, 2, 2, 1, 3, 0, 1, 2])
    #expect(try chunk.aad(.dictionaryPage) == [9, 8, 3, 2, 1, 3, 0])
    #expect(try chunk.aad(.dataPageHeader, page: 32767).suffix(2) == [0xFF, 0x7F])
    #expect(throws: ParquetError.self) { try chunk.aad(.dataPage, page: 32768) }
    #expect(throws: ParquetError.self) {
      try ChunkCipher(cipher, fileAAD: [], rowGroup: 32768, column: 0)
    }
  }

  @Test func modulesThatAreTooShort() {
    let cipher = ModuleCipher(key: Array(repeating: 0, count: 16), cipher: .aesGCMCTR)
    for byteCount in 0..<40 {
      let module =
        [UInt8](repeating: UInt8(max(0, byteCount - 4)), count: min(byteCount, 1))
        + [UInt8](repeating: 0, count: max(0, byteCount - 1))
      #expect(throws: ParquetError.self) { try cipher.open(module[...], as: .footer, aad: []) }
      let isPage = byteCount >= 16
      #expect(((try? cipher.open(module[...], as: .dataPage, aad: [])) != nil) == isPage)
    }
  }
}
