internal import Base

/// Keeps secrets out of what people read: errors, descriptions, logs.
public struct Redactor: Sendable {
  public static let mask = "•••"

  /// Longest first, so that a secret that holds another one goes whole.
  private let secrets: [String]

  /// - Parameter secrets: values that must never show, as they are, percent-encoded or as JSON
  ///   writes them. Values of fewer than four bytes are left out: they would take ordinary text
  ///   with them.
  public init(secrets: [String]) {
    var all: Set<String> = []
    for secret in secrets where secret.utf8.count >= 4 {
      all.insert(secret)
      all.insert(PercentEncoding.encode(secret))
      let quoted = JSONValue.string(secret).text().dropFirst().dropLast()
      all.insert(String(quoted))
      all.insert(
        quoted.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/"))
    }
    self.secrets = all.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
  }

  /// The text with every secret masked.
  public func clean(_ text: String) -> String {
    var text = text
    for secret in secrets where text.contains(secret) {
      text = text.split(separator: secret, omittingEmptySubsequences: false)
        .joined(separator: Self.mask)
    }
    return text
  }

  /// The bytes with every secret masked.
  public func clean(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for secret in secrets {
      let secret = Array(secret.utf8)
      guard var found = bytes.firstRange(of: secret, from: 0) else { continue }
      var clean: [UInt8] = []
      var copied = 0
      while true {
        clean += bytes[copied..<found.lowerBound]
        clean += Self.mask.utf8
        copied = found.upperBound
        guard let next = bytes.firstRange(of: secret, from: copied) else { break }
        found = next
      }
      bytes = clean + bytes[copied...]
    }
    return bytes
  }

  /// A URL for people: without user, password and fragment, sensitive query values masked, at most
  /// so many characters.
  public func url(_ url: String, charactersMax: Int = 300) -> String {
    var rest = url[...]
    var shown = ""
    if let scheme = rest.firstRange(of: "://") {
      shown += rest[..<scheme.upperBound]
      rest = rest[scheme.upperBound...]
    }
    let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    let authority = rest[..<authorityEnd]
    shown +=
      authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    rest = rest[authorityEnd...].prefix { $0 != "#" }
    shown += rest.prefix { $0 != "?" }
    if let mark = rest.firstIndex(of: "?") {
      shown += "?" + Self.query(rest[rest.index(after: mark)...])
    }
    let clean = clean(shown)
    return clean.count <= charactersMax ? clean : clean.prefix(charactersMax - 1) + "…"
  }

  private static func query(_ query: Substring) -> String {
    query.split(separator: "&", omittingEmptySubsequences: false).map { parameter in
      guard let equals = parameter.firstIndex(of: "=") else { return String(parameter) }
      let name = String(parameter[..<equals])
      return SensitiveNames.contains(name) ? "\(name)=\(mask)" : String(parameter)
    }.joined(separator: "&")
  }

  /// The first bytes of a body for people: one line, what cannot be printed as `·`.
  public func excerpt(_ body: some Collection<UInt8>, bytesMax: Int = 160) -> String {
    // Cleaned before it is cut: half a secret is still one.
    let text = clean(String(decoding: body.prefix(bytesMax * 4 + 1024), as: UTF8.self))
    var line = ""
    for scalar in text.unicodeScalars {
      if line.utf8.count >= bytesMax { return line + "…" }
      let isSpace = scalar.properties.isWhitespace
      if isSpace && (line.isEmpty || line.hasSuffix(" ")) { continue }
      let isPrintable =
        isSpace || (scalar.value >= 0x20 && scalar.value != 0x7F && scalar != "\u{FFFD}")
      line.unicodeScalars.append(isSpace ? " " : isPrintable ? scalar : "·")
    }
    return line
  }
}

extension [UInt8] {
  /// Where the bytes stand for the first time from an index on; nil where they do not.
  fileprivate func firstRange(of wanted: [UInt8], from start: Int) -> Range<Int>? {
    guard let first = wanted.first else { return nil }
    var index = start
    while count - index >= wanted.count, let next = self[index...].firstIndex(of: first) {
      if self[next...].starts(with: wanted) { return next..<next + wanted.count }
      index = next + 1
    }
    return nil
  }
}

/// Percent-encoding of URL components (RFC 3986).
public enum PercentEncoding {
  /// Everything but letters, digits and `-._~` is encoded, byte by byte of its UTF-8.
  /// - Parameter keeping: further ASCII characters to leave as they are.
  public static func encode(_ text: String, keeping: String = "") -> String {
    let kept = Set("-._~".utf8).union(keeping.utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: bytes.append(byte)
      case _ where kept.contains(byte): bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `name=value&…` for a query string.
  public static func query(_ parameters: [(name: String, value: String)]) -> String {
    parameters.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
  }
}
