internal import CMariaDB
internal import Connector
internal import Synchronization

/// One connection to a server, through libmariadb. Used by one thread at a time; `interrupt` may
/// come from any thread.
///
/// Its session only reads; what else it is, `SessionSettings` says.
final class Connection: @unchecked Sendable {
  /// A small result: texts, nil where the value is NULL.
  typealias Rows = [[String?]]

  let endpoint: Endpoint
  private var handle: UnsafeMutablePointer<MYSQL>?
  /// Its place among the run's connections, where it counts.
  private let permit: ConnectionLimit.Permit?
  private static let smallResultBytesMax: UInt = 64 << 20
  /// Set once connected; stays, so that `interrupt` never meets a closed descriptor of another.
  private let socket = Mutex<Int32?>(nil)

  /// Connects.
  /// - Parameter permit: given back when the connection is closed; nil for one that is only made
  ///   to see to another.
  init(
    _ endpoint: Endpoint, _ permit: ConnectionLimit.Permit? = nil
  ) throws(ConnectorError) {
    self.endpoint = endpoint
    self.permit = permit
    guard let handle = mysql_init(nil) else {
      throw ConnectorError(
        .unreachable, "no memory for a connection", remedy: "Free memory and run again.",
        place: endpoint.place)
    }
    self.handle = handle
    let start = ContinuousClock.now
    configure(handle)
    guard connect(handle) else {
      let error = lastError
      close()
      throw ConnectFailure(error, endpoint, after: start.duration(to: .now)).connectorError
    }
    let descriptor = Int32(mysql_get_socket(handle))
    socket.withLock { $0 = descriptor }
    tm_socket_keep_alive(descriptor)
    do throws(ConnectorError) {
      try checkTransport(handle)
      do throws(ServerError) {
        try SessionSettings(endpoint.patience).apply(to: self)
      } catch {
        throw ConnectFailure(error, endpoint, after: start.duration(to: .now)).connectorError
      }
    } catch {
      close()
      throw error
    }
  }

  deinit { close() }

