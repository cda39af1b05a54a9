internal import CMariaDB
internal import Connector

/// A SELECT prepared on the server: its columns are known before it runs.
///
/// Rows come in the binary protocol: numbers and dates need no parsing on this side and no
/// formatting on the server's, and FLOAT keeps all its bits.
final class Statement: @unchecked Sendable {
  let connection: Connection
  private var handle: UnsafeMutablePointer<MYSQL_STMT>?
  let columns: [MYSQL_FIELD]
  /// Holds what `columns` point to.
  private var metadata: UnsafeMutablePointer<MYSQL_RES>?

  init(_ connection: Connection, _ text: String) throws(ServerError) {
    self.connection = connection
    let created = try connection.withHandle {
      (library) throws(ServerError) -> UnsafeMutablePointer<MYSQL_STMT>? in
      mysql_stmt_init(library)
    }
    guard let created else { throw ServerError(code: 2008, message: "out of memory") }
    handle = created
    metadata = nil
    guard mysql_stmt_prepare(created, text, UInt(text.utf8.count)) == 0 else {
      let error = Self.error(of: created)
      mysql_stmt_close(created)
      handle = nil
      columns = []
      throw error
    }
    guard let result = mysql_stmt_result_metadata(created), let fields = mysql_fetch_fields(result)
    else {
      mysql_stmt_close(created)
      handle = nil
      columns = []
      throw ServerError(code: 1064, message: "the statement returns no rows: it is no SELECT")
    }
    metadata = result
    columns = Array(UnsafeBufferPointer(start: fields, count: Int(mysql_num_fields(result))))
  }

  deinit { close() }

  private static func error(of handle: UnsafeMutablePointer<MYSQL_STMT>) -> ServerError {
    ServerError(
      code: mysql_stmt_errno(handle), message: String(cString: mysql_stmt_error(handle)))
  }

  /// Sends it; its rows are then the next thing to come over the connection.
  func execute() throws(ServerError) {
    guard let handle else { throw ServerError(code: 2056, message: "the statement is closed") }
    guard mysql_stmt_execute(handle) == 0 else { throw Self.error(of: handle) }
  }

  /// May be called twice. Rows that were not read are read and dropped, unless the connection was
  /// closed before.
  func close() {
    if let metadata { mysql_free_result(metadata) }
    metadata = nil
    if let handle { mysql_stmt_close(handle) }
    handle = nil
  }
}
