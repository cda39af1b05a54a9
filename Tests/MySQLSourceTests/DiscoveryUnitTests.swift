import Testing

@testable import MySQLSource

/// What of `init --from` needs no server.
struct DiscoveryUnitTests {
  @Test(arguments: [
    ("updated_at", "updated"), ("UpdatedAt", "updated"), ("last_modified_on", "updated"),
    ("date_upd", "updated"), ("gmt_modified", "updated"), ("mtime", "updated"),
    ("created_at", "created"), ("dateCreated", "created"), ("ts", "created"), ("Date", "created"),
    ("inserted", "created"), ("event_time", "created"), ("deleted_at", "deleted"),
    ("is_deleted", "deleted"), ("removedOn", "deleted"), ("deleted_by", ""), ("birthday", ""),
    ("due_date", ""), ("last_login_at", ""), ("update_deleted", "updated deleted"), ("", ""),
  ])
  func `what a column's name says`(_ name: String, _ roles: String) {
    let found = [
      (NameRole.isUpdated(name), "updated"), (NameRole.isCreated(name), "created"),
      (NameRole.isDeleted(name), "deleted"),
    ].filter(\.0).map(\.1).joined(separator: " ")
    #expect(found == roles)
  }

  @Test(arguments: [
    ("audit_log", true), ("AuditTrail", true), ("events", true), ("page_views", true),
    ("events_2024_01", true), ("price_history", true), ("event_types", false), ("orders", false),
    ("catalog", false), ("blogs", false), ("2024", false), ("log_settings", false),
  ])
  func `what a table's name says`(_ name: String, _ grows: Bool) {
    #expect(NameRole.isGrowing(table: name) == grows)
  }

  private func table(_ name: String, _ columns: String...) -> TableFacts {
    TableFacts(
      schema: "s", name: name, kind: .table,
      columns: columns.map { name in
        TableFacts.Column(
          name: name, type: "int(11)", kind: "int", isNullable: false, defaultText: nil, extra: "",
          isReadable: true, characterSet: nil)
      })
  }

  private func families(_ tables: [TableFacts], avoiding: [String] = []) -> [String] {
    TableFamily.find(tables, avoiding: avoiding).map {
      "\($0.pattern) \($0.members.joined(separator: " "))"
    }
  }

  @Test func `tables of one shape with numbers at the end are a family`() {
    let months = ["o_2024_01", "o_2024_02", "o_2024_03"].map { table($0, "id") }
    #expect(families(months) == ["o_* o_2024_01 o_2024_02 o_2024_03"])
    #expect(families(Array(months.prefix(2))) == [])
    #expect(families(["p1", "p2", "p10"].map { table($0, "id") }) == ["p* p1 p2 p10"])
    // Another shape is no member; `o` and `o_archive` are taken by their own names.
    let others = [table("o", "id"), table("o_2023_12", "id", "more"), table("o_archive", "id")]
    #expect(families(others + months) == ["o_* o_2024_01 o_2024_02 o_2024_03"])
    // A table that is read under another name, or not at all, would be read by the pattern too.
    #expect(families(months, avoiding: ["o_ä"]) == [])
    // The pattern of one must not take the tables of the other.
    let regions = ["o_eu_1", "o_eu_2", "o_eu_3"].map { table($0, "id") }
    #expect(families(months + regions) == ["o_eu_* o_eu_1 o_eu_2 o_eu_3"])
    // Of two shapes the larger; numbers alone have no name.
    let old = ["o_1", "o_2", "o_3", "o_4"].map { table($0, "old") }
    #expect(families(old + months) == ["o_* o_1 o_2 o_3 o_4"])
    #expect(families(["1", "2", "3"].map { table($0, "id") }) == [])
  }

  @Test func `streams have names that fill tables of their own`() {
    let names = StreamNames(["Orders", "a b", "a-b", "a_b", "orders", "x*", "übel"])
    #expect(names.item(of: "Orders") == "Orders")
    #expect(names.item(of: "orders") == "orders_2")
    #expect(names.item(of: "a_b") == "a_b")
    #expect(names.item(of: "a b") == "a_b_2")
    #expect(names.item(of: "a-b") == "a_b_3")
    #expect(names.item(of: "x*") == "x_")
    #expect(names.item(of: "übel") == "_bel")
    #expect(names.isPlain("Orders"))
    #expect(!names.isPlain("orders"))
  }

  @Test func `partitions are as fine as makes files worth having`() {
    func advice(_ bytes: Int, days: Double) -> String? {
      PartitionAdvice(column: "c", rows: bytes / 100, bytes: bytes, seconds: days * 86_400)?.text
    }
    #expect(advice(100_000_000, days: 1000) == nil)
    #expect(advice(36_500_000_000, days: 365) == "day(c)")
    #expect(advice(5_000_000_000, days: 365) == "month(c)")
    #expect(advice(1_000_000_000, days: 3650) == "year(c)")
    #expect(advice(300_000_000, days: 36_500) == nil)
    // All of it on one day: a partition of everything is none.
    #expect(advice(36_500_000_000, days: 0.5) == nil)
    #expect(advice(36_500_000_000, days: 0) == nil)
    #expect(advice(.max, days: 20) == "day(c)")
  }

  /// As MySQL 8 words them, which the tests' server does not.
  @Test func `columns in the words of MySQL 8`() {
    func column(_ type: String, _ standard: String?, _ extra: String) -> TableFacts.Column {
      TableFacts.Column(
        name: "c", type: type, kind: String(type.prefix { $0.isLetter }), isNullable: false,
        defaultText: standard, extra: extra.uppercased(), isReadable: true, characterSet: nil)
    }
    let updated = column(
      "timestamp(6)", "CURRENT_TIMESTAMP(6)", "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6)")
    #expect(updated.isSetOnUpdate && updated.isFilledByServer && updated.isTaken)
    #expect(updated.typeText == "TIMESTAMP(6)")
    let filled = column("datetime", "CURRENT_TIMESTAMP", "DEFAULT_GENERATED")
    #expect(filled.isFilledByServer && !filled.isSetOnUpdate)
    let key = column("bigint unsigned", nil, "auto_increment INVISIBLE")
    #expect(key.isAutoIncrement && !key.isTaken)
    #expect(column("bigint(20) unsigned", nil, "").typeText == "BIGINT UNSIGNED")
    #expect(column("point", nil, "").typeText == "POINT")
  }
}
