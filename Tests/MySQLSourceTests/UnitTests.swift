import Base
import Connector
import Foundation
import Kernels
import Records
import Testing

@testable import MySQLSource

struct ServerURLTests {
  @Test func `all parts, escaped`() throws {
    let url = try ServerURL(
      "mysql://us%40er:p%3Aw%2F%25@db.example.com:3307/sh%C3%B6p?socket=%2Ftmp%2Fs&tls=require")
    #expect(url.user == "us@er")
    #expect(url.password == "p:w/%")
    #expect(url.host == "db.example.com")
    #expect(url.port == 3307)
    #expect(url.database == "shöp")
    #expect(url.parameters == ["socket": "/tmp/s", "tls": "require"])
  }

  @Test func `passwords that nobody escaped`() throws {
    let url = try ServerURL("mysql://user:p@ss@host/db")
    #expect(url.password == "p@ss")
    #expect(url.host == "host")
    let address = try ServerURL("mariadb://[::1]:3306/db")
    #expect(address.host == "::1")
    #expect(address.port == 3306)
    #expect(try ServerURL("mysql://host").database == nil)
  }

  @Test(arguments: [
    "", "db.example.com", "postgres://u:hush@h/d", "mysql://u:hush@h:99999/d",
    "mysql://u:hu%zzsh@h/d",
    "mysql://u:hu%0", "mysql://u:hush@h:port/d", "mysql://u:hu%00sh@h/d", "mysql://u:hu%ffsh@h/d",
  ])
  func `what is no URL is said without repeating it`(_ text: String) {
    do {
      _ = try ServerURL(text)
      Issue.record("no error")
    } catch {
      #expect(error.message.contains("hu") == false)
    }
  }

  @Test func `settings of a source`() throws {
    func endpoint(
      _ options: KeyValuePairs<String, ConfigValue>, _ environment: [String: String] = [:]
    ) throws -> Endpoint {
      try Endpoint(
        SourceConfiguration(name: "shop", options: .map(options)),
        SourceContext(environment: { environment[$0] }))
    }
    let plain = try endpoint([
      "host": .string("db"), "user": .string("u"), "database": .string("d"), "port": .plain("3310"),
    ])
    #expect(plain.place == "shop (db:3310)")
    #expect(plain.tls.mode == .prefer)
    let secret = try endpoint(
      ["url_env": .string("U"), "password_env": .string("P")],
      ["U": "mysql://u:one@localhost/d", "P": "two-secret"])
    #expect(secret.password == "two-secret")
    #expect(secret.tls.mode == .off)
    #expect("\(secret) \(String(reflecting: secret))".contains("secret") == false)
    let file = FileManager.default.temporaryDirectory.path + "/tidemark-\(UUID().uuidString)"
    try "from-file\n".write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    #expect(
      try endpoint([
        "host": .string("h"), "database": .string("d"), "password_file": .string(file),
      ]).password == "from-file")
    let unset = connectorError { _ = try endpoint(["url_env": .string("NOT_SET")]) }
    #expect(unset?.kind == .misconfigured)
    #expect(unset?.remedy.contains("NOT_SET") == true)
    #expect(connectorError { _ = try endpoint(["host": .string("h")]) }?.kind == .misconfigured)
    #expect(connectorError { _ = try endpoint(["database": .string("h")]) }?.kind == .misconfigured)
  }

  @Test func `tables and wildcards`() {
    #expect(StreamSettings.parseTable("a.b").map { [$0.schema, $0.name] } == ["a", "b"])
    #expect(StreamSettings.parseTable("`a.b`").map { [$0.schema, $0.name] } == [nil, "a.b"])
    #expect(StreamSettings.parseTable("`a``b`.c").map { [$0.schema, $0.name] } == ["a`b", "c"])
    for bad in ["", ".", "a.", "a.b.c", "`a", "`a`b"] {
      #expect(StreamSettings.parseTable(bad) == nil)
    }
    #expect(Wildcard.matches("a_*", "a_b"))
    #expect(Wildcard.matches("*", "x"))
    #expect(Wildcard.matches("a*b*c", "a-b-b-c"))
    #expect(!Wildcard.matches("a*a", "a"))
    #expect(!Wildcard.matches("a*b*b", "ab"))
    #expect(!Wildcard.matches("A*", "a"))
  }
}

