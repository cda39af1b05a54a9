import Base
import Records
import Testing

@testable import Formats

/// Rows of texts to a builder, each a dictionary in the order written.
private struct TextRows {
  let builder: TextRowsBuilder
  var outcome = LineOutcome()
  var batches: [Batch] = []

  init(
    _ options: LineOptions = LineOptions(), knownSchema: Schema? = nil, infersTypes: Bool = true,
    nullTexts: [String] = []
  ) throws {
    builder = try TextRowsBuilder(
      options, knownSchema: knownSchema, infersTypes: infersTypes, nullTexts: nullTexts)
  }

  /// Lines whose fields are separated by `|`, in columns `a`, `b`, …; a field `=` is not set.
  mutating func add(_ lines: [[UInt8]]) throws {
    let text = lines.map { $0 + [0x0A] }.reduce([], +)
    builder.begin(LineBlock(text))
    var position = 0
    for (index, line) in lines.enumerated() {
      var start = position
      for (place, field) in line.split(separator: 0x7C, omittingEmptySubsequences: false)
        .enumerated()
      {
        let name = String(decoding: [UInt8(0x61 + place)], as: UTF8.self)
        if Array(field) != [0x3D] {
          builder.set(try builder.column(named: name), start..<start + field.count)
        }
        start += field.count + 1
      }
      builder.endRow(line: index + 1, text: position..<position + line.count, &outcome)
      position += line.count + 1
    }
  }

  mutating func add(_ lines: [String]) throws { try add(lines.map { Array($0.utf8) }) }

  mutating func finish() { batches.append(builder.finish()) }

  func texts(_ name: String) -> [String] {
    batches.flatMap { batch in
      (0..<batch.rowCount).map { row in batch[name].map { $0[row].text } ?? "null" }
    }
  }

  func type(_ name: String) -> String { batches.last?[name]?.type.description ?? "none" }
}

@Suite struct TextRowsTests {
  private func column(_ values: [String]) throws -> TextRows {
    var rows = try TextRows()
    try rows.add(values)
    rows.finish()
    return rows
  }

