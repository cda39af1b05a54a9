internal import Base

/// What there is to know about a server and about what its user may see.
struct ServerFacts: Sendable {
  /// `MariaDB 10.11.6`, `MySQL 8.4.0`.
  var label: String
  /// The account as the server has it, for GRANT: `'reader'@'%'`.
  var account: String
  /// Variables of the session, as this program's connections have them.
  var variables: [String: String]
  /// The zone in which sessions begin: `SYSTEM`, `+00:00`, `Europe/Berlin`.
  var zone: String
  /// Whether named zones are loaded.
  var knowsZones: Bool
  /// Whether other users' transactions are seen.
  var seesWriters: Bool
  /// What the server replicates; nil where the user may not see that.
  var replication: Replication?
  var isMariaDB: Bool
  /// Whether clients may write dates such as 0000-00-00, unless they say otherwise themselves.
  var allowsZeroDates: Bool

  struct Replication: Sendable, Equatable {
    /// Whether it takes its rows from another server.
    var isReplica: Bool
    /// nil where replication has stopped.
    var lagSeconds: Double?
  }

  /// The zone with what SYSTEM means: `SYSTEM (CET)`.
  var zoneText: String {
    guard zone == "SYSTEM", let system = variables["system_time_zone"], !system.isEmpty else {
      return zone
    }
    return "SYSTEM (\(system))"
  }

  var isReadOnly: Bool {
    ["read_only", "innodb_read_only"].contains { name in
      variables[name].map { $0 != "OFF" && $0 != "0" } ?? false
    }
  }

  /// The statement that lets the user see how far a replica is behind.
  var replicationGrant: String {
    // MariaDB parted the privilege in 10.5.
    let minor = label.dropFirst("MariaDB ".count).split(separator: ".").prefix(2).compactMap {
      Int($0)
    }
    let isParted = isMariaDB && !minor.lexicographicallyPrecedes([10, 5])
    return "GRANT \(isParted ? "REPLICA MONITOR" : "REPLICATION CLIENT") ON *.* TO \(account)"
  }

  var processGrant: String { "GRANT PROCESS ON *.* TO \(account)" }

  static func label(_ version: String, _ variables: [String: String]) -> String {
    // Old MariaDB puts 5.5.5- before its version, for clients that only know MySQL's.
    let text = version.hasPrefix("5.5.5-") ? String(version.dropFirst(6)) : version
    let number = String(text.prefix { $0.isNumber || $0 == "." })
    if version.contains("MariaDB") { return "MariaDB \(number)" }
    if let aurora = variables["aurora_version"], !aurora.isEmpty {
      return "Aurora MySQL \(aurora) (MySQL \(number))"
    }
    if version.contains("TiDB") { return "TiDB \(text)" }
    let isPercona = variables["version_comment"]?.contains("Percona") ?? false
    return "\(isPercona ? "Percona Server" : "MySQL") \(number)"
  }

  /// `reader@%` as GRANT takes it.
  static func quoted(_ account: String) -> String {
    guard let at = account.lastIndex(of: "@") else { return SQLText.literal(account) }
    return SQLText.literal(String(account[..<at])) + "@"
      + SQLText.literal(String(account[account.index(after: at)...]))
  }
}

extension ServerFacts {
  private static let names = [
    "version_comment", "aurora_version", "time_zone", "system_time_zone", "sql_mode", "read_only",
    "innodb_read_only", "net_write_timeout", "wait_timeout", "max_statement_time",
    "max_execution_time", "idle_transaction_timeout", "idle_readonly_transaction_timeout",
    "innodb_kill_idle_transaction", "kill_idle_transaction",
  ]

  init(_ connection: Connection) throws(ServerError) {
    let list = Self.names.map(SQLText.literal).joined(separator: ", ")
    var variables: [String: String] = [:]
    for row in try connection.rows("SHOW SESSION VARIABLES WHERE Variable_name IN (\(list))") {
      if let name = row.first ?? nil { variables[name.lowercased()] = row.last ?? "" }
    }
    self.variables = variables
    zone = try ServerVariables(connection)["time_zone"] ?? "SYSTEM"
    isMariaDB = connection.isMariaDB
    let mode = try connection.value("SELECT @@GLOBAL.sql_mode") ?? ""
    allowsZeroDates = !mode.contains("NO_ZERO_DATE") || !mode.contains("STRICT_")
    label = Self.label(connection.serverVersion, variables)
    account = Self.quoted(try connection.value("SELECT CURRENT_USER()") ?? "")
    let converted = try connection.value(
      "SELECT CONVERT_TZ('2024-07-01 12:00:00', 'UTC', 'Europe/Berlin')")
    knowsZones = converted != nil
    seesWriters = try Self.isAllowed {
      () throws(ServerError) in
      _ = try connection.rows("SELECT trx_id FROM information_schema.INNODB_TRX LIMIT 1")
    }
    replication = try Self.replication(connection)
  }

  private static func isAllowed(
    _ body: () throws(ServerError) -> Void
  ) throws(ServerError) -> Bool {
    do throws(ServerError) {
      try body()
      return true
    } catch {
      guard error.isDenied || error.isUnknownFeature else { throw error }
      return false
    }
  }

  private static func replication(
    _ connection: Connection
  ) throws(ServerError) -> Replication? {
    let statements =
      connection.isMariaDB
      ? ["SHOW ALL SLAVES STATUS"] : ["SHOW REPLICA STATUS", "SHOW SLAVE STATUS"]
    for statement in statements {
      do throws(ServerError) {
        let statuses = try connection.namedRows(statement)
        let lags = statuses.map {
          ($0["seconds_behind_source"] ?? $0["seconds_behind_master"]).flatMap(Double.init)
        }
        let known = lags.compactMap { $0 }
        return Replication(
          isReplica: !statuses.isEmpty, lagSeconds: known.count == lags.count ? known.max() : nil)
      } catch {
        if error.isDenied { return nil }
        guard error.isUnknownFeature else { throw error }
      }
    }
    return nil
  }
}
