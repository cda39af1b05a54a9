import Testing

/// What distinguishes one server from another: its name, its variables and its dictionary.
///
/// - SeeAlso: MySQL Reference Manual 5.7, 8.0 and 8.4, "INFORMATION_SCHEMA Tables" and "Server
///   System Variables"; Aurora User Guide, "Aurora MySQL reference".
struct ScriptedFamily: Sendable, CustomTestStringConvertible {
  var version: String
  var plugin: ScriptedPlugin
  /// The number of the server's default collation.
  var collation: Int
  /// What a session may set.
  var sessionVariables: Set<String>
  /// What SHOW GLOBAL VARIABLES gives.
  var globals: [String: String]
  /// Columns of the dictionary's tables, by the tables' full names in lower case.
  var dictionary: [String: [String]]
  /// First words of SHOW statements that are known.
  var shows: [String]
  /// Whether figures of tables are up to a day old unless a session says otherwise.
  var remembersFigures: Bool
  /// Tables of the dictionary that want a privilege which the user lacks.
  var denied: Set<String> = []

  var testDescription: String { version }

  private static let settable: Set<String> = [
    "sql_mode", "net_write_timeout", "net_read_timeout", "wait_timeout", "time_zone",
    "sql_select_limit", "max_execution_time", "lock_wait_timeout", "innodb_lock_wait_timeout",
    "sql_big_result", "transaction_isolation", "transaction_read_only", "group_concat_max_len",
    "optimizer_switch", "sort_buffer_size", "tmp_table_size", "unique_checks",
  ]

  private static let variables = [
    "time_zone": "SYSTEM", "system_time_zone": "UTC", "read_only": "OFF",
    "super_read_only": "OFF", "innodb_read_only": "OFF", "transaction_isolation": "REPEATABLE-READ",
    "max_execution_time": "0",
  ]

  private static let columns = [
    "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION",
    "COLUMN_DEFAULT", "IS_NULLABLE", "DATA_TYPE", "CHARACTER_MAXIMUM_LENGTH",
    "CHARACTER_OCTET_LENGTH", "NUMERIC_PRECISION", "NUMERIC_SCALE", "DATETIME_PRECISION",
    "CHARACTER_SET_NAME", "COLLATION_NAME", "COLUMN_TYPE", "COLUMN_KEY", "EXTRA", "PRIVILEGES",
    "COLUMN_COMMENT", "GENERATION_EXPRESSION",
  ]

  private static let tables = [
    "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "ENGINE", "VERSION", "ROW_FORMAT",
    "TABLE_ROWS", "AVG_ROW_LENGTH", "DATA_LENGTH", "MAX_DATA_LENGTH", "INDEX_LENGTH", "DATA_FREE",
    "AUTO_INCREMENT", "CREATE_TIME", "UPDATE_TIME", "CHECK_TIME", "TABLE_COLLATION", "CHECKSUM",
    "CREATE_OPTIONS", "TABLE_COMMENT",
  ]

  private static let statistics = [
    "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "NON_UNIQUE", "INDEX_SCHEMA", "INDEX_NAME",
    "SEQ_IN_INDEX", "COLUMN_NAME", "COLLATION", "CARDINALITY", "SUB_PART", "PACKED", "NULLABLE",
    "INDEX_TYPE", "COMMENT", "INDEX_COMMENT",
  ]

  private static let processList = [
    "ID", "USER", "HOST", "DB", "COMMAND", "TIME", "STATE", "INFO",
  ]

  private static let transactions = [
    "trx_id", "trx_state", "trx_started", "trx_requested_lock_id", "trx_wait_started", "trx_weight",
    "trx_mysql_thread_id", "trx_query", "trx_operation_state", "trx_tables_in_use",
    "trx_tables_locked", "trx_lock_structs", "trx_lock_memory_bytes", "trx_rows_locked",
    "trx_rows_modified", "trx_concurrency_tickets", "trx_isolation_level", "trx_unique_checks",
    "trx_foreign_key_checks", "trx_last_foreign_key_error", "trx_adaptive_hash_latched",
    "trx_adaptive_hash_timeout", "trx_is_read_only", "trx_autocommit_non_locking",
  ]

