import Base
import Connector
import Foundation
import MariaDBServer
import Testing

@testable import MySQLSource

/// A server of its own whose certificate an authority has signed, made out to `localhost` alone.
@Suite(.serialized) struct ConnectionSecurityTests {
  /// What the tests share: a server takes seconds to make.
  private struct Setting {
    let authority: CertificateAuthority
    let server: MariaDBServer
    let client: (certificate: String, key: String)

    init() throws {
      authority = try CertificateAuthority()
      let own = try authority.issue("localhost")
      client = try authority.issue("reader")
      server = try MariaDBServer(options: [
        "--ssl-ca=\(authority.certificatePath)", "--ssl-cert=\(own.certificate)",
        "--ssl-key=\(own.key)", "--performance-schema=ON", "--plugin-load-add=auth_ed25519",
      ])
    }
  }

  private func endpoint(
    _ setting: Setting, _ user: String, host: String = "localhost", _ tls: Endpoint.TLS
  ) -> Endpoint {
    Endpoint(
      sourceName: "shop", host: host, port: setting.server.port, socket: nil, user: user,
      password: "pw", database: "test_tls", tls: tls, connectTimeoutSeconds: 5)
  }

  @Test func `TLS, certificates of both sides, plugins and attributes`() throws {
    let setting = try Setting()
    defer { setting.server.stop() }
    let admin = try setting.server.connect()
    try admin.run(
      "CREATE DATABASE test_tls", "CREATE USER plain@'127.0.0.1' IDENTIFIED BY 'pw'",
      "GRANT ALL ON test_tls.* TO plain@'127.0.0.1'",
      "CREATE USER x509@'127.0.0.1' IDENTIFIED BY 'pw' REQUIRE X509",
      "GRANT ALL ON test_tls.* TO x509@'127.0.0.1'",
      "CREATE USER ed@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('pw')",
      "GRANT ALL ON test_tls.* TO ed@'127.0.0.1'")
    try verifiesNames(setting)
    try verifiesAuthority(setting)
    try bringsCertificate(setting)
    try loadsPlugins(setting)
    try tellsWhoItIs(setting, admin)
    try noTLSAtAll()
  }

  private func verifiesNames(_ setting: Setting) throws {
    let verify = Endpoint.TLS(mode: .verify, authorityPath: setting.authority.certificatePath)
    let connection = try Connection(endpoint(setting, "plain", verify))
    #expect(try connection.rows("SHOW STATUS LIKE 'Ssl_cipher'")[0][1] != "")
    connection.close()
    let wrongName = connectorError {
      try Connection(endpoint(setting, "plain", host: "127.0.0.1", verify)).close()
    }
    #expect(wrongName?.kind == .unreachable)
    #expect(wrongName?.isRetryable == false)
    #expect(wrongName?.remedy.contains("not for 127.0.0.1") == true, "\(wrongName as Any)")
    let require = Endpoint.TLS(mode: .require)
    try Connection(endpoint(setting, "plain", host: "127.0.0.1", require)).close()
  }

  private func verifiesAuthority(_ setting: Setting) throws {
    let other = try CertificateAuthority()
    for path in [nil, other.certificatePath] {
      let error = connectorError {
        try Connection(endpoint(setting, "plain", .init(mode: .verify, authorityPath: path)))
          .close()
      }
      #expect(error?.kind == .unreachable)
      #expect(error?.isRetryable == false)
      #expect(error?.remedy.contains("ca: FILE") == true, "\(error as Any)")
    }
    let missing = connectorError {
      try Connection(
        endpoint(setting, "plain", .init(mode: .verify, authorityPath: "/no/such/ca.pem"))
      ).close()
    }
    #expect(missing?.remedy.contains("Correct its name") == true, "\(missing as Any)")
  }

  private func bringsCertificate(_ setting: Setting) throws {
    var tls = Endpoint.TLS(mode: .verify, authorityPath: setting.authority.certificatePath)
    let without = connectorError { try Connection(endpoint(setting, "x509", tls)).close() }
    #expect(without?.kind == .denied)
    #expect(without?.remedy.contains("client certificate") == true)
    tls.certificatePath = setting.client.certificate
    tls.keyPath = setting.client.key
    try Connection(endpoint(setting, "x509", tls)).close()
    // Somebody else's: the server's authority does not know it.
    let other = try CertificateAuthority().issue("reader")
    tls.certificatePath = other.certificate
    tls.keyPath = other.key
    let stranger = connectorError { try Connection(endpoint(setting, "x509", tls)).close() }
    #expect(stranger != nil)
  }

  /// Authentication plugins are files that libmariadb looks for at run time.
  private func loadsPlugins(_ setting: Setting) throws {
    for tls in [Endpoint.TLS.Mode.off, .require] {
      try Connection(endpoint(setting, "ed", .init(mode: tls))).close()
    }
    for plugin in ["caching_sha2_password", "mysql_native_password", "client_ed25519"] {
      #expect(MariaDBClient.hasPlugin(plugin), "libmariadb does not find \(plugin)")
    }
  }

  private func tellsWhoItIs(_ setting: Setting, _ admin: MariaDBClient) throws {
    let connection = try Connection(endpoint(setting, "plain", .init(mode: .off)))
    defer { connection.close() }
    let rows = try admin.rows(
      """
      SELECT ATTR_NAME, ATTR_VALUE FROM performance_schema.session_connect_attrs a
      JOIN information_schema.PROCESSLIST p ON p.ID = a.PROCESSLIST_ID WHERE p.USER = 'plain'
      """)
    #expect(rows.contains(["program_name", "tidemark"]))
    #expect(rows.contains(["tidemark_source", "shop"]))
  }

  private func noTLSAtAll() throws {
    let server = try MariaDBServer(options: ["--ssl-cert=", "--ssl-key=", "--skip-ssl"])
    defer { server.stop() }
    var endpoint = Endpoint(
      sourceName: "shop", host: "127.0.0.1", port: server.port, socket: nil, user: "root",
      password: nil, database: "mysql", tls: .init(mode: .require), connectTimeoutSeconds: 5)
    let error = connectorError { try Connection(endpoint).close() }
    #expect(error?.kind == .unreachable)
    #expect(error?.remedy.contains("tls: prefer") == true, "\(error as Any)")
    endpoint.tls.mode = .prefer
    endpoint.user = "plain"
    try server.connect().run(
      "CREATE USER plain@'127.0.0.1'", "GRANT ALL ON *.* TO plain@'127.0.0.1'")
    try Connection(endpoint).close()
  }
}
