import Connector
import Foundation
import MariaDBServer
import Testing

@testable import MySQLSource

extension MySQLServerTests {
  /// Every way not to get a connection: the error says which, and what to do.
  struct ConnectionErrorTests {
    /// A user of its own, gone afterwards.
    private func withUser(
      _ database: TestDatabase, _ identification: String, grant: Bool = true,
      _ body: (Endpoint) throws -> Void
    ) throws {
      let user = "u" + database.name
      try database.run("CREATE USER '\(user)'@'127.0.0.1' \(identification)")
      if grant { try database.run("GRANT SELECT ON `\(database.name)`.* TO '\(user)'@'127.0.0.1'") }
      defer { try? database.run("DROP USER '\(user)'@'127.0.0.1'") }
      try body(endpoint(database, user: user))
    }

    private func endpoint(_ database: TestDatabase, user: String) -> Endpoint {
      Endpoint(
        sourceName: "shop", host: "127.0.0.1", port: database.server.port, socket: nil, user: user,
        password: "pw", database: database.name, tls: .init(mode: .off), connectTimeoutSeconds: 5)
    }

    private func failure(_ endpoint: Endpoint) -> ConnectorError? {
      connectorError { try Connection(endpoint).close() }
    }

    @Test func `wrong password, unknown user, locked account`() throws {
      let database = try TestDatabase()
      try withUser(database, "IDENTIFIED BY 'pw'") { endpoint in
        try Connection(endpoint).close()
        var wrong = endpoint
        wrong.password = "pw2"
        let error = failure(wrong)
        #expect(error?.kind == .denied)
        #expect(error?.isRetryable == false)
        #expect(error?.remedy.contains("password") == true)
        #expect(error?.remedy.contains("tls: require") == true)
        #expect(error?.cause == "error 1045")
        wrong = endpoint
        wrong.user = "nobody"
        #expect(failure(wrong)?.kind == .denied)
      }
      try withUser(database, "IDENTIFIED BY 'pw' ACCOUNT LOCK") { endpoint in
        let error = failure(endpoint)
        #expect(error?.kind == .denied)
        #expect(error?.remedy.contains("locked") == true)
      }
    }

    @Test func `an expired password`() throws {
      let database = try TestDatabase()
      try withUser(database, "IDENTIFIED BY 'pw' PASSWORD EXPIRE") { endpoint in
        func check(_ error: ConnectorError?) {
          #expect(error?.kind == .denied)
          #expect(error?.isRetryable == false)
          #expect(error?.remedy.contains("ALTER USER") == true)
        }
        // The server lets it in, to set a new one and nothing else.
        let connection = try Connection(endpoint)
        defer { connection.close() }
        do throws(ServerError) {
          _ = try connection.rows("SELECT 1")
          Issue.record("an expired password opened the table")
        } catch {
          check(error.connectorError(place: "t"))
        }
        try database.run("SET GLOBAL disconnect_on_expired_password = ON")
        check(failure(endpoint))
        try database.run("SET GLOBAL disconnect_on_expired_password = OFF")
      }
    }

    @Test func `a database that is not there, and one that is not ours`() throws {
      let database = try TestDatabase()
      try withUser(database, "IDENTIFIED BY 'pw'") { endpoint in
        var other = endpoint
        other.user = "root"
        other.password = nil
        other.socket = database.server.socket
        other.database = "no_such"
        let missing = failure(other)
        #expect(missing?.kind == .notFound)
        #expect(missing?.remedy.contains("`no_such`") == true)
        other = endpoint
        other.database = "mysql"
        let denied = failure(other)
        #expect(denied?.kind == .denied)
        #expect(denied?.remedy.contains("grant") == true)
      }
    }

    @Test func `no socket, no port, no host, no answer`() throws {
      let database = try TestDatabase()
      var endpoint = endpoint(database, user: "root")
      endpoint.socket = "/tmp/no-such-folder/mysqld.sock"
      let socket = failure(endpoint)
      #expect(socket?.kind == .unreachable)
      #expect(socket?.remedy.contains("/tmp/no-such-folder/mysqld.sock") == true)
      endpoint.socket = nil
      endpoint.port = 1
      let port = failure(endpoint)
      #expect(port?.kind == .unreachable)
      #expect(port?.isRetryable == true)
      #expect(port?.remedy.contains("listens on port 1 ") == true)
      endpoint.host = "no-such-host.invalid"
      let host = failure(endpoint)
      #expect(host?.kind == .unreachable)
      #expect(host?.remedy.contains("no-such-host.invalid") == true)
    }

    @Test(arguments: [false, true]) func `a host that does not answer`(_ isFull: Bool) throws {
      let database = try TestDatabase()
      let silence = try SilentListener(isFull: isFull)
      var endpoint = endpoint(database, user: "root")
      endpoint.port = silence.port
      endpoint.connectTimeoutSeconds = 1
      let start = Date()
      let error = failure(endpoint)
      #expect(Date().timeIntervalSince(start) < 5)
      #expect(error?.kind == .unreachable)
      #expect(error?.message.contains("did not answer within 1 s") == true)
      #expect(error?.remedy.contains("connect_timeout") == true)
    }

    @Test func `a server that wants TLS, and one that has no room`() throws {
      let database = try TestDatabase()
      try withUser(database, "IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS 1") { endpoint in
        try database.run("SET GLOBAL require_secure_transport = ON")
        let insecure = failure(endpoint)
        try database.run("SET GLOBAL require_secure_transport = OFF")
        #expect(insecure?.kind == .denied)
        #expect(insecure?.remedy.contains("tls: require") == true)
        let first = try Connection(endpoint)
        let second = failure(endpoint)
        #expect(second?.kind == .unreachable)
        #expect(second?.isRetryable == true)
        #expect(second?.remedy.contains("connections") == true)
        first.close()
      }
    }

    @Test func `a server at max_connections`() throws {
      let database = try TestDatabase()
      let before = try database.client.value("SELECT @@max_connections") ?? ""
      try withUser(database, "IDENTIFIED BY 'pw'") { endpoint in
        // The server takes no fewer than 10.
        try database.run("SET GLOBAL max_connections = 10")
        var open: [Connection] = []
        while open.count < 20, let next = try? Connection(endpoint) { open.append(next) }
        let error = failure(endpoint)
        for connection in open { connection.close() }
        try database.run("SET GLOBAL max_connections = \(before)")
        #expect(error?.kind == .unreachable)
        #expect(error?.isRetryable == true)
        #expect(error?.remedy.contains("max_connections") == true)
        #expect(error?.cause == "error 1040")
      }
    }
  }
}

/// Listens on loopback and never accepts: the kernel completes connections, nobody answers. A full
/// one has no room for more of them: what knocks is not heard.
private final class SilentListener {
  private let descriptor: Int32
  private var others: [Int32] = []
  let port: Int

  init(isFull: Bool) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, isFull ? 0 : 5) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    try #require(isBound)
    port = Int(UInt16(bigEndian: address.sin_port))
    for _ in 0..<(isFull ? 4 : 0) {
      let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      _ = fcntl(other, F_SETFL, O_NONBLOCK)
      withUnsafeMutablePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          _ = connect(other, address, length)
        }
      }
      others.append(other)
    }
  }

  deinit {
    for other in others { close(other) }
    close(descriptor)
  }
}