struct ParseTextTests {
  private func parsed(_ text: String, _ scale: Int) -> (Int64?, Int128?) {
    // Noise before and behind: nothing of it may count.
    let bytes =
      [UInt8](repeating: 0x37, count: 8) + Array(text.utf8)
      + [UInt8](repeating: 0x39, count: 16)
    return bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return (nil, nil) }
      return (
        ParseTextDecimal.int64(base + 8, count: text.utf8.count, scale: scale),
        ParseTextDecimal.int128(base + 8, count: text.utf8.count, scale: scale)
      )
    }
  }

  @Test func `decimals of every length and scale`() {
    var random = SystemRandomNumberGenerator()
    for scale in 0...18 {
      for digits in max(1, scale)...18 {
        for sign in ["", "-"] {
          let number = (0..<digits).map { _ in
            String(Int.random(in: 0...9, using: &random))
          }.joined()
          let whole = String(number.dropLast(scale))
          let text =
            sign + (whole.isEmpty ? "0" : whole) + (scale > 0 ? "." + number.suffix(scale) : "")
          let expected = Int64(sign + number)
          #expect(parsed(text, scale).0 == expected, "\(text) \(scale)")
          #expect(parsed(text, scale).1 == expected.map { Int128($0) }, "\(text) \(scale)")
        }
      }
    }
    for scale in 0...38 {
      let nines = String(repeating: "9", count: 38)
      let text =
        scale == 0
        ? nines
        : scale == 38
          ? "0." + nines
          : nines.dropLast(scale) + "." + nines.suffix(scale)
      #expect(parsed("-" + text, scale).1 == Int128("-" + nines))
    }
  }

  @Test(arguments: [
    ("", 0), ("-", 0), (".", 1), ("1.", 1), (".5", 1), ("1.5", 0), ("1.5", 2), ("15", 1),
    ("1e5", 0), ("1,5", 1), ("+1", 0), ("--1", 0), ("1.x", 1), ("x.1", 1), (" 1", 0),
    ("1:", 0), ("/1", 0), ("12345678x", 0), ("1\u{7f}", 0),
  ])
  func `what is no decimal is nil`(_ text: String, _ scale: Int) {
    #expect(parsed(text, scale).0 == nil)
    #expect(parsed(text, scale).1 == nil)
  }

  @Test func `too many digits are nil, not wrong`() {
    #expect(parsed(String(repeating: "9", count: 19), 0).0 == nil)
    #expect(parsed(String(repeating: "9", count: 39), 0).1 == nil)
    #expect(parsed(String(repeating: "9", count: 38) + ".9", 1).1 == nil)
    #expect(parsed("1." + String(repeating: "9", count: 38), 38).1 == nil)
  }
}

