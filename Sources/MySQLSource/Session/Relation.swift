internal import Base
internal import CMariaDB
internal import Connector
internal import Records

/// What a stream reads: a table or a query, its columns and its cursor.
struct Relation: Sendable {
  /// nil for a query.
  let table: TableDescription?
  /// How it stands behind FROM, with all its rows.
  let source: String
  /// nil for a table.
  private let query: QuerySource?
  /// The stream's columns.
  let schema: Schema
  let cursors: [CursorColumn]
  /// All columns that are read: the stream's, then those that only the cursor needs.
  let plans: [ColumnPlan]
  /// Where the cursor's columns are among them.
  let cursorIndexes: [Int]
  private let selectList: String

  /// The statement that reads the rows of a condition; nil for all.
  /// - Parameter bounds: of the window, for a query that has places for them.
  func select(_ condition: String?, _ bounds: WindowBounds = WindowBounds()) -> String {
    "SELECT \(selectList) FROM \(source(condition, bounds))"
      + (condition.map { " WHERE \($0)" } ?? "")
  }

  /// How it stands behind FROM where only rows of a condition are wanted.
  func source(_ condition: String?, _ bounds: WindowBounds) -> String {
    query?.text(condition: condition, from: bounds.from, to: bounds.to) ?? source
  }

  /// The highest cursor of all rows, NULL where there is none.
  var highestCursor: String { "SELECT MAX(\(cursors[0].sql)) FROM \(source)" }

  /// Looks up the stream's relation and checks its columns and cursor.
  init(_ settings: StreamSettings, _ connection: Connection) throws(ConnectorError) {
    let place = settings.name
    var template: QueryTemplate?
    if case .query(let text) = settings.origin { template = try QueryTemplate(text, place: place) }
    do throws(ServerError) {
      try connection.run(["SET time_zone = '+00:00'"])
      if case .table(let schema, let name) = settings.origin {
        table = try TableDescription.find(connection, schema: schema, name: name)
      } else {
        table = nil
      }
    } catch {
      throw error.connectorError(place: place)
    }
    let probed = template.map(QuerySource.probe) ?? table?.sqlName ?? ""
    if case .table(let schema, let name) = settings.origin, table == nil {
      throw TableDescription.notFound(connection, schema: schema, name: name, place: place)
    }
    let found = try ColumnSelection(settings, table, source: probed, connection)
    let columns = found.names.map(SQLText.name)
    let parsed = try CursorSelection(settings, table, columns: found, source: probed, connection)
    cursors = parsed.cursors
    if let template {
      let query = try QuerySource(template, cursors: cursors, settings: settings)
      source = query.text(condition: nil, from: nil, to: nil)
      self.query = query
    } else {
      source = probed
      query = nil
    }
    selectList = (columns + parsed.extra.map(\.sql)).joined(separator: ", ")
    cursorIndexes = parsed.indexes
    plans = found.plans + parsed.extra.map(\.plan)
    schema = Schema(found.plans.map(\.field))
  }

  /// Whether the cursor is the one AUTO_INCREMENT column of a table.
  var isSerial: Bool {
    guard cursors.count == 1, let cursor = cursors.first, cursor.kind == .integer else {
      return false
    }
    return cursor.isColumn && table?[cursor.name]?.isAutoIncrement == true
  }

  /// Whether a statement's columns still are what was found when the stream was opened.
  func fits(_ columns: [MYSQL_FIELD], zeroDates: ZeroDates) -> Bool {
    columns.count == plans.count
      && zip(plans, columns).enumerated().allSatisfy { index, pair in
        pair.0.fits(pair.1, zeroDates: index < schema.fields.count ? zeroDates : .null)
      }
  }

  /// Whether an index leads to the cursor's values; unknown for queries and expressions.
  var isCursorIndexed: Bool? {
    guard let table, let cursor = cursors.first, cursor.isColumn else { return nil }
    return table.indexedColumns.contains(cursor.name)
  }
}

extension Relation {
  /// The stream's columns of these names, whatever the case of their letters, in the table's own
  /// writing; nil where one is missing.
  func columns(named names: [String]) -> [String]? {
    let found = names.compactMap { name in
      schema.names.first { $0 == name }
        ?? schema.names.first { $0.lowercased() == name.lowercased() }
    }
    return found.count == names.count ? found : nil
  }

  /// Some of the columns of all rows, without a cursor.
  init(_ names: [String], of relation: Relation) {
    let indexes = names.compactMap { relation.schema.index(of: $0) }
    table = relation.table
    source = relation.source
    query = relation.query
    schema = Schema(indexes.map { relation.schema.fields[$0] })
    cursors = []
    plans = indexes.map { relation.plans[$0] }
    cursorIndexes = []
    selectList = names.map(SQLText.name).joined(separator: ", ")
  }
}

/// The columns of a stream.
struct ColumnSelection {
  let names: [String]
  let plans: [ColumnPlan]

  init(
    _ settings: StreamSettings, _ table: TableDescription?, source: String,
    _ connection: Connection
  ) throws(ConnectorError) {
    let all: [String]
    do throws(ServerError) {
      if let table {
        all = table.columns.map(\.name)
      } else {
        all = try Self.queryColumns(source, connection)
      }
    } catch {
      throw error.connectorError(place: settings.name)
    }
    names = try Self.chosen(
      settings, among: all, invisible: table?.invisibleColumns.map(\.name) ?? [])
    let list = names.map(SQLText.name).joined(separator: ", ")
    do throws(ServerError) {
      let statement = try Statement(connection, "SELECT \(list) FROM \(source)")
      plans = zip(names, statement.columns).map { name, column in
        var plan = ColumnPlan(
          column, comment: table?[name]?.comment, zeroDates: settings.zeroDates)
        plan.field.name = name
        if table?.keepsNotNull != true { plan.field.isNullable = true }
        return plan
      }
      statement.close()
    } catch {
      throw error.connectorError(place: settings.name)
    }
  }

  private static func queryColumns(
    _ source: String, _ connection: Connection
  ) throws(ServerError) -> [String] {
    let statement = try Statement(connection, "SELECT * FROM \(source)")
    defer { statement.close() }
    return statement.columns.map {
      ColumnPlan($0, comment: nil, zeroDates: .null).field.name
    }
  }

  private static func chosen(
    _ settings: StreamSettings, among all: [String], invisible: [String]
  ) throws(ConnectorError) -> [String] {
    func find(_ name: String, _ key: String) throws(ConnectorError) -> String {
      let known = all + invisible
      if let found = known.first(where: { $0 == name })
        ?? known.first(where: { $0.lowercased() == name.lowercased() })
      {
        return found
      }
      throw ConnectorError(
        .notFound, "`\(key)` names a column `\(name)` that does not exist",
        remedy: nearestName(to: name, among: all).map { "Did you mean `\($0)`?" }
          ?? "Columns here: \(all.joined(separator: ", ")).",
        place: settings.name)
    }
    var excluded: Set<String> = []
    for name in settings.exclude { excluded.insert(try find(name, "exclude")) }
    var names: [String] = []
    for name in settings.columns ?? all { names.append(try find(name, "columns")) }
    names.removeAll { excluded.contains($0) }
    if names.isEmpty {
      throw ConnectorError(
        .misconfigured, "no column is left to read",
        remedy: "Shorten `exclude`, or name columns under `columns`.", place: settings.name)
    }
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ConnectorError(
        .misconfigured, "the column `\(twice)` would be read twice",
        remedy: "Give the query's columns different names, or name it once.",
        place: settings.name)
    }
    return names
  }
}
