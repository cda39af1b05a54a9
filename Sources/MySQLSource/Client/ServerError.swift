internal import Connector

/// What the server or libmariadb said: a number and a sentence.
struct ServerError: Error {
  var code: UInt32
  var message: String

  /// The kinds of trouble by their numbers in the server's and the client library's lists.
  ///
  /// - SeeAlso: MySQL Error Message Reference; `mariadb/errmsg.h`.
  func connectorError(place: String) -> ConnectorError {
    let (kind, remedy) = classification
    return ConnectorError(
      kind, "the server says: \(message)", remedy: remedy, place: place,
      isRetryable: Self.retryable.contains(code) ? true : nil, cause: "error \(code)")
  }

  /// Whether a privilege is missing.
  var isDenied: Bool { Self.denied.contains(code) }

  /// Whether the server does not know a word, variable, table or function of the statement.
  var isUnknownFeature: Bool { [1054, 1064, 1109, 1146, 1193, 1235, 1305].contains(code) }

  private static let unreachable: Set<UInt32> = [
    2001, 2002, 2003, 2004, 2005, 2012, 2026, 1040, 1129, 1130, 1203, 1226,
  ]
  private static let denied: Set<UInt32> = [
    1044, 1045, 1142, 1143, 1227, 1370, 1698, 1820, 1862, 2049, 2059, 2061, 3118, 3159, 3879,
  ]
  private static let interrupted: Set<UInt32> = [
    1053, 1077, 1078, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1205, 1213, 1317, 1412, 1461,
    1927, 1969, 2006, 2013, 2014, 2055, 3024, 5013, 5014,
  ]
  private static let retryable: Set<UInt32> = [1040, 1203, 1226]

  private var classification: (ConnectorError.Kind, String) {
    switch code {
    case _ where Self.denied.contains(code):
      (.denied, "Check the user, the password and what the user may do: SELECT on the table.")
    case 1049: (.notFound, "Correct the database in the source's settings.")
    case 1146, 1051: (.notFound, "Correct the table's name, or create the table.")
    case 1054: (.notFound, "Correct the column's name: it must be a column of the table.")
    case 1461:
      (.interrupted, "Raise max_prepared_stmt_count on the server, or run again later.")
    case 2026:
      (.unreachable, "Check the source's `tls` settings against the server's certificate.")
    case _ where Self.unreachable.contains(code):
      (.unreachable, "Check host, port or socket, and that the server runs and takes connections.")
    case _ where Self.interrupted.contains(code):
      (.interrupted, "Run again: what was committed stays, the rest is read again.")
    case 1060, 1064, 1305, 1582, 1583, 1630:
      (.misconfigured, "Correct the SQL in the stream's `query` or `bookmark.by`.")
    case 2020, 2008:
      (.misconfigured, "Give the run more memory with --memory, or leave the column out.")
    default: (.malformed, "Look the error up in the server's list of error messages.")
    }
  }
}
