internal import Base
internal import Connector

/// Looks for what would make a stream's runs slow or less exact than they could be.
struct StreamCheck {
  let settings: StreamSettings
  let relation: Relation
  let connection: Connection

  func findings(
    writers look: @autoclosure () throws(ServerError) -> Writers
  ) throws(ConnectorError) -> [Finding] {
    do throws(ServerError) {
      var findings = tableFindings()
      guard let cursor = settings.cursor, let first = relation.cursors.first else {
        return findings + [
          Finding(
            .note, "there is no `bookmark`: every run reads the table whole and replaces it",
            remedy: relation.table.flatMap(Self.advice))
        ]
      }
      let writers = try look()
      findings += cursorFindings(cursor, first, writers)
      if first.isLocal { findings.append(try zoneFinding(cursor)) }
      return findings
    } catch {
      throw error.connectorError(place: settings.name)
    }
  }

  private static func advice(_ table: TableDescription) -> String? {
    table.cursorCandidates.isEmpty
      ? nil : "Columns that could be a cursor: \(table.cursorCandidates.joined(separator: ", "))."
  }

  private func tableFindings() -> [Finding] {
    guard let table = relation.table else { return [] }
    var findings: [Finding] = []
    if !table.isTransactional {
      findings.append(
        Finding(
          .warning, "the table's engine \(table.engine ?? "") has no consistent snapshots",
          remedy: "ALTER TABLE \(table.sqlName) ENGINE = InnoDB"))
    }
    if !settings.key.isEmpty, !table.primaryKey.isEmpty,
      Set(settings.key.map { $0.lowercased() }) != Set(table.primaryKey.map { $0.lowercased() })
    {
      findings.append(
        Finding(
          .note,
          "`key` is \(settings.key.joined(separator: ", ")), and the table's primary key is "
            + table.primaryKey.joined(separator: ", ")))
    }
    return findings
  }

  private func cursorFindings(
    _ cursor: StreamSettings.Cursor, _ first: CursorColumn, _ writers: Writers
  ) -> [Finding] {
    var findings: [Finding] = []
    if relation.isCursorIndexed == false, let table = relation.table {
      findings.append(
        Finding(
          table.rowCount ?? 0 > 10_000 ? .warning : .note,
          "the cursor `\(first.name)` has no index: every run reads the whole table",
          remedy: IndexAdvice.statement(table, first)))
    }
    if let hidden = writers.hidden {
      findings.append(
        Finding(
          .warning,
          "writers cannot be seen: \(hidden.reason); rows are taken when they are "
            + Units.describe(seconds: cursor.settleSeconds ?? Writers.hiddenSettleSeconds) + " old",
          remedy: "GRANT PROCESS ON *.* to the user on the server that is written to, or set "
            + "`settle` to more than the longest transaction takes."))
    }
    if !first.isTime, !relation.isSerial, cursor.settleSeconds == nil {
      findings.append(
        Finding(
          .error, "`\(first.name)` is not AUTO_INCREMENT: its values may be committed out of order",
          remedy: "Add `settle: 10m` to the bookmark, or go by a time column."))
    }
    let compared = first.isTime ? [first] : relation.cursors
    if let nullable = compared.first(where: \.isNullable), cursor.nulls == .error {
      findings.append(
        Finding(
          .note, "the cursor `\(nullable.name)` may be NULL, and a run stops at such a row",
          remedy: "Say what it means with `nulls: skip` or `nulls: include`."))
    }
    if first.isTime, relation.table?[first.name]?.isAutoIncrement != true,
      cursor.lookbackSeconds == nil,
      case .localTime = first.kind
    {
      findings.append(
        Finding(
          .note, "`\(first.name)` is taken to be written by the server's clock",
          remedy: "Where applications write it, add `lookback: 10m`."))
    }
    return findings
  }

  private func zoneFinding(_ cursor: StreamSettings.Cursor) throws(ServerError) -> Finding {
    let name = try WritersZone.name(cursor.zone, connection)
    return Finding(
      .note, "DATETIME values are taken to be local times of the zone \(name)",
      remedy: cursor.zone == nil ? "Set `zone:` where their writers live in another zone." : nil)
  }
}

/// The statement that gives a cursor its index.
enum IndexAdvice {
  static func statement(_ table: TableDescription, _ cursor: CursorColumn) -> String {
    "CREATE INDEX \(SQLText.name("by_" + cursor.name)) ON \(table.sqlName) (\(cursor.sql))"
  }
}