  @Test(arguments: [
    ("0", "bigint"), ("-1", "bigint"), ("-0", "bigint"), ("9223372036854775807", "bigint"),
    ("-9223372036854775808", "bigint"), ("9223372036854775808", "decimal(38,0)"),
    ("-9223372036854775809", "decimal(38,0)"),
    ("99999999999999999999999999999999999999", "decimal(38,0)"),
    ("100000000000000000000000000000000000000", "string"), ("007", "string"), ("+1", "string"),
    ("1 ", "string"), ("-", "string"), ("--1", "string"), ("1,000", "string"), ("0x10", "string"),
    ("1_000", "string"), ("١", "string"), ("1.5", "double"), ("-0.0", "double"), (".5", "double"),
    ("5.", "double"), (".", "string"), ("-.", "string"), ("1e5", "double"), ("1E-5", "double"),
    ("1e+05", "double"), ("1e", "string"), ("e5", "string"), ("1e5.0", "string"),
    ("1.2.3", "string"), ("00.5", "string"), ("1e999", "string"), ("1e-9999", "string"),
    ("1e99999999999999999999", "string"), ("nan", "double"), ("NaN", "double"), ("-inf", "double"),
    ("Infinity", "double"), ("NAN", "string"), ("infinite", "string"), ("true", "boolean"),
    ("FALSE", "boolean"), ("True", "boolean"), ("t", "string"), ("yes", "string"),
    ("2026-11-21", "date"), ("2026-02-30", "string"), ("2026-11-21 10:00", "timestamp(us,utc)"),
    ("2026-11-21T10:00:00.123456789Z", "timestamp(us,utc)"),
    ("2026-11-21T10:00:00+05:30", "timestamp(us,utc)"), ("2026-11-21T25:00:00", "string"),
    ("10:00:00", "string"), ("1.1.1.1", "string"), ("", "none"),
  ])
  func aTextHasAType(_ text: String, _ type: String) throws {
    #expect(try column([text]).type("a") == type)
    let among = try column(["", text, ""])
    #expect(among.type("a") == type)
    if type == "string" { #expect(among.texts("a") == ["null", text, "null"]) }
  }

  @Test(arguments: [
    (["1", "2.5"], "double", ["1.0", "2.5"]),
    (["1", "18446744073709551615"], "decimal(38,0)", ["1", "18446744073709551615"]),
    (["18446744073709551615", "0.5", "1"], "double", ["1.8446744073709552e+19", "0.5", "1.0"]),
    (["1.50", "1", "x"], "string", ["1.50", "1", "x"]),
    (["-0", "TRUE"], "string", ["-0", "TRUE"]), (["true", "1"], "string", ["true", "1"]),
    (["true", "", "False"], "boolean", ["true", "null", "false"]),
    (
      ["2026-11-21", "2026-11-21 01:02:03"], "timestamp(us,utc)",
      ["2026-11-21T00:00:00Z", "2026-11-21T01:02:03Z"]
    ),
    (["2026-11-21", "7"], "string", ["2026-11-21", "7"]),
    (["2026-11-21T01:00:00+01:00", "soon"], "string", ["2026-11-21T01:00:00+01:00", "soon"]),
    (["1e2", "007"], "string", ["1e2", "007"]), (["", "", "1"], "bigint", ["null", "null", "1"]),
  ])
  func typesWiden(_ texts: [String], _ type: String, _ values: [String]) throws {
    let rows = try column(texts)
    #expect(rows.type("a") == type)
    #expect(rows.texts("a") == values)
    // Whatever the order.
    #expect(try column(texts.reversed()).type("a") == type)
    #expect(try column(texts.reversed()).texts("a") == values.reversed())
  }

  @Test func manyRowsWidenLate() throws {
    let numbers = (0..<3000).map { "\($0 % 7 == 0 ? "" : "\($0).50")" }
    var rows = try TextRows()
    try rows.add(numbers)
    try rows.add(["last"])
    rows.finish()
    #expect(rows.texts("a") == numbers.map { $0.isEmpty ? "null" : $0 } + ["last"])
    #expect(rows.batches[0].rowCount == 3001)
  }

  @Test func typesLastOverBatches() throws {
    var rows = try TextRows()
    try rows.add(["1|1|1|true", "2.5|2|2|"])
    rows.finish()
    try rows.add(["3|x|=|", "4||5|"])
    rows.finish()
    try rows.add(["=|=|=|="])
    rows.finish()
    #expect(rows.batches[0].schema.fields.map(\.type) == [.float64, .int64, .int64, .boolean])
    #expect(rows.batches[1].schema.fields.map(\.type) == [.float64, .string, .int64, .boolean])
    #expect(rows.batches[2].schema == rows.batches[1].schema)
    #expect(rows.texts("a") == ["1.0", "2.5", "3.0", "4.0", "null"])
    #expect(rows.texts("b") == ["1", "2", "x", "null", "null"])
    #expect(rows.texts("c") == ["1", "2", "null", "5", "null"])
  }

  @Test func goesOnFromTheTable() throws {
    let known = Schema([
      Field("a", .float64), Field("b", .int32), Field("c", .string), Field("d", .date),
      Field("e", .timestamp(.microseconds, isUTC: true)),
      Field("f", .decimal(precision: 20, scale: 0)),
      Field("_file", .string),
    ])
    var rows = try TextRows(LineOptions(reservedNames: ["_file"]), knownSchema: known)
    try rows.add(["1|1|1|2026-11-21|2026-11-21|1"])
    rows.finish()
    #expect(
      rows.batches[0].schema.fields.map(\.type) == [
        .float64, .int64, .string, .date, .timestamp(.microseconds, isUTC: true),
        .decimal(precision: 38, scale: 0),
      ])
    #expect(rows.texts("e") == ["2026-11-21T00:00:00Z"])
  }

