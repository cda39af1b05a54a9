internal import Base
internal import Connector
internal import Foundation

extension Endpoint {
  /// Reads the settings of a source. Reaches nothing but the environment and password files.
  init(
    _ configuration: SourceConfiguration, _ context: SourceContext
  ) throws(ConnectorError) {
    let reader = SettingsReader(configuration: configuration, context: context)
    let url = try reader.url()
    let socket = reader.text("socket") ?? url?.parameters["socket"]
    guard let database = reader.text("database") ?? url?.database else {
      throw reader.problem(
        "no database is named", remedy: "Add `database:`, or a /database at the end of the URL.")
    }
    if reader.text("host") == nil, url?.host == nil, socket == nil {
      throw reader.problem(
        "neither a host nor a socket is named",
        remedy: "Add `url_env: NAME`, or `host:`, or `socket:` to the source.")
    }
    let host = reader.text("host") ?? url?.host ?? "localhost"
    let isLocal = socket != nil || ["localhost", "127.0.0.1", "::1"].contains(host)
    self.init(
      sourceName: configuration.name, host: host,
      port: configuration.options["port"]?.integer ?? url?.port ?? 3306, socket: socket,
      user: reader.text("user") ?? url?.user,
      password: try reader.password() ?? url?.password, database: database,
      tls: try reader.tls(url, isLocal: isLocal),
      connectTimeoutSeconds: reader.seconds("connect_timeout") ?? 10)
    compression = reader.text("compression").flatMap(Compression.init(rawValue:)) ?? .off
    patience.readSeconds = reader.seconds("read_timeout") ?? patience.readSeconds
    patience.lockSeconds = reader.seconds("lock_timeout") ?? patience.lockSeconds
    if let connections = configuration.options["connections"]?.integer {
      limits.connections = connections
      limits.readers = connections
    }
    limits.rowsPerSecond = configuration.options["max_rows_per_second"]?.integer
    limits.threadsRunning = configuration.options["max_threads_running"]?.integer
  }
}

private struct SettingsReader {
  let configuration: SourceConfiguration
  let context: SourceContext

  func text(_ key: String) -> String? { configuration.options[key]?.string }

  /// Whole seconds, at least one and at most a year.
  func seconds(_ key: String) -> Int? {
    configuration.options[key]?.seconds.map { Int(min(max(1, $0.rounded(.up)), 31_536_000)) }
  }

  func problem(_ message: String, remedy: String) -> ConnectorError {
    ConnectorError(.misconfigured, message, remedy: remedy, place: "sources.\(configuration.name)")
  }

  private func environment(_ key: String) throws(ConnectorError) -> String? {
    guard let name = text(key) else { return nil }
    guard let value = context.environment(name), !value.isEmpty else {
      throw problem(
        "the environment variable \(name), named by `\(key)`, is not set",
        remedy: "Set \(name) where Tidemark runs.")
    }
    return value
  }

  func url() throws(ConnectorError) -> ServerURL? {
    guard let text = try environment("url_env") else { return nil }
    do {
      return try ServerURL(text)
    } catch {
      throw problem(
        "the URL in the environment variable \(self.text("url_env") ?? "") cannot be read: "
          + error.message,
        remedy: "Write it as mysql://user:password@host:port/database, with %40 for an @.")
    }
  }

  func password() throws(ConnectorError) -> String? {
    if let password = try environment("password_env") { return password }
    guard let path = text("password_file") else { return nil }
    let full = path.hasPrefix("/") ? path : context.baseDirectory + "/" + path
    guard let data = FileManager.default.contents(atPath: full), data.count <= 65_536 else {
      throw problem(
        "the password file \(path) cannot be read",
        remedy: "Create it, readable for the user that runs Tidemark.")
    }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  func tls(_ url: ServerURL?, isLocal: Bool) throws(ConnectorError) -> Endpoint.TLS {
    let setting = configuration.options["tls"]
    var result = Endpoint.TLS(mode: isLocal ? .off : .prefer)
    let word =
      setting?.string ?? setting?["mode"]?.string ?? url.flatMap(Self.urlMode)
    if let word {
      guard let mode = Endpoint.TLS.Mode(rawValue: word) else {
        throw problem("`tls` is '\(word)'", remedy: "Write off, prefer, require or verify.")
      }
      result.mode = mode
    } else if setting?["ca"] != nil {
      result.mode = .verify
    }
    result.authorityPath = path(setting?["ca"]?.string ?? url?.parameters["ssl-ca"])
    result.certificatePath = path(setting?["cert"]?.string ?? url?.parameters["ssl-cert"])
    result.keyPath = path(setting?["key"]?.string ?? url?.parameters["ssl-key"])
    return result
  }

  private func path(_ path: String?) -> String? {
    path.map { $0.hasPrefix("/") ? $0 : context.baseDirectory + "/" + $0 }
  }

  /// `tls=require`, or `ssl-mode=VERIFY_CA` as MySQL's own tools write it.
  private static func urlMode(_ url: ServerURL) -> String? {
    if let mode = url.parameters["tls"] { return mode }
    switch url.parameters["ssl-mode"]?.uppercased() {
    case "DISABLED": return "off"
    case "PREFERRED": return "prefer"
    case "REQUIRED": return "require"
    case "VERIFY_CA", "VERIFY_IDENTITY": return "verify"
    case let other: return other?.lowercased()
    }
  }
}