  /// The last of 5.7: no JSON default charset changes, no invisible columns, `tx_isolation` beside
  /// its new name.
  static let mysql57 = ScriptedFamily(
    version: "5.7.44-log", plugin: .native, collation: 8,
    sessionVariables: settable.union(["tx_isolation", "query_cache_type"]),
    globals: variables.merging(["tx_isolation": "REPEATABLE-READ"]) { $1 },
    dictionary: [
      "information_schema.columns": columns, "information_schema.tables": tables,
      "information_schema.statistics": statistics,
      "information_schema.processlist": processList,
      "information_schema.innodb_trx": transactions,
    ],
    shows: ["GLOBAL VARIABLES", "SESSION VARIABLES", "GLOBAL STATUS", "SLAVE STATUS"],
    remembersFigures: false)

  static let mysql80: ScriptedFamily = {
    var family = mysql57
    family.version = "8.0.41"
    family.plugin = .cachingSHA2
    family.collation = 255
    family.sessionVariables = settable.union(["information_schema_stats_expiry"])
    family.globals = variables
    family.dictionary["information_schema.columns"] = columns + ["SRS_ID"]
    family.dictionary["information_schema.statistics"] = statistics + ["IS_VISIBLE", "EXPRESSION"]
    family.dictionary["information_schema.innodb_trx"] = transactions + ["trx_schedule_weight"]
    family.dictionary["information_schema.check_constraints"] = [
      "CONSTRAINT_CATALOG", "CONSTRAINT_SCHEMA", "CONSTRAINT_NAME", "CHECK_CLAUSE",
    ]
    family.dictionary["performance_schema.processlist"] = processList + ["EXECUTION_ENGINE"]
    family.shows.append("REPLICA STATUS")
    family.remembersFigures = true
    return family
  }()

  static let mysql84: ScriptedFamily = {
    var family = mysql80
    family.version = "8.4.4"
    family.shows.removeAll { $0 == "SLAVE STATUS" }
    return family
  }()

  /// A later one that has done away with the old process list, as 8.4's manual announces.
  static let mysqlLater: ScriptedFamily = {
    var family = mysql84
    family.version = "9.5.0"
    family.dictionary["information_schema.processlist"] = nil
    return family
  }()

  static let auroraWriter: ScriptedFamily = {
    var family = mysql80
    family.version = "8.0.mysql_aurora.3.08.0"
    family.plugin = .native
    family.collation = 45
    family.globals["aurora_version"] = "3.08.0"
    family.globals["aurora_server_id"] = "shop-instance-1"
    return family
  }()

  static let auroraReader: ScriptedFamily = {
    var family = auroraWriter
    family.globals["aurora_server_id"] = "shop-instance-2"
    family.globals["innodb_read_only"] = "ON"
    return family
  }()

  /// A server that takes no writes, as replicas and a group's secondaries are set up.
  var readOnly: ScriptedFamily {
    var family = self
    family.globals["read_only"] = "ON"
    family.globals["super_read_only"] = "ON"
    return family
  }

  /// The server as a user without the PROCESS privilege sees it.
  var withoutProcess: ScriptedFamily {
    var family = self
    family.denied = ["information_schema.innodb_trx"]
    return family
  }
}

/// A table of the scripted server: how the dictionary describes it, and its rows.
struct ScriptedTable: Sendable {
  struct Column: Sendable {
    var wire: ScriptedColumn
    /// COLUMN_TYPE.
    var type: String
    var extra = ""
    var comment = ""
  }

  struct KeyPart: Sendable {
    var index: String
    /// nil for an expression.
    var column: String?
    var position = 1
    var isVisible = true
  }

  var name: String
  var columns: [Column]
  var keys: [KeyPart] = []
  var rows: [[ScriptedValue]] = []
  /// What the dictionary remembers from yesterday.
  var oldRowCount = 0
  var isView = false
}

/// A connection of somebody else, as the process list and the list of transactions show it.
struct ScriptedActivity: Sendable {
  var id: Int
  var command = "Query"
  var seconds = 0
  var state = ""
  var statement: String?
  /// Seconds since the epoch; nil where there is no transaction.
  var transactionStart: Int?
  var hasLocks = false
}
