internal import Connector

/// What an error's number means for a run, and what a person does about it.
///
/// Numbers below 2000 and from 3000 are the server's (MySQL's and MariaDB's differ from 1900 and
/// 3000 on), 2000 to 2999 and 5000 to 5999 the client library's, 9000 and more those of proxies.
///
/// - SeeAlso: MySQL Error Message Reference; MariaDB Error Codes; `mariadb/errmsg.h`; ProxySQL's
///   documentation of its own errors.
struct ErrorRule: Sendable {
  let codes: [UInt32]
  let kind: ConnectorError.Kind
  /// Whether the same statement may succeed later without anyone mending anything.
  let isRetryable: Bool
  let remedy: String

  private init(
    _ codes: [UInt32], _ kind: ConnectorError.Kind, retry isRetryable: Bool, _ remedy: String
  ) {
    self.codes = codes
    self.kind = kind
    self.isRetryable = isRetryable
    self.remedy = remedy
  }

  /// The rule for a number; a general one for those that are not listed.
  static func rule(for code: UInt32) -> ErrorRule { byCode[code] ?? unknown }

  private static let unknown = ErrorRule(
    [], .malformed, retry: false, "Look the error up in the server's list of error messages.")

  private static let byCode: [UInt32: ErrorRule] = {
    var result: [UInt32: ErrorRule] = [:]
    for rule in all {
      for code in rule.codes { result[code] = rule }
    }
    return result
  }()

  static let all = connecting + permissions + losses + locks + resources + statements

  // MARK: Coming to a connection

  private static let connecting = [
    ErrorRule(
      [2001, 2002, 2003, 2004, 2005, 2012], .unreachable, retry: true,
      "Check host, port or socket, and that the server runs and takes connections."),
    ErrorRule(
      [2026], .unreachable, retry: true,
      "Check the source's `tls` settings against the server's certificate."),
    ErrorRule(
      [1040], .unreachable, retry: true,
      "The server has as many connections as it takes: raise its max_connections, close idle ones,"
        + " or set fewer `connections` for the source."),
    ErrorRule(
      [1203, 1226], .unreachable, retry: true,
      "The user has used up what it may: set fewer `connections` for the source, or raise the"
        + " user's limits (max_user_connections, ALTER USER … WITH MAX_…)."),
    ErrorRule(
      [1129], .unreachable, retry: false,
      "The server has blocked this machine after too many broken connections: FLUSH HOSTS there,"
        + " and raise its max_connect_errors."),
    ErrorRule(
      [1130], .unreachable, retry: false,
      "The server lets nobody in from this machine: create the user for this machine's address."),
    ErrorRule(
      [3032], .unreachable, retry: true, "The server is in offline_mode: wait until it is back."),
    ErrorRule(
      [1047, 3168, 9001, 9002], .unreachable, retry: true,
      "The server (or what stands behind the proxy) is not ready: see its own log."),
  ]

  // MARK: What the user may do

  private static let permissions = [
    ErrorRule(
      [1045, 3118, 3955, 4151], .denied, retry: false,
      "Check the user and the password, and that the account is not locked."),
    ErrorRule([1044], .denied, retry: false, "GRANT SELECT on the database's tables to the user."),
    ErrorRule(
      [1142, 1143, 1370], .denied, retry: false,
      "GRANT SELECT on the table (EXECUTE on a function) to the user, or leave out the columns it"
        + " may not read with `exclude`."),
    ErrorRule(
      [1227], .denied, retry: false, "Grant the user the privilege that the server names."),
    ErrorRule(
      [1449], .denied, retry: false,
      "The view's definer is gone: recreate the view, or read its tables with a `query`."),
    ErrorRule(
      [1698], .denied, retry: false,
      "The user logs in as a user of the server's machine: give it a password, or use `socket:`"
        + " there."),
    ErrorRule(
      [1820, 1862], .denied, retry: false,
      "The password has expired: set a new one (ALTER USER … IDENTIFIED BY …), there and here."),
    ErrorRule(
      [3159, 3879, 4165], .denied, retry: false,
      "The server wants TLS: set `tls: require`, or `verify` with its `ca`."),
    ErrorRule(
      [1251, 2059], .denied, retry: false,
      "libmariadb lacks the user's authentication plugin: install it (Debian has it in"
        + " libmariadb3), or set MARIADB_PLUGIN_DIR to where it is."),
    ErrorRule(
      [2061], .denied, retry: false,
      "The user's authentication failed without TLS: set `tls: require`, or check the password."),
    ErrorRule(
      [2049], .denied, retry: false,
      "The user's password has a format that is no longer safe:"
        + " set it again on a newer server."),
  ]

