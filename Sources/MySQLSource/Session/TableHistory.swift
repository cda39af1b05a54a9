internal import Base
internal import Connector
internal import Records

/// A marker of a table's history: when the server says that it was created, and a few rows that
/// were read. It tells a table that was emptied, restored or made anew from one that was altered
/// or is now read from another host.
///
/// The time of creation changes with all of these; the rows only with the former.
struct TableHistory {
  struct Witness: Equatable {
    /// The condition that finds the row by its primary key.
    var condition: String
    /// Hashes of its other values, by column.
    var cells: [String: String]
  }

  private static let cellCountMax = 16
  /// Larger values are not looked at: the row would have to be fetched again with them.
  private static let cellBytesMax = 65_536
  private static let member = "history"

  var created: String
  var witnesses: [Witness]

  /// Of the rows that were read last.
  /// - Returns: nil where the table has no primary key among the stream's columns.
  init?(_ relation: Relation, last batch: Batch) {
    guard let table = relation.table, let created = table.created, !table.primaryKey.isEmpty,
      batch.rowCount > 0
    else { return nil }
    let keys = table.primaryKey.compactMap { batch.schema.index(of: $0) }
    guard keys.count == table.primaryKey.count else { return nil }
    let others = batch.schema.fields.indices.filter { index in
      !keys.contains(index)
        && !relation.cursors.contains { $0.name == batch.schema.fields[index].name }
    }.prefix(Self.cellCountMax)
    let hasher = RowHash.Hasher(batch.columns, batch.schema)
    self.created = created
    witnesses = Set([0, batch.rowCount / 2, batch.rowCount - 1]).sorted().compactMap { row in
      let conditions = keys.compactMap { key in
        Self.literal(batch.columns[key][row]).map {
          "\(SQLText.name(batch.schema.fields[key].name)) = \($0)"
        }
      }
      guard conditions.count == keys.count else { return nil }
      var cells: [String: String] = [:]
      for index in others where Self.isSmall(batch.columns[index], row) {
        cells[batch.schema.fields[index].name] = hasher.cell(index, row)
      }
      return Witness(condition: conditions.joined(separator: " AND "), cells: cells)
    }
    if witnesses.isEmpty { return nil }
  }

  /// Whether there is a value, and not a large one.
  private static func isSmall(_ column: Column, _ row: Int) -> Bool {
    if column.isNull(row) { return false }
    guard case .bytes(let values) = column.values else { return true }
    return values[row].count <= cellBytesMax
  }

  private static func literal(_ value: Value) -> String? {
    switch value {
    case .integer, .unsigned, .decimal: value.text
    case .text(let text): text.utf8.count <= 1024 ? SQLText.literal(text) : nil
    case .bytes(let bytes): bytes.count <= 1024 ? "x'\(value.text)'" : nil
    case .date: SQLText.literal(value.text)
    case .timestamp: SQLText.literal(String(value.text.prefix { $0 != "Z" }))
    default: nil
    }
  }

  // MARK: In a bookmark

  init?(_ bookmark: Bookmark) {
    guard let json = bookmark.state[Self.member], let created = json["created"]?.string else {
      return nil
    }
    self.created = created
    witnesses = (json["rows"]?.array ?? []).compactMap { row in
      guard let condition = row["where"]?.string else { return nil }
      var cells: [String: String] = [:]
      for cell in row["cells"]?.members ?? [] { cells[cell.key] = cell.value.string }
      return Witness(condition: condition, cells: cells)
    }
  }

  /// The bookmark with this history in it.
  func added(to bookmark: Bookmark) -> Bookmark {
    guard let members = bookmark.state.members else { return bookmark }
    let rows = witnesses.map { witness -> JSONValue in
      let cells = witness.cells.sorted { $0.key < $1.key }.map {
        JSONValue.Member(key: $0.key, value: .string($0.value))
      }
      return ["where": .string(witness.condition), "cells": .object(cells)]
    }
    let history: JSONValue = ["created": .string(created), "rows": .array(rows)]
    var result = bookmark
    result.state = .object(
      members.filter { $0.key != Self.member } + [.init(key: Self.member, value: history)])
    return result
  }

  // MARK: Against the table

  /// What the rows say about a table whose time of creation has changed.
  enum Verdict: Equatable {
    case same
    case another
  }

  /// Looks for the rows that were read once.
  func verdict(_ relation: Relation, _ connection: Connection) throws(Trouble) -> Verdict {
    if witnesses.isEmpty { return .same }
    for witness in witnesses where try isThere(witness, relation, connection) { return .same }
    return .another
  }

  private func isThere(
    _ witness: Witness, _ relation: Relation, _ connection: Connection
  ) throws(Trouble) -> Bool {
    let indexes = relation.schema.fields.indices.filter {
      witness.cells[relation.schema.fields[$0].name] != nil
    }
    let columns: [Column]?
    do throws(ServerError) {
      if indexes.isEmpty {
        let text = "SELECT 1 FROM \(relation.source) WHERE \(witness.condition)"
        return try connection.value(text) != nil
      }
      columns = try Self.firstRow(relation, indexes, witness.condition, connection)
    } catch  where error.isUnknownFeature {
      // The key is another one now: nothing is known about the row.
      return false
    } catch {
      throw .server(error)
    }
    guard let columns else { return false }
    let fields = indexes.map { relation.schema.fields[$0] }
    let hasher = RowHash.Hasher(columns, Schema(fields))
    let equal = fields.indices.count { index in
      !columns[index].isNull(0) && hasher.cell(index, 0) == witness.cells[fields[index].name]
    }
    // Rows change, and columns change their types: half of a row is enough.
    return equal * 2 >= fields.count
  }

  /// Some of the stream's columns of one row.
  private static func firstRow(
    _ relation: Relation, _ indexes: [Int], _ condition: String, _ connection: Connection
  ) throws(ServerError) -> [Column]? {
    let plans = indexes.map { relation.plans[$0] }
    let names = plans.map { SQLText.name($0.field.name) }.joined(separator: ", ")
    let statement = try Statement(
      connection, "SELECT \(names) FROM \(relation.source) WHERE \(condition)")
    try statement.execute()
    let limits = BlockReader.Limits()
    var reader = BlockReader(
      try PacketSource(connection, packetBytesMax: limits.rowBytesMax), limits)
    var decoder = BlockDecoder(plans: plans, zeroDates: .null, place: "")
    var columns: [Column]?
    while let block = try reader.next() {
      if columns == nil { columns = try? decoder.decode(block) }
    }
    statement.close()
    return columns
  }
}
