internal import Foundation

/// A real MariaDB for tests: a process of its own, with its own data folder, a socket in it and a
/// port on loopback. It ends with this process, however that ends, and leaves nothing behind.
public final class MariaDBServer: Sendable {
  /// One for all tests of a bundle, its zone UTC. Starting it must not fail quietly: tests without
  /// their server prove nothing.
  public static let shared: Result<MariaDBServer, MariaDBProblem> = Result {
    () throws(MariaDBProblem) in
    try MariaDBServer()
  }

  /// Path of the server's Unix socket.
  public let socket: String
  /// On 127.0.0.1.
  public let port: Int
  /// A certificate that the server shows under TLS; trust it to verify. Its name is `localhost`.
  public let certificatePath: String
  public let user = "root"

  private let folder: String
  private let process: Process
  /// Held open: the process's shell ends the server when it closes.
  private let lifeline: Pipe

  /// - Parameters:
  ///   - zone: the server's system zone, such as `Europe/Berlin`.
  ///   - options: more options of `mariadbd`.
  public init(zone: String = "UTC", options: [String] = []) throws(MariaDBProblem) {
    folder = try Self.makeFolder()
    socket = folder + "/server.sock"
    port = try Self.freePort()
    certificatePath = folder + "/certificate.pem"
    process = Process()
    lifeline = Pipe()
    do {
      try Self.install(folder)
      try Self.makeCertificate(folder)
      try start(zone: zone, options: options)
      try waitUntilReady()
    } catch {
      stop()
      throw error
    }
  }

  deinit { stop() }

  private static func makeFolder() throws(MariaDBProblem) -> String {
    // Socket paths are limited to some hundred bytes: not the long temporary folder of a system.
    let path = "/tmp/tidemark-mariadb-\(UUID().uuidString.prefix(8))"
    do {
      try FileManager.default.createDirectory(
        atPath: path + "/data", withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw MariaDBProblem("no folder for the server: \(error)")
    }
    return path
  }

  private static func freePort() throws(MariaDBProblem) -> Int {
    let descriptor = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let found = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    guard found else { throw MariaDBProblem("no free port on 127.0.0.1") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  static func find(_ name: String) throws(MariaDBProblem) -> String {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin"]
    let found = folders.map { $0 + "/" + name }.first(
      where: FileManager.default.isExecutableFile(atPath:))
    guard let found else {
      throw MariaDBProblem("\(name) is not installed: install mariadb-server")
    }
    return found
  }

  @discardableResult
  static func run(
    _ path: String, _ arguments: [String], temporaryFolder: String? = nil
  ) throws(MariaDBProblem) -> Data {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    if let temporaryFolder { environment["TMPDIR"] = temporaryFolder }
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    do { try process.run() } catch { throw MariaDBProblem("\(path) does not start: \(error)") }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw MariaDBProblem("\(path) failed: \(String(decoding: text, as: UTF8.self))")
    }
    return text
  }

  private static func install(_ folder: String) throws(MariaDBProblem) {
    try run(
      try find("mariadb-install-db"),
      [
        "--no-defaults", "--datadir=\(folder)/data", "--skip-test-db", "--user=\(NSUserName())",
        "--auth-root-authentication-method=normal",
      ], temporaryFolder: folder)
  }

  private static func makeCertificate(_ folder: String) throws(MariaDBProblem) {
    try run(
      try find("openssl"),
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "\(folder)/key.pem",
        "-out", "\(folder)/certificate.pem",
      ])
  }

  /// A shell stands between: it ends the server and removes the folder when its input closes,
  /// which also happens when this process is killed.
  private func start(zone: String, options: [String]) throws(MariaDBProblem) {
    let script = """
      folder=$1; shift
      "$@" >"$folder/log" 2>&1 </dev/null &
      server=$!
      cat >/dev/null
      kill -9 $server 2>/dev/null
      wait $server 2>/dev/null
      rm -rf "$folder"
      """
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      [
        "-c", script, "sh", folder, try Self.find("mariadbd"), "--no-defaults",
        "--datadir=\(folder)/data", "--socket=\(socket)", "--port=\(port)",
        "--bind-address=127.0.0.1", "--user=\(NSUserName())", "--skip-log-bin",
        "--pid-file=\(folder)/pid", "--skip-name-resolve", "--innodb-buffer-pool-size=64M",
        "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=32M",
        "--max-allowed-packet=256M", "--character-set-server=utf8mb4",
        "--ssl-cert=\(certificatePath)", "--ssl-key=\(folder)/key.pem",
      ] + options
    var environment = ProcessInfo.processInfo.environment
    environment["TZ"] = zone
    // A server that starts removes what looks like temporary tables, others' as well.
    environment["TMPDIR"] = folder
    process.environment = environment
    process.standardInput = lifeline
    do { try process.run() } catch { throw MariaDBProblem("the server does not start: \(error)") }
  }

  private func waitUntilReady() throws(MariaDBProblem) {
    for _ in 0..<600 {
      if (try? MariaDBClient(socket: socket, user: user)) != nil { return }
      if !process.isRunning { break }
      Thread.sleep(forTimeInterval: 0.05)
    }
    let log = FileManager.default.contents(atPath: folder + "/log") ?? Data()
    throw MariaDBProblem(
      "the server is not ready: \(String(decoding: log.suffix(2000), as: UTF8.self))")
  }

  /// Ends the server and removes its files. May be called twice.
  public func stop() {
    try? lifeline.fileHandleForWriting.close()
    if process.isRunning { process.waitUntilExit() }
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A new connection, as root unless told otherwise.
  public func connect(
    database: String? = nil, user: String = "root", password: String? = nil
  ) throws(MariaDBProblem) -> MariaDBClient {
    try MariaDBClient(socket: socket, user: user, password: password, database: database)
  }

  /// `mysql://root@localhost/database?socket=…`, for configs.
  public func url(database: String) -> String {
    "mysql://\(user)@localhost/\(database)?socket=\(socket)"
  }
}

/// Why a test has no server, or what the server said to a test's own statement.
public struct MariaDBProblem: Error, CustomStringConvertible {
  public var description: String

  init(_ description: String) { self.description = description }
}
