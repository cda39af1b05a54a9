/// One header line of a request or a response.
public struct HTTPHeader: Hashable, Sendable, CustomStringConvertible {
  public var name: String
  public var value: String
  /// Whether the value is a secret: never shown, and never sent to another host than the one the
  /// request was made for.
  public var isSensitive: Bool

  /// - Parameter isSensitive: nil decides by the name: `Authorization`, `Cookie`, and what has
  ///   `token`, `secret`, `password`, `signature` or `api-key` in it.
  public init(_ name: String, _ value: String, isSensitive: Bool? = nil) {
    self.name = name
    self.value = value
    self.isSensitive = isSensitive ?? SensitiveNames.contains(name)
  }

  public var description: String { "\(name): \(isSensitive ? Redactor.mask : value)" }

  /// What is wrong with the header as a line to send; nil where nothing is.
  public var problem: String? {
    let separators: Set<UInt8> = Set("()<>@,;:\\\"/[]?={} \t".utf8)
    if name.isEmpty || !name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !separators.contains($0) })
    {
      return "a header's name has characters that no header may have"
    }
    if value.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) {
      return "the value of the header '\(name)' has a line break or a zero byte in it"
    }
    return nil
  }
}

extension [HTTPHeader] {
  /// The value of the first header of that name, whatever its case.
  public func first(_ name: String) -> String? {
    let wanted = name.lowercased()
    return first { $0.name.lowercased() == wanted }?.value
  }

  /// The values of all headers of that name, in order.
  public func all(_ name: String) -> [String] {
    let wanted = name.lowercased()
    return filter { $0.name.lowercased() == wanted }.map(\.value)
  }
}

/// Names of headers and query parameters whose values are secrets by custom.
enum SensitiveNames {
  private static let whole: Set<String> = [
    "authorization", "proxy-authorization", "cookie", "set-cookie", "key", "auth", "sig", "code",
    "sas", "jwt", "bearer", "pwd", "session",
  ]
  private static let parts = [
    "token", "secret", "passw", "signature", "credential", "apikey", "api-key", "api_key",
    "access-key", "access_key", "accesskey", "authorization",
  ]

  static func contains(_ name: String) -> Bool {
    let name = name.lowercased()
    return whole.contains(name) || parts.contains { name.contains($0) }
  }
}
