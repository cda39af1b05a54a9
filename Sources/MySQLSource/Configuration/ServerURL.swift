/// A `mysql://user:password@host:port/database?name=value` URL, taken apart.
///
/// Percent signs escape bytes everywhere. Messages about it never repeat any of it.
struct ServerURL {
  var user: String?
  var password: String?
  var host: String?
  var port: Int?
  var database: String?
  var parameters: [String: String] = [:]

  struct Problem: Error {
    var message: String
  }

  init(_ text: String) throws(Problem) {
    var rest = text.trimmed
    guard let scheme = rest.firstRange(of: "://") else {
      throw Problem(message: "it is not a URL of the form mysql://user:password@host:port/database")
    }
    let name = rest[..<scheme.lowerBound].lowercased()
    guard ["mysql", "mariadb", "mysql2"].contains(name) else {
      throw Problem(message: "its scheme is not mysql://")
    }
    rest = rest[scheme.upperBound...]
    if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
    if let question = rest.firstIndex(of: "?") {
      parameters = try Self.parameters(rest[rest.index(after: question)...])
      rest = rest[..<question]
    }
    // The password may hold a '/' or '@' that nobody escaped: the last '@' ends it.
    if let at = rest.lastIndex(of: "@") {
      let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = try Self.unescaped(parts[0])
      password = parts.count > 1 ? try Self.unescaped(parts[1]) : nil
      rest = rest[rest.index(after: at)...]
    }
    if let slash = rest.firstIndex(of: "/") {
      let path = rest[rest.index(after: slash)...]
      database = path.isEmpty ? nil : try Self.unescaped(path)
      rest = rest[..<slash]
    }
    try takeAddress(rest)
  }

  private mutating func takeAddress(_ address: Substring) throws(Problem) {
    var hostPart = address
    var portPart: Substring?
    if address.hasPrefix("["), let end = address.firstIndex(of: "]") {
      hostPart = address[address.index(after: address.startIndex)..<end]
      let behind = address[address.index(after: end)...]
      if behind.hasPrefix(":") { portPart = behind.dropFirst() }
    } else if let colon = address.lastIndex(of: ":") {
      hostPart = address[..<colon]
      portPart = address[address.index(after: colon)...]
    }
    if let portPart {
      guard let number = Int(portPart), (1...65_535).contains(number) else {
        throw Problem(message: "its port is not a number from 1 to 65535")
      }
      port = number
    }
    host = hostPart.isEmpty ? nil : try Self.unescaped(hostPart)
  }

  private static func parameters(_ text: Substring) throws(Problem) -> [String: String] {
    var result: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      result[try unescaped(parts[0])] = parts.count > 1 ? try unescaped(parts[1]) : ""
    }
    return result
  }

  private static func unescaped(_ text: Substring) throws(Problem) -> String {
    var bytes: [UInt8] = []
    var iterator = text.utf8.makeIterator()
    while let byte = iterator.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = iterator.next().flatMap(hexDigit),
        let low = iterator.next().flatMap(hexDigit)
      else { throw Problem(message: "a '%' in it is not followed by two hexadecimal digits") }
      bytes.append(high << 4 | low)
    }
    guard let result = String(validating: bytes, as: UTF8.self), !result.contains("\0") else {
      throw Problem(message: "it holds bytes that are not UTF-8 text")
    }
    return result
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