struct IDSetTests {
  @Test func `missing ranges match a plain search`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<50 {
      let base = Int128([0, 65_500, -70_000, Int64.max - 100_000].randomElement() ?? 0)
      var set = IDSet()
      var plain: Set<Int128> = []
      for _ in 0..<Int.random(in: 0...60, using: &random) {
        let id = base + Int128(Int.random(in: 0...200, using: &random))
        set.insert(id)
        plain.insert(id)
      }
      let low = base + Int128(Int.random(in: 0...50, using: &random))
      let range = low...(low + Int128(Int.random(in: 0...200, using: &random)))
      let missing = set.missing(in: range, countMax: .max)
      var expected: [Int128] = []
      var id = range.lowerBound
      while id <= range.upperBound {
        if !plain.contains(id) { expected.append(id) }
        #expect(set.contains(id) == plain.contains(id))
        id += 1
      }
      #expect(
        missing.flatMap { Array(stride(from: $0.lowerBound, through: $0.upperBound, by: 1)) }
          == expected)
      #expect(set.missing(in: range, countMax: 2) == Array(missing.prefix(2)))
    }
  }

  @Test func `a wide range costs what is in it`() {
    var set = IDSet()
    set.insert(5)
    #expect(
      set.missing(in: 1...1_000_000_000_000_000_000, countMax: 9) == [
        1...4, 6...1_000_000_000_000_000_000,
      ])
    set.removeBlocks(upTo: 65_535)
    #expect(set.isEmpty)
  }

  @Test func `the record of a bookmark survives its text, and hostile ones are refused`() throws {
    var state = SerialState(mark: 18_446_744_073_709_551_000)
    state.gaps = [3...5, 9_223_372_036_854_775_900...9_223_372_036_854_775_901]
    state.isFolded = true
    state.checkpoints = [
      .init(highest: 7, at: Instant(microseconds: 5), connectionIDs: [1, 0], isBlind: false)
    ]
    let text = state.bookmark.json.text()
    #expect(try Bookmark(json: JSONValue(parsing: text)).flatMap(SerialState.init) == state)
    for hostile in [
      "null", "{}", "{\"mark\": \"x\"}", "{\"mark\": 1, \"gaps\": [[5, 3]]}",
      "{\"mark\": 1, \"gaps\": [[1]]}", "{\"mark\": 1, \"checkpoints\": [3]}",
    ] {
      let bookmark = Bookmark(kind: .integer, mark: "", state: try JSONValue(parsing: hostile))
      #expect(SerialState(bookmark) == nil, "\(hostile)")
    }
  }
}

struct WriterTests {
  @Test(arguments: [
    ("SELECT 1", true), ("  /* x */ (select 1)", true), ("-- a\nSELECT 1", true),
    ("show tables", true), ("WITH a AS (SELECT 1) SELECT * FROM a", true),
    ("WITH a AS (SELECT 1) DELETE FROM t", false), ("insert into t values (1)", false),
    ("/*!50000 INSERT */ INTO t", false), ("CALL p()", false), ("", false), ("/* open", false),
    ("COMMIT", false), ("selection", false), ("# c\nupdate t set a = 1", false),
  ])
  func `what plainly only reads`(_ text: String, _ expected: Bool) {
    #expect(StatementText.isPlainRead(text) == expected)
  }

  private func writer(_ id: Int64, _ start: Double?) -> Writers.Writer {
    .init(connectionID: id, start: start.map { Instant(seconds: $0) }, name: "w\(id)")
  }

  @Test func `the ceiling is the oldest start less the margin`() {
    var writers = Writers(now: Instant(seconds: 1000), active: [])
    #expect(writers.ceiling(settleSeconds: nil).at == Instant(seconds: 998))
    #expect(writers.ceiling(settleSeconds: 0).at == Instant(seconds: 1000))
    writers.active = [writer(1, 990), writer(2, 900.5), writer(3, 2000)]
    #expect(writers.ceiling(settleSeconds: nil).at == Instant(seconds: 898.5))
    #expect(writers.ceiling(settleSeconds: 0).reason.contains("w2"))
    writers.active.append(writer(0, nil))
    #expect(writers.ceiling(settleSeconds: 0).at == nil)
    writers.hidden = .init(reason: "replica", lagSeconds: 30)
    #expect(writers.ceiling(settleSeconds: nil).at == Instant(seconds: 670))
    #expect(writers.ceiling(settleSeconds: 10).at == Instant(seconds: 960))
  }

  @Test func `who is still busy`() {
    let writers = Writers(now: Instant(seconds: 1000), active: [writer(1, 990), writer(2, 900)])
    #expect(writers.stillBusy([1], since: Instant(seconds: 990)))
    #expect(writers.stillBusy([1], since: Instant(seconds: 989)))
    #expect(!writers.stillBusy([1], since: Instant(seconds: 980)))
    #expect(!writers.stillBusy([3], since: Instant(seconds: 990)))
    let prepared = Writers(now: Instant(seconds: 1000), active: [writer(0, nil)])
    #expect(prepared.stillBusy([], since: Instant(seconds: 1)))
  }

