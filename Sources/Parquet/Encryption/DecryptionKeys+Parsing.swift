internal import Foundation

extension DecryptionKeys {
  /// Keys as a file of text has them, one a line:
  ///
  ///     # comments and empty lines count for nothing
  ///     footer = 30313233343536373839303132333435
  ///     column customer.name = utf8:1234567890123450
  ///     key kc1 = MTIzNDU2Nzg5MDEyMzQ1MA==
  ///     aad_prefix = tester
  ///
  /// Keys are hexadecimal digits or base64; `hex:`, `base64:` or `utf8:` in front says which. An
  /// AAD prefix is text where nothing in front says otherwise. `key` names a key by the file's key
  /// metadata, or a master key.
  /// - Throws: `.encrypted` with the line's number; its value is not told.
  public init(parsing text: String) throws(ParquetError) {
    self.init()
    for (index, line) in text.split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated() {
      let line = line.trimmingCharacters(in: .whitespaces)
      if line.isEmpty || line.hasPrefix("#") { continue }
      do throws(ParquetError) {
        try add(line)
      } catch {
        throw ParquetError(.encrypted, "keys, line \(index + 1): \(error.message)")
      }
    }
  }

  private mutating func add(_ line: String) throws(ParquetError) {
    // Names may hold equals signs, and base64 ends with them.
    let separator = line.range(of: " = ", options: .backwards) ?? line.range(of: "=")
    guard let separator else { throw Self.unreadable("no equals sign") }
    let left = line[..<separator.lowerBound].trimmingCharacters(in: .whitespaces)
    let value = line[separator.upperBound...].trimmingCharacters(in: .whitespaces)
    let words = left.split(separator: " ", maxSplits: 1)
    let name = words.count == 2 ? words[1].trimmingCharacters(in: .whitespaces) : ""
    switch (words.first, name.isEmpty) {
    case ("footer", true): footer = try Self.key(value)
    case ("column", false): columns[name] = try Self.key(value)
    case ("key", false): byMetadata[Array(name.utf8)] = try Self.key(value)
    case ("aad_prefix", true): aadPrefix = Self.marked(value) ?? Array(value.utf8)
    default: throw Self.unreadable("not one of these")
    }
  }

  private static func unreadable(_ what: String) -> ParquetError {
    ParquetError(
      .encrypted,
      "\(what), expected footer = KEY, column NAME = KEY, key ID = KEY or aad_prefix = TEXT")
  }

  private static func key(_ text: String) throws(ParquetError) -> [UInt8] {
    let hasMark = ["utf8:", "hex:", "base64:"].contains(where: text.hasPrefix)
    let found =
      hasMark
      ? marked(text) : Hexadecimal.bytes(text) ?? Data(base64Encoded: text).map { Array($0) }
    guard let key = found else {
      throw ParquetError(
        .encrypted, "the key is neither hexadecimal digits, base64 nor utf8: with text")
    }
    guard [16, 24, 32].contains(key.count) else {
      throw ParquetError(.encrypted, "a key of \(key.count) bytes, expected 16, 24 or 32")
    }
    return key
  }

  /// Bytes in the way that the text says in front; nil where it does not, or they are not.
  private static func marked(_ text: String) -> [UInt8]? {
    if text.hasPrefix("utf8:") { return Array(text.utf8.dropFirst(5)) }
    if text.hasPrefix("hex:") { return Hexadecimal.bytes(text.dropFirst(4)) }
    if text.hasPrefix("base64:") {
      return Data(base64Encoded: String(text.dropFirst(7))).map { Array($0) }
    }
    return nil
  }
}
