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
      for index in others where !batch.columns[index].isNull(row) {
        cells[batch.schema.fields[index].name] = hasher.cell(index, row)
      }
      return Witness(condition: conditions.joined(separator: " AND "), cells: cells)
    }
    if witnesses.isEmpty { return nil }
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
    let columns: [Column]?
    do throws(ServerError) {
      columns = try Self.firstRow(relation, witness.condition, connection)
    } catch  where error.isUnknownFeature {
      // The key is another one now: nothing is known about the row.
      return false
    } catch {
      throw .server(error)
    }
    guard let columns else { return false }
    let hasher = RowHash.Hasher(columns, relation.schema)
    var found = 0
    var equal = 0
    for (index, field) in relation.schema.fields.enumerated() {
      guard let before = witness.cells[field.name] else { continue }
      found += 1
      if !columns[index].isNull(0), hasher.cell(index, 0) == before { equal += 1 }
    }
    // Rows change, and columns change their types: half of a row is enough.
    return equal * 2 >= found
  }

  private static func firstRow(
    _ relation: Relation, _ condition: String, _ connection: Connection
  ) throws(ServerError) -> [Column]? {
    let statement = try Statement(connection, relation.select(condition))
    try statement.execute()
    let limits = BlockReader.Limits()
    var reader = BlockReader(
      try PacketSource(connection, packetBytesMax: limits.rowBytesMax), limits)
    var decoder = BlockDecoder(plans: relation.plans, zeroDates: .null, place: "")
    var columns: [Column]?
    while let block = try reader.next() {
      if columns == nil, let decoded = try? decoder.decode(block) {
        columns = Array(decoded.prefix(relation.schema.fields.count))
      }
    }
    statement.close()
    return columns
  }
}
