import Base
import Bookmarks
import Catalog
import Connector
import Storage
import Synchronization
import Testing

@testable import Ingest

@Suite struct ControlTests {
  @Test func goesBackToAValue() throws {
    let lake = try TestLake()
    for _ in 0..<3 {
      lake.world.append(90)
      try lake.run()
    }
    var dry = BookmarkControl.Options()
    dry.isDryRun = true
    let control = try lake.bookmarkControl()
    // The marks are 90, 180 and 270; as text, 1000 would be before all of them.
    #expect(try control.rewind("s.t", to: .value("200"), dry).to == "180")
    #expect(try control.rewind("s.t", to: .value("0180"), dry).to == "180")
    #expect(try control.rewind("s.t", to: .value("89"), dry).to == nil)
    #expect(throws: IngestError.self) { try control.rewind("s.t", to: .value("1000"), dry) }
    #expect(throws: IngestError.self) { try control.rewind("s.t", to: .value("noon"), dry) }
    let change = try control.rewind("s.t", to: .value("100"), .init())
    #expect(change.to == "90" && change.rowsRemoved == 180)
    #expect(change.undo == "tidemark bookmark rewind s.t --to-version 3")
    #expect(try lake.ids() == Array(1...90))
    #expect(try lake.run().outcomes.map(\.rows) == [180])
    #expect(try lake.ids() == lake.world.ids)
  }

  @Test(arguments: [
    ("2026-11-20T06:00:00Z", "2026-11-20 07:00:00+01:00", true),
    ("2026-11-20", "2026-11-19T23:59:59.999999Z", false),
  ])
  func timesCompareAsTimes(_ mark: String, _ value: String, _ isNotPast: Bool) throws {
    let a = try #require(MarkSearch.Position(mark, .time))
    let b = try #require(MarkSearch.Position(value, .time))
    #expect((a <= b) == isNotPast)
  }

  @Test func integersCompareAsNumbersOfAnyLength() throws {
    let texts = ["-18446744073709551615", "-10", "-9", "0", "7", "10", "18446744073709551615"]
    let positions = try texts.map { try #require(MarkSearch.Position($0, .integer)) }
    #expect(positions.shuffled().sorted() == positions)
    #expect(MarkSearch.Position("-0", .integer) == MarkSearch.Position("000", .integer))
    #expect(MarkSearch.Position("1.5", .integer) == nil && MarkSearch.Position("", .integer) == nil)
    #expect(MarkSearch.Position("1", .opaque) == nil)
  }

  @Test func whatTheSourceLostIsNotTakenBackWithoutForce() throws {
    let lake = try TestLake()
    lake.world.append(250)
    try lake.run()
    lake.world.state.withLock { $0.lost = ["split 100"] }
    let control = try lake.bookmarkControl()
    let error = #expect(throws: IngestError.self) { try control.reset("s.t", .init()) }
    #expect(error?.exitCode == 5 && error?.remedy.contains("--force") == true)
    #expect(error?.message.contains("split 100") == true)
    #expect(try lake.ids() == lake.world.ids)
    // What is not touched may be lost.
    #expect(try control.rewind("s.t", to: .version(2), .init()).rowsRemoved == 50)
    var forced = BookmarkControl.Options()
    forced.isForced = true
    let change = try control.reset("s.t", forced)
    #expect(change.rowsRemoved == 200)
    _ = try control.rewind("s.t", to: .version(change.version - 1), .init())
    #expect(try lake.ids() == Array(1...200))
  }

  @Test func everyChangeSaysHowToUndoIt() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    let control = try lake.bookmarkControl()
    #expect(try control.hold("s.t", reason: "x", .init()).undo == "tidemark bookmark release s.t")
    #expect(try control.release("s.t", .init()).undo == "tidemark bookmark hold s.t")
    let reset = try control.reset("s.t", .init())
    #expect(reset.json["undo"] == "tidemark bookmark rewind s.t --to-version 3")
    _ = try control.rewind("s.t", to: .version(3), .init())
    #expect(try lake.ids() == lake.world.ids)
  }

  // MARK: - Trials

  private func trial(_ lake: TestLake, zone: String = "trial") throws -> RunReport {
    var options = RunOptions()
    options.trialZone = zone
    return try lake.run(options)
  }

  private func ids(_ lake: TestLake, _ stream: String) throws -> Int {
    try lake.workspace().log.files(of: stream, asOf: nil).reduce(0) { $0 + $1.rowCount }
  }

  @Test(arguments: [".tidemark/state.db", "lake"])
  func aTrialMovesNothingAndIsReplacedByTheNext(_ state: String) throws {
    let lake = try TestLake(state: state)
    lake.world.append(120)
    try lake.run()
    lake.world.append(130)
    let before = try lake.workspace().log.stream("s.t")
    let report = try trial(lake)
    #expect(report.outcomes.map(\.stream) == ["s.t@trial"])
    #expect(report.outcomes.map(\.rows) == [130] && report.outcomes.first?.from == "120")
    #expect(try lake.workspace().log.stream("s.t") == before)
    #expect(try lake.ids() == Array(1...120))
    #expect(try ids(lake, "s.t@trial") == 130)
    lake.world.append(10)
    #expect(try trial(lake).outcomes.map(\.rows) == [140])
    #expect(try ids(lake, "s.t@trial") == 140)
    let tables = try lake.workspace().tables(in: nil).map(\.tableName.description)
    #expect(tables == ["raw.s_t", "trial.s_t"])
    #expect(try lake.run().outcomes.map(\.rows) == [140])
    #expect(try lake.ids() == lake.world.ids)
    // What it read last time is taken away though nothing is new now.
    #expect(try trial(lake).outcomes.map(\.status) == [.unchanged])
    #expect(try ids(lake, "s.t@trial") == 0)
  }

  @Test func aTrialIsNotMadeInARealZone() throws {
    let lake = try TestLake()
    lake.world.append(10)
    for zone in ["raw", "Trial", "_x", "a/b", ""] {
      #expect(throws: IngestError.self) { try trial(lake, zone: zone) }
    }
    #expect(try trial(lake, zone: "forecast").exitCode == 0)
  }

  @Test func aTrialThatFailedIsReplaced() throws {
    let lake = try TestLake()
    lake.world.append(250)
    lake.world.state.withLock { $0.failsAtBatch = 7 }
    #expect(try trial(lake).exitCode == 4)
    #expect(try trial(lake).outcomes.map(\.rows) == [250])
    #expect(try ids(lake, "s.t@trial") == 250)
    #expect(try lake.workspace().log.stream("s.t") == nil)
  }
}
