internal import CMariaDB
internal import Foundation

/// A connection of a test: runs statements, and holds transactions open.
public final class MariaDBClient: @unchecked Sendable {
  private let handle: UnsafeMutablePointer<MYSQL>

  public init(
    socket: String, user: String, password: String? = nil, database: String? = nil
  ) throws(MariaDBProblem) {
    guard let handle = mysql_init(nil) else { throw MariaDBProblem("out of memory") }
    mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
    guard mysql_real_connect(handle, nil, user, password, database, 0, socket, 0) != nil else {
      let message = String(cString: mysql_error(handle))
      mysql_close(handle)
      throw MariaDBProblem(message)
    }
    self.handle = handle
  }

  deinit { mysql_close(handle) }

  /// Whether libmariadb has an authentication plugin, built in or as a file that it finds.
  public static func hasPlugin(_ name: String) -> Bool {
    guard let handle = mysql_init(nil) else { return false }
    defer { mysql_close(handle) }
    // MYSQL_CLIENT_AUTHENTICATION_PLUGIN, from a header that plain C cannot include by itself.
    let authentication: Int32 = 2
    return mysql_client_find_plugin(handle, name, authentication) != nil
  }

  /// The server's number for this connection.
  public var id: Int { Int(mysql_thread_id(handle)) }

  /// Runs statements, one after another.
  public func run(_ statements: String...) throws(MariaDBProblem) {
    for statement in statements { _ = try rows(statement) }
  }

  /// Sends a statement without waiting for it to end; `wait` does.
  public func send(_ statement: String) throws(MariaDBProblem) {
    guard mysql_send_query(handle, statement, UInt(statement.utf8.count)) == 0 else {
      throw problem(statement)
    }
  }

  /// Waits for the statement that was sent.
  public func wait() throws(MariaDBProblem) {
    guard mysql_read_query_result(handle) == 0 else { throw problem("the statement sent") }
    if let result = mysql_store_result(handle) { mysql_free_result(result) }
  }

  /// The rows of a statement as texts, nil for NULL.
  public func rows(_ statement: String) throws(MariaDBProblem) -> [[String?]] {
    guard mysql_real_query(handle, statement, UInt(statement.utf8.count)) == 0 else {
      throw problem(statement)
    }
    guard let result = mysql_store_result(handle) else { return [] }
    defer { mysql_free_result(result) }
    let count = Int(mysql_num_fields(result))
    var rows: [[String?]] = []
    while let row = mysql_fetch_row(result), let lengths = mysql_fetch_lengths(result) {
      rows.append(
        (0..<count).map { column in
          row[column].map {
            String(
              decoding: UnsafeRawBufferPointer(start: $0, count: Int(lengths[column])),
              as: UTF8.self)
          }
        })
    }
    return rows
  }

  /// The first value of a statement.
  public func value(_ statement: String) throws(MariaDBProblem) -> String? {
    try rows(statement).first?.first ?? nil
  }

  private func problem(_ statement: String) -> MariaDBProblem {
    MariaDBProblem("\(String(cString: mysql_error(handle))): \(statement.prefix(200))")
  }
}
