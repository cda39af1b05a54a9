public import Base

/// Who signs. The secret parts never show in descriptions.
public struct AWSCredentials: Hashable, Sendable {
  public var accessKeyID: String
  public var secretKey: String
  public var sessionToken: String?
  /// When they stop working; nil: never.
  public var expiration: Instant?
  /// Where they were found, for people.
  public var origin: String

  public init(
    accessKeyID: String, secretKey: String, sessionToken: String? = nil,
    expiration: Instant? = nil, origin: String = "given"
  ) {
    self.accessKeyID = accessKeyID
    self.secretKey = secretKey
    self.sessionToken = sessionToken
    self.expiration = expiration
    self.origin = origin
  }

  var secrets: [String] { [secretKey] + (sessionToken.map { [$0] } ?? []) }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "credentials \(accessKeyID) from \(origin)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["credentials": description]) }
}
