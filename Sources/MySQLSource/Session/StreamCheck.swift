internal import Base
internal import Connector

/// Looks for what would make a stream's runs slow or less exact than they could be.
///
/// Reads the dictionary, the ends of indexes and a small sample: no table is scanned.
struct StreamCheck {
  let settings: StreamSettings
  let relation: Relation
  let connection: Connection
  /// What the config says about deleted rows.
  let deletes: ConfigValue?

  /// From this many rows on, reading all of them each run is worth a warning.
  private static let rowsMany = 10_000

  func findings(
    writers look: @autoclosure () throws(ServerError) -> Writers
  ) throws(ConnectorError) -> [Finding] {
    do throws(ServerError) {
      let facts = try tableFacts()
      var findings = [fact] + tableFindings()
      if let cursor = settings.cursor, let first = relation.cursors.first {
        findings += cursorFindings(cursor, first, facts?[first.name])
        findings += try writerFindings(cursor, look())
        if first.isLocal { findings += try zoneFindings(cursor) }
        findings += BlindSpots(cursor: first, table: facts, deletes: deletes).findings
      } else {
        findings += wholeFindings()
      }
      if let facts {
        findings += TypeCheck(relation: relation, table: facts).findings
        findings += try SampleCheck(
          relation: relation, table: facts, settings: settings, connection: connection
        ).findings()
        findings += try SelectGrant.hiddenColumns(facts, connection)
      }
      return findings
    } catch {
      throw error.connectorError(place: settings.name)
    }
  }

  private func tableFacts() throws(ServerError) -> TableFacts? {
    guard let table = relation.table else { return nil }
    return try TableFacts.look(connection, schema: table.schema, table: table.name).first
  }

  /// What is read and by what, in a few words.
  private var fact: Finding {
    let by = relation.cursors.map(\.name).joined(separator: ", ")
    let how = by.isEmpty ? "read whole" : "by \(by)"
    let size = relation.table.flatMap { table in
      table.rowCount.map { ", " + TableFacts.sizeText(rows: $0, bytes: table.dataBytes) }
    }
    return Finding(.fact, how + (size ?? ""), code: "stream")
  }

  private func tableFindings() -> [Finding] {
    guard let table = relation.table else { return [] }
    var findings: [Finding] = []
    if !table.isTransactional {
      findings.append(
        Finding(
          .warning, "the table's engine \(table.engine ?? "") has no consistent snapshots",
          remedy: "ALTER TABLE \(table.sqlName) ENGINE = InnoDB", code: "engine_without_snapshots"))
    }
    if !settings.key.isEmpty, !table.primaryKey.isEmpty,
      Set(settings.key.map { $0.lowercased() }) != Set(table.primaryKey.map { $0.lowercased() })
    {
      findings.append(
        Finding(
          .note,
          "`key` is \(settings.key.joined(separator: ", ")), and the table's primary key is "
            + table.primaryKey.joined(separator: ", "), code: "key_differs"))
    }
    return findings
  }

  private func wholeFindings() -> [Finding] {
    let candidates = relation.table?.cursorCandidates ?? []
    let isMuch = relation.table?.rowCount ?? 0 > CursorChoice.wholeRowsMax
    return [
      Finding(
        isMuch ? .warning : .note,
        "there is no `bookmark`: every run reads the table whole and replaces it",
        remedy: candidates.isEmpty
          ? nil : "Columns that could be a cursor: \(candidates.joined(separator: ", ")).",
        code: "read_whole")
    ]
  }

  private func cursorFindings(
    _ cursor: StreamSettings.Cursor, _ first: CursorColumn, _ column: TableFacts.Column?
  ) -> [Finding] {
    var findings: [Finding] = []
    if relation.isCursorIndexed == false, let table = relation.table {
      findings.append(
        Finding(
          table.rowCount ?? 0 > Self.rowsMany ? .warning : .note,
          "the cursor `\(first.name)` has no index: every run reads the whole table",
          remedy: IndexAdvice.statement(table, first), code: "cursor_not_indexed"))
    }
    if !first.isTime, !relation.isSerial, cursor.settleSeconds == nil {
      findings.append(
        Finding(
          .error, "`\(first.name)` is not AUTO_INCREMENT: its values may be committed out of order",
          remedy: "Add `settle: 10m` to the bookmark, or go by a time column.",
          code: "cursor_out_of_order"))
    }
    let compared = first.isTime ? [first] : relation.cursors
    if let nullable = compared.first(where: \.isNullable), cursor.nulls == .error {
      findings.append(
        Finding(
          .note, "the cursor `\(nullable.name)` may be NULL, and a run stops at such a row",
          remedy: "Say what it means with `nulls: skip` or `nulls: include`.",
          code: "cursor_nullable"))
    }
    if let column, column.isTime, !column.isSetOnUpdate, !column.isFilledByServer,
      cursor.lookbackSeconds == nil, first.isTime
    {
      findings.append(
        Finding(
          .warning,
          "applications write `\(first.name)` by their own clocks, and what comes late is missed",
          remedy: "Add `lookback: 10m` to the bookmark, or give the column ON UPDATE "
            + "CURRENT_TIMESTAMP.", code: "cursor_written_by_applications"))
    }
    return findings
  }

  private func writerFindings(
    _ cursor: StreamSettings.Cursor, _ writers: Writers
  ) throws(ServerError) -> [Finding] {
    guard let hidden = writers.hidden else { return [] }
    let facts = try ServerFacts(connection)
    let settle = cursor.settleSeconds ?? Writers.hiddenSettleSeconds
    return [
      Finding(
        .warning,
        "writers cannot be seen: \(hidden.reason); rows are taken when they are "
          + Units.describe(seconds: settle) + " old, and one whose transaction takes longer is"
          + " missed",
        remedy: facts.seesWriters
          ? "Set `settle` to more than the longest transaction takes, or read from the server that"
            + " is written to."
          : "\(facts.processGrant); or set `settle` to more than the longest transaction takes.",
        code: "writers_hidden")
    ]
  }

  private func zoneFindings(_ cursor: StreamSettings.Cursor) throws(ServerError) -> [Finding] {
    let name = try WritersZone.name(cursor.zone, connection)
    var findings = [
      Finding(
        .note, "DATETIME values are taken to be local times of the zone \(name)",
        remedy: cursor.zone == nil ? "Set `zone:` where their writers live in another zone." : nil,
        code: "zone_assumed")
    ]
    if name.contains("/"), try !ServerFacts(connection).knowsZones {
      findings.append(
        Finding(
          .note, "the server has no tables of zones, and this machine's stand in",
          remedy: ServerFacts.zonesRemedy, code: "zones_not_loaded"))
    }
    return findings
  }
}

/// The statement that gives a cursor its index.
enum IndexAdvice {
  static func statement(_ table: TableDescription, _ cursor: CursorColumn) -> String {
    "CREATE INDEX \(SQLText.name("by_" + cursor.name)) ON \(table.sqlName) (\(cursor.sql))"
  }
}
