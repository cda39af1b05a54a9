internal import Connector
internal import Formats
internal import Records

/// Objects in an array of each record that fill a side table of their own.
struct ChildTable: Sendable {
  /// The side table's name: `lines`, or `lines__taxes` for what lies in those.
  var side: String
  /// From the record on, or from the child that these lie in.
  var path: JSONPath
  /// Columns that tell the children of one parent apart.
  var key: [String]
  /// Where the array is taken out of the parent's own row; nil where it stays.
  var omitted: JSONPath?
  var rows: JSONRowOptions
  /// The columns by which the children in these know them, besides those of their own parents.
  var ownColumns: [(name: String, path: JSONPath?)]
  var children: [ChildTable]

  static let depthMax = 4
  static let indexColumn = "_index"
  /// Names that side tables have already.
  private static let taken: Set<String> = ["rejects", "deleted"]

  /// - Parameter parent: the table that these are children of; nil: the stream's own.
  static func tables(
    _ options: ConfigValue?, in parent: String? = nil, depth: Int = 1, zone: TimeZoneRules
  ) throws(ConnectorError) -> [ChildTable] {
    var tables: [ChildTable] = []
    for entry in options?.entries ?? [] {
      tables.append(try ChildTable(entry, parent, depth, zone))
    }
    return tables
  }

  private init(
    _ entry: ConfigValue.Entry, _ parent: String?, _ depth: Int, _ zone: TimeZoneRules
  ) throws(ConnectorError) {
    let name = entry.key
    let options = entry.value
    guard Self.isName(name) else {
      throw misconfigured(
        options, "'\(name)' cannot name a side table",
        remedy:
          "Use small letters, digits and single underscores, and neither 'rejects' nor 'deleted'.")
    }
    guard depth <= Self.depthMax else {
      throw misconfigured(
        options, "child tables lie more than \(Self.depthMax) levels deep",
        remedy: "Leave the deepest ones in their parents, as JSON.")
    }
    side = parent.map { "\($0)__\(name)" } ?? name
    let isShort = options.string != nil
    guard let value = isShort ? options : options["path"] else {
      throw misconfigured(
        options, "the child table '\(name)' has no path", remedy: "Add path: $.\(name).")
    }
    path = try value.jsonPath()
    guard !path.steps.isEmpty else {
      throw misconfigured(
        value, "the path of the child table '\(name)' is the record itself",
        remedy: "Write the path of an array in it: $.\(name).")
    }
    key = isShort ? [] : options["key"]?.strings ?? []
    omitted = !isShort && options["keep"]?.boolean == true ? nil : try Self.container(path, value)
    rows = try JSONRowOptions(isShort ? ConfigValue(.map([])) : options, zone: zone)
    ownColumns = []
    for column in key {
      guard let path = try? JSONPath(parsing: column), path.isSingular else {
        throw misconfigured(
          options, "the key '\(column)' of the child table '\(name)' is no name of a field",
          remedy: "Write names of fields, such as key: [line_no].")
      }
      ownColumns.append(("_parent_\(name)_\(Self.columnName(column))", path))
    }
    if key.isEmpty { ownColumns = [("_parent_\(name)\(Self.indexColumn)", nil)] }
    children =
      isShort
      ? [] : try Self.tables(options["children"], in: side, depth: depth + 1, zone: zone)
  }

  private static func isName(_ name: String) -> Bool {
    let isPlain = name.utf8.allSatisfy {
      $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
    }
    return isPlain && !name.isEmpty && name.utf8.count <= 60 && !name.contains("__")
      && !name.hasPrefix("_") && !name.hasSuffix("_") && !taken.contains(name)
  }

  /// The one place of the array that the children are in; nil where there are several.
  private static func container(_ path: JSONPath, _ value: ConfigValue) throws(ConnectorError)
    -> JSONPath?
  {
    if path.isSingular { return path }
    guard case .all? = path.steps.last else { return nil }
    let rest = try? JSONPath(parsing: path.text(ofFirst: path.steps.count - 1))
    return rest.flatMap { $0.isSingular ? $0 : nil }
  }

  /// The columns by which children know a record: its key, and the time that tells its versions
  /// apart.
  static func parentColumns(key: [String], _ progress: Progress) -> [(name: String, path: JSONPath)]
  {
    var names = key
    if case .time(let time) = progress, !names.contains(time.field) { names.append(time.field) }
    return names.compactMap { name in
      (try? JSONPath(parsing: name)).map { ("_parent_\(columnName(name))", $0) }
    }
  }

  /// A path as the name of a column: `$.meta.id` as `meta_id`.
  private static func columnName(_ path: String) -> String {
    let text = path.hasPrefix("$.") ? path.dropFirst(2) : path[...]
    return String(text.map { $0 == "." ? "_" : $0 })
  }
}

extension JSONRowOptions {
  /// How a table's columns are made: `flatten`, `arrays` and `columns` of the config.
  /// - Parameter zone: of times that name none.
  init(_ options: ConfigValue, zone: TimeZoneRules) throws(ConnectorError) {
    var declared: [Field] = []
    var times: [String: TimePattern] = [:]
    for entry in options["columns"]?.entries ?? [] {
      let text = entry.value.string ?? ""
      guard let (type, pattern) = ColumnTypeText.parse(text) else {
        throw misconfigured(
          entry.value, "'\(text)' is no type of a column",
          remedy: "Use \(ColumnTypeText.names), in quotes where there are commas; how times are "
            + "written goes in brackets, such as timestamp(%d.%m.%Y %H:%M) or timestamp(epoch_ms).")
      }
      declared.append(Field(entry.key, type))
      do throws(FormatError) {
        times[entry.key] = try TimePattern(pattern ?? "iso8601", zone: zone)
      } catch {
        throw misconfigured(entry.value, error.message, remedy: error.remedy)
      }
    }
    let levels = options["flatten"]?.boolean == nil ? options["flatten"]?.integer : nil
    self.init(
      flattens: levels.map { $0 > 0 } ?? options["flatten"]?.boolean ?? false,
      flattenedLevels: levels ?? .max, takesLists: options["arrays"]?.string != "json",
      declared: declared, times: times)
  }
}
