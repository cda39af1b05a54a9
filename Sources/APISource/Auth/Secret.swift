internal import Base
internal import Connector
internal import Foundation

/// Where a secret is; never the secret itself.
enum Secret: Hashable, Sendable {
  case variable(String)
  case file(String)

  /// What `<name>_env` or `<name>_file` of a map says; nil where neither is there.
  init?(_ options: ConfigValue?, _ name: String) throws(ConnectorError) {
    guard let options else { return nil }
    let (variable, file) = (name + "_env", name + "_file")
    switch try options.only(of: [variable, file]) {
    case variable: self = .variable(options[variable]?.string ?? "")
    case file: self = .file(options[file]?.string ?? "")
    default: return nil
    }
  }

  /// The same, where there must be one.
  static func required(_ options: ConfigValue, _ name: String) throws(ConnectorError) -> Secret {
    if let secret = try Secret(options, name) { return secret }
    throw misconfigured(
      options, "there is no \(name)_env and no \(name)_file",
      remedy: "Add \(name)_env, the name of an environment variable, or \(name)_file, a path.")
  }
}

/// Reads secrets from where they are.
struct SecretReader: Sendable {
  var environment: @Sendable (String) -> String?
  /// The folder that relative paths are relative to.
  var baseDirectory: String
  /// Nobody is asked, so that no secret is needed: a placeholder stands for each.
  var isReplay = false

  /// Larger files are not meant.
  private static let fileBytesMax = 64 << 10
  static let placeholder = "(replayed)"

  /// - Throws: `.misconfigured` where the secret is not there.
  func read(_ secret: Secret) throws(ConnectorError) -> String {
    if isReplay { return Self.placeholder }
    switch secret {
    case .variable(let name):
      guard let value = environment(name), !value.isEmpty else {
        throw ConnectorError(
          .misconfigured, "the environment variable \(name) is not set",
          remedy: "Set it before the run: export \(name)=…")
      }
      return Self.trimmed(value)
    case .file(let name):
      let path = path(name)
      guard let file = FileHandle(forReadingAtPath: path) else {
        throw ConnectorError(
          .misconfigured, "the file \(path), which should hold a secret, cannot be read",
          remedy: "Write the secret into it, and let nobody else read it: chmod 600 \(path)")
      }
      defer { try? file.close() }
      let data = (try? file.read(upToCount: Self.fileBytesMax + 1)) ?? Data()
      let value = Self.trimmed(String(decoding: data, as: UTF8.self))
      guard data.count <= Self.fileBytesMax, !value.isEmpty else {
        throw ConnectorError(
          .misconfigured,
          "the file \(path), which should hold a secret, "
            + (value.isEmpty ? "is empty" : "has more than 64 KiB"),
          remedy: "Write the secret into it, and nothing else.")
      }
      return value
    }
  }

  /// Where a file of the config is.
  func path(_ name: String) -> String {
    name.hasPrefix("/") ? name : baseDirectory + "/" + name
  }

  /// The line break that files and shells leave at the end is not part of a secret.
  private static func trimmed(_ value: String) -> String {
    String(value.reversed().drop { $0.isNewline }.reversed())
  }
}