  // MARK: Losing what there was

  private static let losses = [
    ErrorRule(
      [2006, 2013, 2014, 2055, 1152, 1158, 1159, 1160, 1161, 1184, 5013, 5014], .interrupted,
      retry: true,
      "Run again: what was committed stays, the rest is read again. If it happens each time, see"
        + " the server's log, who ends connections there (KILL), and what cuts them on the way."),
    ErrorRule(
      [1053, 1077, 1078, 1079, 1080], .interrupted, retry: true,
      "The server was being shut down: run again when it is back; what was committed stays."),
    ErrorRule(
      [1317, 1927, 3169], .interrupted, retry: true,
      "Somebody ended the connection or its statement (KILL): ask the server's people, then run"
        + " again; what was committed stays."),
    ErrorRule(
      [4031], .interrupted, retry: true,
      "The server closed the idle connection: raise its wait_timeout, or run again."),
    ErrorRule(
      [1290, 1836, 1874], .interrupted, retry: true,
      "The server is read-only or changing its role, as in a failover: run again when that is"
        + " over; what was committed stays."),
    ErrorRule(
      [3100, 3101], .interrupted, retry: true,
      "The group of servers rolled the transaction back: run again; what was committed stays."),
  ]

  // MARK: Waiting for others

  private static let locks = [
    ErrorRule(
      [1205, 3572], .interrupted, retry: true,
      "Another connection holds a lock on the table (LOCK TABLES, an ALTER, an open transaction"
        + " before one): see SHOW PROCESSLIST, run again when it is gone, or raise `lock_timeout`."),
    ErrorRule(
      [1213, 1614, 1637], .interrupted, retry: true, "Run again; what was committed stays."),
    ErrorRule(
      [1412, 1615, 1684], .interrupted, retry: true,
      "The table was changed after the run's snapshot was taken: run again; its columns are looked"
        + " up anew, and what was committed stays."),
    ErrorRule(
      [1969, 3024], .interrupted, retry: true,
      "A limit on the time of statements ended it: raise max_statement_time (max_execution_time)"
        + " for the user, or let the bookmark go by an indexed column."),
  ]

  // MARK: What runs out

  private static let resources = [
    ErrorRule(
      [3, 1021, 1026, 1030], .interrupted, retry: true,
      "The server could not write or read a file: see its log, and free space in its tmpdir and"
        + " datadir."),
    ErrorRule(
      [1114], .interrupted, retry: true,
      "A table, or a temporary one of the statement, is full: free space in the server's tmpdir,"
        + " raise tmp_disk_table_size, or make the stream's `query` sort and group less."),
    ErrorRule(
      [5, 1037, 1038, 1041, 1135, 3170], .interrupted, retry: true,
      "The server is out of memory or threads: run again when it is less busy, or raise the"
        + " buffer that it names."),
    ErrorRule(
      [1461], .interrupted, retry: true,
      "Raise max_prepared_stmt_count on the server, or run again later."),
    ErrorRule(
      [1153, 1301], .misconfigured, retry: false,
      "Raise max_allowed_packet on the server (SET GLOBAL max_allowed_packet = 1073741824), or"
        + " leave out the column with `exclude`."),
    ErrorRule(
      [2008, 2020], .misconfigured, retry: false,
      "Give the run more memory with --memory, or leave the column out with `exclude`."),
  ]

  // MARK: What the statement asks for

  private static let statements = [
    ErrorRule(
      [1049], .notFound, retry: false, "Correct the database in the source's settings."),
    ErrorRule(
      [1051, 1109, 1146], .notFound, retry: false,
      "Correct the table's name, or create the table."),
    ErrorRule(
      [1054], .notFound, retry: false,
      "Correct the column's name: it must be a column of the table."),
    ErrorRule(
      [1356], .notFound, retry: false,
      "The view refers to what is no longer there, or its definer lost a right: SHOW CREATE VIEW,"
        + " then mend it."),
    ErrorRule(
      [1060, 1064, 1066, 1267, 1271, 1305, 1582, 1583, 1584, 1630], .misconfigured, retry: false,
      "Correct the SQL in the stream's `query` or `bookmark.by`."),
    ErrorRule(
      [1792], .misconfigured, retry: false,
      "Runs only read: take what writes out of the stream's `query`, also out of the functions that"
        + " it calls."),
    ErrorRule(
      [126, 127, 144, 145, 1033, 1034, 1194, 1195, 1712, 1932], .malformed, retry: false,
      "The table is damaged: see the server's log, CHECK TABLE, and REPAIR TABLE or restore it."),
  ]
}