  @Test func `clock texts are read exactly`() {
    #expect(WriterLookup.instant("1732170000.123456")?.microseconds == 1_732_170_000_123_456)
    #expect(WriterLookup.instant("1732170000")?.microseconds == 1_732_170_000_000_000)
    #expect(WriterLookup.instant("1.5")?.microseconds == 1_500_000)
    for bad in ["", "x", "1.x", "99999999999999999999", "1.-5"] {
      #expect(WriterLookup.instant(bad) == nil)
    }
  }
}

struct HostileWireTests {
  private func plan(_ wire: ColumnPlan.Wire, _ type: DataType, width: Int = 0, scale: Int = 0)
    -> ColumnPlan
  {
    ColumnPlan(field: Field("c", type), wire: wire, fixedWidth: width, scale: scale)
  }

  private func decode(_ rows: [[UInt8]], _ plans: [ColumnPlan]) throws -> [Column] {
    var bytes: [UInt8] = []
    for row in rows {
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: row.count >> (8 * $0)) } + row
    }
    bytes += [UInt8](repeating: 0, count: RowBlock.padding)
    var decoder = BlockDecoder(plans: plans, zeroDates: .null, place: "t")
    return try decoder.decode(RowBlock(bytes: bytes, rowCount: rows.count))
  }

  @Test(arguments: [
    [], [0], [0, 0], [0, 0, 5, 1], [0, 0, 251], [0, 0, 255], [0, 0, 252], [0, 0, 252, 5, 0, 1],
    [0, 0, 253, 255, 255, 255], [0, 0, 254, 255, 255, 255, 255, 255, 255, 255, 255],
    [0, 0, 254, 255, 255, 255, 255, 255, 255, 255, 127], [0, 0, 1, 65, 66], [0, 4, 1, 65],
  ])
  func `rows that are cut or lie about their lengths`(_ row: [UInt8]) {
    let error = connectorError { _ = try decode([row], [plan(.text, .string)]) }
    #expect(error?.kind == .malformed)
  }

  @Test func `values that are none of their type`() {
    let cases: [(ColumnPlan, [UInt8])] = [
      (plan(.decimal64, .decimal(precision: 10, scale: 2), scale: 2), [3, 0x31, 0x32, 0x33]),
      (plan(.decimal32, .decimal(precision: 4, scale: 0)), [11] + Array("99999999999".utf8)),
      (plan(.decimal128, .decimal(precision: 38, scale: 0)), [1, 0x78]),
      (plan(.date, .date), [3, 0, 0, 0]), (plan(.date, .date), [5, 0, 0, 0, 0, 0]),
      (plan(.dateTime, .timestamp(.microseconds, isUTC: true)), [7, 0xE8, 7, 1, 1, 24, 0, 0]),
      (plan(.dateTime, .timestamp(.microseconds, isUTC: true)), [7, 0xE8, 7, 1, 1, 1, 60, 0]),
      (
        plan(.dateTime, .timestamp(.microseconds, isUTC: true)),
        [11, 0xE8, 7, 1, 1, 1, 1, 1, 0x40, 0x42, 0x0F, 0]
      ),
      (plan(.time, .time(.microseconds)), [8, 0, 1, 0, 0, 0, 1, 61, 0]),
      (plan(.time, .time(.microseconds)), [4, 0, 0, 0, 0]),
      (plan(.bits, .int64), [9, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      (plan(.geometry, .binary), [3, 0, 0, 0]),
    ]
    for (plan, value) in cases {
      let error = connectorError { _ = try decode([[0, 0] + value], [plan]) }
      #expect(error?.kind == .malformed, "\(plan.wire) \(value)")
    }
  }

  @Test func `texts that are not UTF-8 are repaired and counted`() throws {
    var decoder = BlockDecoder(plans: [plan(.text, .string)], zeroDates: .null, place: "t")
    let rows: [[UInt8]] = [[0, 0, 2, 0xC3, 0x28], [0, 0, 2, 0xC3, 0xBC], [0, 0, 1, 0x61]]
    var bytes: [UInt8] = []
    for row in rows { bytes += [UInt8(row.count), 0, 0, 0] + row }
    bytes += [UInt8](repeating: 0, count: RowBlock.padding)
    let column = try decoder.decode(RowBlock(bytes: bytes, rowCount: 3))[0]
    #expect((0..<3).map { column[$0].text } == ["\u{FFFD}(", "ü", "a"])
    #expect(decoder.brokenTextCount == 1)
  }

  @Test func `random bytes never trap`() {
    var random = SystemRandomNumberGenerator()
    let wires: [ColumnPlan] = [
      plan(.text, .string), plan(.date, .date), plan(.bits64, .int64, width: 8),
      plan(.dateTime, .timestamp(.microseconds, isUTC: true)), plan(.time, .time(.microseconds)),
      plan(.decimal64, .decimal(precision: 18, scale: 4), scale: 4), plan(.bits, .int64),
      plan(.decimal128, .decimal(precision: 38, scale: 4), scale: 4), plan(.bytes, .binary),
      plan(.dateTimeText, .string, scale: 6), plan(.geometry, .binary),
      plan(.int8, .int8, width: 1),
    ]
    for _ in 0..<20_000 {
      let plans = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        wires[Int.random(in: 0..<wires.count, using: &random)]
      }
      let rows = (0..<Int.random(in: 1...3, using: &random)).map { _ in
        [0, UInt8.random(in: 0...3, using: &random) * 4]
          + (0..<Int.random(in: 0...40, using: &random)).map { _ in
            UInt8.random(in: 0...(Bool.random() ? 12 : 255), using: &random)
          }
      }
      _ = try? decode(rows, plans)
    }
  }
}