  private func configure(_ handle: UnsafeMutablePointer<MYSQL>) {
    var seconds = UInt32(clamping: endpoint.connectTimeoutSeconds)
    mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds)
    seconds = UInt32(clamping: endpoint.patience.readSeconds)
    mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &seconds)
    // Statements are short: a server that does not take one in a minute is gone.
    seconds = 60
    mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &seconds)
    mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
    var packetBytesMax = Self.smallResultBytesMax
    mysql_options(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &packetBytesMax)
    if endpoint.compression == .zlib { mysql_options(handle, MYSQL_OPT_COMPRESS, nil) }
    tm_mysql_attribute(handle, "program_name", "tidemark")
    tm_mysql_attribute(handle, "tidemark_source", endpoint.sourceName)
    let tls = endpoint.tls
    guard tls.mode != .off else { return }
    mysql_ssl_set(handle, tls.keyPath, tls.certificatePath, tls.authorityPath, nil, nil)
    tm_mysql_require_tls(handle, tls.mode != .prefer, tls.mode == .verify)
  }

  private func connect(_ handle: UnsafeMutablePointer<MYSQL>) -> Bool {
    var host: String?
    if endpoint.socket == nil {
      // "localhost" means a socket file to the library, unless it is told to use TCP. A
      // certificate is for the name; where none is looked at, the address spares a look-up.
      tm_mysql_use_tcp(handle)
      host =
        endpoint.host == "localhost" && endpoint.tls.mode != .verify
        ? "127.0.0.1" : endpoint.host
    }
    return mysql_real_connect(
      handle, host, endpoint.user, endpoint.password, endpoint.database,
      UInt32(clamping: endpoint.port), endpoint.socket, 0) != nil
  }

  /// Whether the connection is what was asked for. The library enforces TLS only together with
  /// verification.
  private func checkTransport(
    _ handle: UnsafeMutablePointer<MYSQL>
  ) throws(ConnectorError) {
    let wantsTLS = endpoint.tls.mode == .require || endpoint.tls.mode == .verify
    if wantsTLS, mysql_get_ssl_cipher(handle) == nil {
      throw ConnectFailure.noTLS(endpoint)
    }
    if endpoint.compression != .off, handle.pointee.net.compress == 0 {
      throw ConnectorError(
        .misconfigured, "`compression` is \(endpoint.compression), and the server offers none",
        remedy: "Take `compression` out, or look for a proxy that stands between and has none.",
        place: endpoint.place)
    }
  }

  /// The version as the server tells it: `8.4.0`, `10.11.6-MariaDB`.
  var serverVersion: String {
    guard let handle, let text = mysql_get_server_info(handle) else { return "" }
    return String(cString: text)
  }

  var isMariaDB: Bool { serverVersion.contains("MariaDB") }

  var lastError: ServerError {
    guard let handle else { return ServerError(code: 2006, message: "the connection is closed") }
    return ServerError(
      code: mysql_errno(handle), message: String(cString: mysql_error(handle)))
  }

  /// The library's handle, for reading a result.
  func withHandle<Result>(
    _ body: (UnsafeMutablePointer<MYSQL>) throws(ServerError) -> Result
  ) throws(ServerError) -> Result {
    guard let handle else { throw lastError }
    return try body(handle)
  }

  /// Runs statements that return no rows.
  func run(_ statements: [String]) throws(ServerError) {
    for statement in statements { _ = try rows(statement) }
  }

  /// Runs a statement and takes its whole result; for small ones.
  func rows(_ statement: String) throws(ServerError) -> Rows { try result(statement).rows }

  /// The rows of a small result by the names of their columns, in lower case.
  func namedRows(_ statement: String) throws(ServerError) -> [[String: String]] {
    let (names, rows) = try result(statement)
    return rows.map { row in
      var named: [String: String] = [:]
      for (name, value) in zip(names, row) { named[name.lowercased()] = value }
      return named
    }
  }

  private func result(_ statement: String) throws(ServerError) -> (names: [String], rows: Rows) {
    guard let handle else { throw lastError }
    guard mysql_real_query(handle, statement, UInt(statement.utf8.count)) == 0 else {
      throw lastError
    }
    guard let result = mysql_use_result(handle) else {
      if mysql_errno(handle) != 0 { throw lastError }
      return ([], [])
    }
    defer { mysql_free_result(result) }
    let columns = Int(mysql_num_fields(result))
    let names = (0..<columns).map { column in
      mysql_fetch_field_direct(result, UInt32(column)).map { String(cString: $0.pointee.name) }
        ?? ""
    }
    var rows: Rows = []
    var bytesLeft = Int(Self.smallResultBytesMax)
    while let row = mysql_fetch_row(result), let lengths = mysql_fetch_lengths(result) {
      rows.append(
        (0..<columns).map { column in
          guard let value = row[column] else { return nil }
          let bytes = UnsafeRawBufferPointer(start: value, count: Int(lengths[column]))
          bytesLeft -= bytes.count + 32
          return String(decoding: bytes, as: UTF8.self)
        })
      if bytesLeft < 0 {
        throw ServerError(code: 2020, message: "a look-up returned more than fits in memory")
      }
    }
    if mysql_errno(handle) != 0 { throw lastError }
    return (names, rows)
  }

  /// The first value of a statement's result; nil where there is none or it is NULL.
  func value(_ statement: String) throws(ServerError) -> String? {
    try rows(statement).first?.first ?? nil
  }

  /// Breaks off what the connection is doing. From any thread; the connection is lost.
  func interrupt() {
    socket.withLock { descriptor in
      if let descriptor { tm_socket_shutdown(descriptor) }
    }
  }

  /// May be called twice, not while another thread uses the connection.
  func close() {
    socket.withLock { $0 = nil }
    if let handle { mysql_close(handle) }
    handle = nil
    permit?.release()
  }
}
