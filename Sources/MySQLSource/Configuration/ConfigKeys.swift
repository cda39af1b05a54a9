internal import Connector

/// What may stand under a source of type `mysql` and under its streams.
enum ConfigKeys {
  static let source: [ConfigKey] = [
    ConfigKey(
      "url_env", .string,
      "Environment variable that holds mysql://user:password@host:port/database; ?socket= and "
        + "?tls= are understood."),
    ConfigKey("host", .string, "Host name or address of the server."),
    ConfigKey("port", .integer(1...65_535), "TCP port; 3306 by default."),
    ConfigKey("socket", .string, "Path of the server's Unix socket, instead of host and port."),
    ConfigKey("user", .string, "User to connect as."),
    ConfigKey("password_env", .string, "Environment variable that holds the password."),
    ConfigKey("password_file", .string, "File that holds the password."),
    ConfigKey("database", .string, "Database whose tables the streams are."),
    ConfigKey(
      "connections", .integer(1...64),
      "Connections that a run may hold to the source at once; 4 by default. Where it is set, a "
        + "large first read uses as many; else one."),
    ConfigKey("connect_timeout", .duration, "How long to wait for a connection; 10s by default."),
    ConfigKey(
      "read_timeout", .duration,
      "How long to wait for a server that sends nothing; 1h by default."),
    ConfigKey(
      "lock_timeout", .duration,
      "How long to wait for a table that another connection has locked; 5m by default."),
    ConfigKey(
      "compression", .choice(Endpoint.Compression.allCases.map(\.rawValue)),
      "zlib compresses what is sent, for slow networks (libmariadb has no zstd); off by default."),
    maxRowsPerSecond,
    ConfigKey(
      "max_threads_running", .integer(1...100_000),
      "Reading pauses while the server's Threads_running is above this; not watched by default."),
    ConfigKey(
      "tls",
      .oneOf([
        .choice(Endpoint.TLS.Mode.allCases.map(\.rawValue)),
        .map([
          ConfigKey(
            "mode", .choice(Endpoint.TLS.Mode.allCases.map(\.rawValue)), "How much to insist."),
          ConfigKey("ca", .string, "File with the certificates to trust, PEM."),
          ConfigKey("cert", .string, "File with the client's certificate, PEM."),
          ConfigKey("key", .string, "File with the client's key, PEM."),
        ]),
      ]),
      "off, prefer, require or verify, or a map with mode, ca, cert and key; prefer by default, "
        + "off on this machine."),
  ]

  /// Of a source, for its streams together, and of a stream.
  private static let maxRowsPerSecond = ConfigKey(
    "max_rows_per_second", .integer(RowRate.perSecondMin...1_000_000_000),
    "Rows to read in a second at the most; as fast as the server gives by default.")

  static let stream: [ConfigKey] = [
    maxRowsPerSecond,
    ConfigKey("table", .string, "Table to read, where it is not the stream's name; db.table."),
    ConfigKey(
      "query", .string,
      "A SELECT to read instead of a table; {from}, {to} and {window} stand for the window."),
    ConfigKey(
      "include_tables", .oneOf([.string, .list(.string)]),
      "With a * in the stream's name: the tables to take, of those that it matches; * stands for "
        + "any characters."),
    ConfigKey(
      "exclude_tables", .oneOf([.string, .list(.string)]),
      "With a * in the stream's name: tables to leave out; * stands for any characters."),
    ConfigKey(
      "views", .boolean, "With a * in the stream's name: whether views are taken too; false."),
    ConfigKey("columns", .list(.string), "Columns to read; all by default."),
    ConfigKey("exclude", .list(.string), "Columns to leave out."),
    ConfigKey(
      "zero_dates", .choice(ZeroDates.allCases.map(\.rawValue)),
      "What becomes of dates such as 0000-00-00 and 2026-02-00: null (counted; the default), "
        + "text (date columns become text) or error."),
    ConfigKey(
      "backfill",
      .map([
        ConfigKey(
          "part_rows", .integer(1000...1_000_000_000),
          "Rows of a part; 2,000,000 by default, or what makes 256 MB.")
      ]), "How a large first read is cut into parts, each of which is committed by itself."),
    ConfigKey("deletes", .map(deletes), "How to know which rows are gone."),
    ConfigKey("bookmark", .map(bookmark), "How to know what is new; without it, all is read."),
  ]

  static let deletes: [ConfigKey] = [
    ConfigKey(
      "column", .string,
      "Column that marks a row as deleted: one that is neither NULL nor 0. The catalog names it."),
    ConfigKey(
      "compare", .duration,
      "How often the keys are compared with the table's; keys that are gone are added to the "
        + "table's side table __deleted."),
  ]

  static let bookmark: [ConfigKey] = [
    ConfigKey(
      "by", .oneOf([.string, .list(.string)]), isRequired: true,
      "Column (or several, or an expression) that grows with every change."),
    ConfigKey(
      "settle", .oneOf([.choice(["auto"]), .duration]),
      "How far behind the oldest writer to stay; auto is 2s, and 5m where writers are not seen."),
    ConfigKey(
      "lookback", .duration, "How far behind the mark to read again, dropping what is there."),
    ConfigKey(
      "zone", .string,
      "Zone of the clocks that write DATETIME and DATE cursors: a name, SYSTEM or +02:00; the "
        + "server's global zone by default."),
    ConfigKey(
      "nulls", .choice(CursorNulls.allCases.map(\.rawValue)),
      "Rows whose cursor is NULL: error (the default), skip, or include once each."),
  ]
}

/// What becomes of dates that are none.
enum ZeroDates: String, Sendable, CaseIterable {
  case null, text, error
}

/// What becomes of rows whose cursor is NULL.
enum CursorNulls: String, Sendable, CaseIterable {
  case error, skip, include
}
