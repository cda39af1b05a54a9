/// What DuckDB's command line program is given to run.
struct DuckDBScript {
  /// Printed when the session is set up; what follows is the answer.
  static let readyMark = "--tidemark-ready--\n"

  var limits: QueryLimits
  var spillFolder: String
  /// The file of DuckDB's httpfs extension; nil where DuckDB finds it by itself.
  var httpfs: String?

  /// Sets up a session that sees the tables and nothing else, and runs the statement.
  ///
  /// The views are made before the doors are shut: from then on the session can open the tables'
  /// files, and no other, and neither settings nor the program's own commands can change that.
  func query(_ sql: String, _ request: QueryRequest, tables: [QueryTable]) -> String {
    let files = tables.flatMap { $0.partitions.flatMap(\.files) }
    var text = settings
    if files.contains(where: { $0.hasPrefix("s3://") }) { text += reachS3(request.s3) }
    for name in request.searchPath {
      text += "CREATE SCHEMA IF NOT EXISTS \(DuckDBText.name(name));\n"
    }
    for table in tables { text += DuckDBView(table).statement }
    if !request.searchPath.isEmpty {
      let names = request.searchPath.map(DuckDBText.name).joined(separator: ",")
      text += "SET search_path = \(DuckDBText.literal(names));\n"
    }
    let paths = files.map(DuckDBText.literal).joined(separator: ",\n")
    text += "SET allowed_paths = [\(paths)];\n"
    return text + format(request.format) + ".safe_mode\n.print \(Self.readyMark)\(sql)\n;\n"
  }

  /// Takes a statement apart without running it: see `StatementCheck`.
  func check(_ sql: String) -> String {
    """
    \(settings).mode list
    .headers off
    .safe_mode
    .print \(Self.readyMark)WITH parsed AS (
      SELECT json_serialize_sql(\(DuckDBText.literal(sql))) AS tree
    ) SELECT json_object(
      'message', json_extract_string(tree, '$.error_message'),
      'type', json_extract_string(tree, '$.error_type'),
      'position', json_extract_string(tree, '$.position'),
      'statements', json_array_length(tree, '$.statements'),
      'tables', json_extract_string(tree, '$..table_name'),
      'expressions', json_extract_string(tree, '$..cte_map.map[*].key'),
      'shows', json_extract_string(tree, '$..show_type'),
      'functions', json_extract_string(tree, '$..function_name')
    ) FROM parsed;

    """
  }

  private var settings: String {
    """
    .bail on
    SET memory_limit = '\(max(32 << 20, limits.memoryBytes) / 1024)KiB';
    SET threads = \(max(1, limits.threads));
    SET temp_directory = \(DuckDBText.literal(spillFolder));
    SET autoinstall_known_extensions = false;
    SET autoload_known_extensions = false;
    SET allow_community_extensions = false;
    SET enable_progress_bar = false;
    SET TimeZone = 'UTC';

    """
  }

  private func reachS3(_ access: S3Access?) -> String {
    var text = "LOAD \(httpfs.map(DuckDBText.literal) ?? "httpfs");\n"
    guard let access else { return text }
    var options = [
      "TYPE s3", "REGION \(DuckDBText.literal(access.region))",
      "KEY_ID \(DuckDBText.literal(access.keyID))",
      "SECRET \(DuckDBText.literal(access.secretKey))", "USE_SSL \(access.usesTLS)",
      "URL_STYLE '\(access.isPathStyle ? "path" : "vhost")'",
    ]
    if let token = access.sessionToken {
      options.append("SESSION_TOKEN \(DuckDBText.literal(token))")
    }
    if let endpoint = access.endpoint {
      options.append("ENDPOINT \(DuckDBText.literal(endpoint))")
    }
    // Creating a secret answers with a table; it comes before the ready mark.
    text += "CREATE SECRET (\(options.joined(separator: ", ")));\n"
    return text
  }

  private func format(_ format: QueryFormat) -> String {
    switch format {
    case .table(let rowsMax, let width):
      ".mode duckbox\n.maxrows \(max(1, rowsMax))\n"
        + (width.map { ".maxwidth \(max(20, $0))\n" } ?? "")
    case .csv: ".mode csv\n.separator \",\" \"\\n\"\n.nullvalue ''\n"
    case .json: ".mode json\n"
    }
  }
}
