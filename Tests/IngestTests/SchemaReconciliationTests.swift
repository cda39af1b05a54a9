import Base
import Records
import Testing

@testable import Ingest

@Suite struct SchemaReconciliationTests {
  private let table = Schema([
    Field("id", .int32, isNullable: false), Field("amount", .float32), Field("day", .date),
    Field("note", .string),
  ])

  private func settings(
    _ newColumn: StreamSettings.NewColumnPolicy = .add,
    _ typeChange: StreamSettings.TypeChangePolicy = .widen
  ) -> StreamSettings {
    var settings = StreamSettings()
    settings.newColumn = newColumn
    settings.typeChange = typeChange
    return settings
  }

  private func reconcile(_ fields: [Field], _ settings: StreamSettings) throws -> (Batch, Schema) {
    let batch = Batch(
      schema: Schema(fields), columns: fields.map { .nulls($0.type, count: 0) }, rowCount: 0)
    return try SchemaReconciliation(settings: settings).reconcile(
      batch, with: table, place: "shop.orders")
  }

  @Test func columnsAreAddedWidenedAndKept() throws {
    let (rows, after) = try reconcile(
      [Field("id", .int64), Field("amount", .float64), Field("new", .string)], settings())
    #expect(after.names == ["id", "amount", "day", "note", "new"])
    #expect(after.fields.map(\.type) == [.int64, .float64, .date, .string, .string])
    #expect(after.fields.filter(\.isNullable).count == 5)
    #expect(rows.schema == after)
  }

  @Test func narrowerRowsAreWrittenAsTheTableIs() throws {
    let (rows, after) = try reconcile(
      [Field("id", .int8, isNullable: false)], settings(.add, .fail))
    #expect(after["id"] == table["id"])
    #expect(rows.schema.fields.first?.type == .int32)
  }

  @Test func newColumnsMayBeIgnored() throws {
    let (rows, after) = try reconcile(table.fields + [Field("new", .string)], settings(.ignore))
    #expect(after == table && rows.schema == table)
  }

  @Test func datesBecomeTimesOnlyWhenAsked() throws {
    let time = DataType.timestamp(.microseconds, isUTC: false)
    let (_, after) = try reconcile([Field("day", time)], settings(.add, .widenTime))
    #expect(after["day"]?.type == time)
    #expect(throws: IngestError.self) { try reconcile([Field("day", time)], settings()) }
  }

  @Test func whatDoesNotFitIsShownAsATable() throws {
    let error = #expect(throws: IngestError.self) {
      try reconcile(
        [
          Field("id", .int64), Field("day", .timestamp(.microseconds, isUTC: false)),
          Field("note", .int32), Field("new", .string),
        ], settings(.fail, .fail))
    }
    #expect(error?.exitCode == 5)
    let lines = error?.message.split(separator: "\n").map(String.init) ?? []
    #expect(lines.count == 6)
    #expect(lines[1].split(separator: " ").map(String.init).prefix(3) == ["column", "was", "is"])
    #expect(lines[2].contains("id") && lines[2].contains("set schema.type_change to widen"))
    #expect(lines[3].contains("widen_time"))
    #expect(lines[4].contains("reset the stream"))
    #expect(lines[5].contains("new") && lines[5].contains("add or ignore"))
    #expect(error?.remedy.contains("Nothing was kept") == true)
  }
}