  @Test func declaredTypesHoldOrReject() throws {
    let declared = [
      Field("a", .int32), Field("b", .decimal(precision: 12, scale: 2)), Field("c", .boolean),
      Field("d", .string), Field("e", .float32), Field("f", .decimal(precision: 38, scale: 4)),
      Field("g", .date), Field("h", .timestamp(.microseconds, isUTC: true)),
    ]
    var rows = try TextRows(LineOptions(declared: declared))
    let good = "+007|-1.5|yes|007|1.5|1e3|2026-11-21|2026-11-21T00:00:01Z|x"
    try rows.add([
      good, "x|1|1|1|1|1||", "1|1.234|1|1|1|1||", "1|1|2|1|1|1||", "1|1|1|1|z|1||",
      "1|1|1|1|1|1.00001||", "1|1|1|1|1|1|21.11.2026|", "1|1|1|1|1|1||now", "||||||||",
      "2147483648|1|1|1|1|1||", "1|99999999999.00|1|1|1|1||",
      " 8 |0.10|F|1|-.5|9999999999999999999999999999999999.9999|2026-11-22 ||y",
    ])
    rows.finish()
    #expect(rows.outcome.rowLines == [1, 9, 12])
    #expect(rows.outcome.rejects.map(\.line) == [2, 3, 4, 5, 6, 7, 8, 10, 11])
    #expect(rows.outcome.rejects[0].reason == "the value of 'a' is no int: 'x'")
    #expect(rows.outcome.rejects[0].text == "x|1|1|1|1|1||")
    #expect(rows.batches[0].schema.fields.prefix(8).map(\.type) == declared.map(\.type))
    #expect(rows.texts("a") == ["7", "null", "8"])
    #expect(rows.texts("b") == ["-1.50", "null", "0.10"])
    #expect(rows.texts("c") == ["true", "null", "false"])
    #expect(rows.texts("d") == ["007", "null", "1"])
    #expect(rows.texts("e") == ["1.5", "null", "-0.5"])
    #expect(
      rows.texts("f") == ["1000.0000", "null", "9999999999999999999999999999999999.9999"])
    #expect(rows.texts("g") == ["2026-11-21", "null", "2026-11-22"])
    #expect(rows.texts("i") == ["x", "null", "y"])
    #expect(throws: FormatError.self) {
      try TextRows(LineOptions(declared: [Field("a", .list(Field("x", .string)))]))
    }
  }

  @Test func timesHaveZonesAndPatterns() throws {
    let time = DataType.timestamp(.microseconds, isUTC: true)
    var rows = try TextRows(
      LineOptions(
        zone: "Europe/Berlin", declared: [Field("c", time), Field("d", .date)],
        timePatterns: ["c": "%b %d %H:%M:%S", "d": "%d.%m.%Y"]))
    rows.builder.reference = Instant(microseconds: 1_795_262_400_000_000)  // 2026-11-21
    try rows.add([
      "2026-07-01 12:00|2026-07-01|Nov 20 12:00:00|20.11.2026",
      "2026-07-01T12:00:00Z|2026-07-01 02:00:00|Dec 24 12:00:00|1.1.2026",
    ])
    rows.finish()
    #expect(rows.texts("a") == ["2026-07-01T10:00:00Z", "2026-07-01T12:00:00Z"])
    #expect(rows.texts("b") == ["2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z"])
    #expect(rows.texts("c") == ["2026-11-20T11:00:00Z", "2025-12-24T11:00:00Z"])
    #expect(rows.texts("d") == ["2026-11-20", "2026-01-01"])
    #expect(throws: FormatError.self) { try TextRows(LineOptions(zone: "Nowhere/Else")) }
  }

  @Test func nullsAndLiterals() throws {
    let rows = try TextRows(nullTexts: ["NULL", "\\N", "-"])
    let builder = rows.builder
    builder.begin(LineBlock(Array("NULL-\\N1x".utf8)))
    let a = try builder.column(named: "a")
    let b = try builder.column(named: "b")
    let c = try builder.column(named: "c")
    builder.set(a, 0..<4)
    builder.set(b, 0..<4, isLiteral: true)
    builder.set(c, 0..<0, isLiteral: true)
    #expect(builder.endRow() == nil)
    builder.set(a, 7..<8)
    builder.set(b, text: [])
    builder.set(c, 8..<9)
    #expect(builder.endRow() == nil)
    builder.set(a, text: [], isLiteral: true)
    builder.set(b, text: [], isLiteral: true)
    builder.set(c, text: Array("NULL".utf8))
    #expect(builder.endRow() == nil)
    let batch = builder.finish()
    func texts(_ name: String) -> [String] { (0..<3).map { batch[name]?[$0].text ?? "none" } }
    #expect(texts("a") == ["null", "1", "null"])
    #expect(batch["a"]?.type == .int64)
    #expect(texts("b") == ["NULL", "null", ""])
    #expect(texts("c") == ["", "x", "null"])
  }

  @Test func wrongBytesAreRepaired() throws {
    var rows = try TextRows()
    try rows.add([[0x61, 0xFF, 0x7C, 0x31], [0x62, 0x7C, 0x32], [0xC3, 0xA9, 0x7C, 0x33]])
    rows.finish()
    #expect(rows.texts("a") == ["a\u{FFFD}", "b", "é"])
    #expect(rows.texts("b") == ["1", "2", "3"])
    #expect(rows.outcome.repairedCount == 1)
  }

  @Test func rowsAreAbandonedWhole() throws {
    let rows = try TextRows()
    let builder = rows.builder
    builder.begin(LineBlock(Array("abc1".utf8)))
    let a = try builder.column(named: "a")
    builder.set(a, 0..<3)
    builder.set(try builder.column(named: "never"), text: Array("x".utf8))
    builder.abandonRow()
    #expect(builder.endRow() == nil)
    builder.set(a, 3..<4)
    #expect(builder.endRow() == nil)
    let batch = builder.finish()
    #expect(batch.rowCount == 2)
    #expect(batch.schema == Schema([Field("a", .int64)]))
    #expect(batch["a"]?.nullCount == 1)
  }

  @Test func valuesOfGivenTypes() throws {
    let time = DataType.timestamp(.microseconds, isUTC: true)
    let rows = try TextRows(knownSchema: Schema([Field("time", time), Field("n", .string)]))
    let builder = rows.builder
    let place = try builder.column(named: "time", type: time)
    let number = try builder.column(named: "n", type: .int32)
    builder.begin(LineBlock(Array("17x".utf8)))
    for row in 0..<600 {
      builder.set(place, value: Int64(row) * 1_000_000)
      if row % 2 == 0 { builder.set(number, 0..<2) }
      #expect(builder.endRow() == nil)
    }
    builder.set(number, 2..<3)
    #expect(builder.endRow()?.contains("'n'") == true)
    let batch = builder.finish()
    #expect(batch.rowCount == 600)
    #expect(batch["time"]?[599].text == "1970-01-01T00:09:59Z")
    #expect(batch["time"]?.validity == nil)
    #expect(batch["n"]?.type == .int32)
    #expect(batch["n"]?[598].text == "17")
    #expect(batch["n"]?.nullCount == 300)
    #expect {
      let rows = try TextRows(LineOptions(declared: [Field("Time", .string)]))
      _ = try rows.builder.column(named: "time", type: time)
    } throws: {
      ($0 as? FormatError)?.kind == .invalidOption
    }
  }

  @Test func namesCollide() throws {
    func column(_ builder: TextRowsBuilder, _ name: String) throws -> Int {
      try builder.column(named: name)
    }
    let plain = try TextRows(LineOptions(reservedNames: ["_line"])).builder
    #expect(try column(plain, "A") == 0)
    #expect(try column(plain, "_LINE") == 1)
    #expect { try column(plain, "a") } throws: { ($0 as? FormatError)?.kind == .nameCollision }
    #expect { try column(plain, "_line_") } throws: {
      ($0 as? FormatError)?.kind == .nameCollision
    }
    let merging = try TextRows(LineOptions(mergesCase: true)).builder
    #expect(try column(merging, "ID") == 0)
    #expect(try column(merging, "id") == 0)
    #expect(try column(merging, "Id") == 0)
    #expect(throws: FormatError.self) { try column(plain, "") }
    #expect(throws: FormatError.self) { try column(plain, "a\nb") }
    #expect(throws: FormatError.self) { try column(plain, String(repeating: "x", count: 256)) }
    for index in 2..<TextRowsBuilder.columnsMax { _ = try column(plain, "c\(index)") }
    #expect { try column(plain, "more") } throws: {
      ($0 as? FormatError)?.kind == .tooManyColumns
    }
  }

  /// A batch keeps no blocks of which it has no rows, and counts those that it keeps.
  @Test func blocksWithoutRowsAreLetGo() throws {
    let builder = try TextRows().builder
    let a = try builder.column(named: "a")
    for _ in 0..<100 {
      builder.begin(LineBlock([UInt8](repeating: 0x78, count: 100_000)))
      builder.set(a, 0..<1)
      builder.set(a, text: [UInt8](repeating: 0x78, count: 100_000))
      builder.abandonRow()
    }
    #expect(builder.byteCount == 0)
    for _ in 0..<10 {
      builder.begin(LineBlock([UInt8](repeating: 0x78, count: 100_000)))
      builder.set(a, 0..<1)
      #expect(builder.endRow() == nil)
    }
    #expect(builder.byteCount >= 900_000)
    let batch = builder.finish()
    #expect(batch.rowCount == 10)
    guard case .bytes(let texts) = batch.columns[0].values else {
      Issue.record("not text")
      return
    }
    #expect(texts.buffers.count <= 11)
  }

  /// The type does not depend on the order of values, nor on where batches of a chunk end.
  @Test func kindsAreJoined() throws {
    let values = [
      "", "1", "-5", "99999999999999999999", "1.5", "true", "2026-11-21", "2026-11-21T10:00:00Z",
      "text", "007",
    ]
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<300 {
      let picked = (0..<Int.random(in: 1...600, using: &generator)).map { _ in
        values[
          Int.random(in: 0..<values.count, using: &generator)
            % (Int.random(in: 1...10, using: &generator))]
      }
      let kinds = picked.map { text in
        text.isEmpty
          ? TextKind.undetermined
          : Array(text.utf8 + [UInt8](repeating: 0, count: 8)).withUnsafeBufferPointer {
            TextKind(
              UnsafeBufferPointer(rebasing: $0[0..<text.utf8.count]), times: TextTimes())
          }
      }
      let expected = kinds.reduce(TextKind.undetermined) { $0.widened(with: $1) }
      let rows = try column(picked)
      #expect(rows.batches[0]["a"]?.type == expected.type)
      if expected == .string {
        #expect(rows.texts("a") == picked.map { $0.isEmpty ? "null" : $0 })
      }
    }
  }
}

struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