struct RowHashTests {
  private func hash(_ values: [(String, DataType, Column.Values)]) -> RowHash {
    let columns = values.map { Column(type: $0.1, count: 1, values: $0.2) }
    return RowHash.Hasher(columns, Schema(values.map { Field($0.0, $0.1) })).hash(0)
  }

  @Test func `names, values and their pairing count, order and width do not`() {
    let base = hash([("a", .int32, .int32([1])), ("b", .int32, .int32([2]))])
    #expect(base == hash([("b", .int64, .int64([2])), ("a", .int8, .int32([1]))]))
    #expect(base != hash([("a", .int32, .int32([2])), ("b", .int32, .int32([1]))]))
    #expect(base != hash([("a", .int32, .int32([1]))]))
    let nulls = Column.nulls(.string, count: 1)
    let columns = [Column(type: .int32, count: 1, values: .int32([-5])), nulls]
    let more = RowHash.Hasher(columns, Schema([Field("a", .int32), Field("n", .string)])).hash(0)
    #expect(more == hash([("a", .int64, .int64([-5]))]))
    #expect(
      hash([("a", .uint64, .int64([-1]))]) != hash([("a", .int64, .int64([-1]))]))
    #expect(
      hash([("a", .string, .bytes(ByteColumn(["xy"])))])
        != hash([("a", .string, .bytes(ByteColumn(["xyz"])))]))
  }

  @Test func `a set gives each row out as often as it came, and survives its ledger`() throws {
    let hashes = (0..<9000).map {
      RowHash(high: UInt64($0 % 4500) &* 0x9E37_79B9_7F4A_7C15, low: 1)
    }
    let empty = MemoryLedger()
    let ledger = empty.applying(try RowHashSet.changes(from: empty, to: hashes))
    #expect(try ledger.entries().map(\.key) == ["rows/00000", "rows/00001", "rows/00002"])
    var set = try RowHashSet(ledger, place: "t")
    #expect(set.hashes.count == 9000)
    let taken = (0..<3).map { _ in set.take(hashes[7]) }
    #expect(taken == [true, true, false])
    #expect(try RowHashSet.changes(from: ledger, to: hashes.reversed()).isEmpty)
    #expect(try ledger.applying(RowHashSet.changes(from: ledger, to: [])).entries().isEmpty)
    let broken = MemoryLedger(["rows/00000": .string("x")])
    #expect(connectorError { _ = try RowHashSet(broken, place: "t") }?.kind == .malformed)
  }
}
