import Base
import Bookmarks
import Foundation
import Records
import Synchronization
import Testing

@testable import Ingest

@Suite struct DailyRunTests {
  @Test func takesOnlyWhatIsNew() throws {
    let lake = try TestLake()
    lake.world.append(250)
    let first = try lake.run()
    #expect(first.exitCode == 0)
    #expect(first.outcomes.map(\.rows) == [250] && first.outcomes.map(\.commits) == [3])
    #expect(try lake.ids() == lake.world.ids)
    let second = try lake.run()
    #expect(second.outcomes.map(\.status) == [.unchanged])
    #expect(second.outcomes.map(\.rows) == [0] && second.outcomes.map(\.commits) == [0])
    lake.world.append(5)
    let third = try lake.run()
    #expect(third.outcomes.map(\.rows) == [5])
    #expect(third.outcomes.first?.from == "250" && third.outcomes.first?.to == "255")
    #expect(try lake.ids() == lake.world.ids)
    #expect(try lake.visibleIDs() == lake.world.ids)
    #expect(try lake.stagedCount == 0)
  }

  @Test func whatFailsMidwayKeepsWhatWasCommitted() throws {
    let lake = try TestLake()
    lake.world.append(250)
    lake.world.state.withLock { $0.failsAtBatch = 7 }
    let failed = try lake.run()
    #expect(failed.exitCode == 4)
    #expect(failed.outcomes.first?.status == .failed && failed.outcomes.first?.rows == 100)
    #expect(failed.outcomes.first?.remedy == "Run again.")
    #expect(try lake.ids() == Array(1...100))
    #expect(try lake.stagedCount == 0)
    try lake.run()
    #expect(try lake.ids() == lake.world.ids)
  }

  @Test func whatMayPassIsTriedAgain() throws {
    let lake = try TestLake(settings: "{retries: 2}")
    lake.world.append(250)
    lake.world.state.withLock { $0.failsAtBatch = 7 }
    #expect(try lake.run().outcomes.map(\.status) == [.committed])
    #expect(try lake.ids() == lake.world.ids)
  }

  @Test func aCancelledRunLeavesACleanState() throws {
    let lake = try TestLake()
    lake.world.append(250)
    let cancellation = Cancellation()
    lake.world.state.withLock { $0.beforeBatch = { cancellation.cancel("interrupted") } }
    let report = try lake.run(cancellation: cancellation)
    #expect(report.outcomes.first?.status == .failed)
    #expect(report.outcomes.first?.error?.contains("interrupted") == true)
    #expect(try lake.stagedCount == 0)
    lake.world.state.withLock { $0.beforeBatch = nil }
    try lake.run()
    #expect(try lake.ids() == lake.world.ids)
  }

  @Test func aFullReadReplacesAndNoticesThatNothingChanged() throws {
    let lake = try TestLake()
    lake.world.append(150)
    lake.world.state.withLock { $0.readsAll = true }
    #expect(try lake.run().outcomes.map(\.rows) == [150])
    let again = try lake.run()
    #expect(again.outcomes.map(\.status) == [.unchanged] && again.outcomes.map(\.commits) == [0])
    #expect(try lake.stagedCount == 0)
    lake.world.append(1)
    #expect(try lake.run().outcomes.map(\.rows) == [151])
    #expect(try lake.ids() == lake.world.ids)
    #expect(try lake.visibleIDs() == lake.world.ids)
  }

  @Test func aTableIsNotReplacedByNothingWithoutForce() throws {
    let lake = try TestLake()
    lake.world.append(150)
    lake.world.state.withLock { $0.readsAll = true }
    try lake.run()
    lake.world.state.withLock { $0.rows = [] }
    let refused = try lake.run()
    #expect(refused.exitCode == 5)
    #expect(refused.outcomes.first?.remedy?.contains("--force") == true)
    #expect(try lake.ids().count == 150)
    var options = RunOptions()
    options.isForced = true
    #expect(try lake.run(options).exitCode == 0)
    #expect(try lake.ids().isEmpty)
  }

  @Test func aChangedBindingIsRefusedAndNamed() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    lake.world.state.withLock { $0.binding = ["table": "other"] }
    let refused = try lake.run()
    #expect(refused.exitCode == 5)
    #expect(refused.outcomes.first?.error?.contains(#"source.table was "t", is "other""#) == true)
  }

  @Test func columnsAreAddedByPolicy() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    lake.world.append(10)
    lake.world.state.withLock { $0.extraColumn = true }
    #expect(try lake.run().exitCode == 0)
    let state = try lake.workspace().stream(named: "s.t")
    #expect(state.schemas["s_t"]?.names == ["id", "payload", "extra"])
    let strict = try TestLake(settings: "{schema: {new_column: fail}}")
    strict.world.append(10)
    try strict.run()
    strict.world.append(10)
    strict.world.state.withLock { $0.extraColumn = true }
    let refused = try strict.run()
    #expect(refused.exitCode == 5 && refused.outcomes.first?.error?.contains("extra") == true)
    #expect(try strict.stagedCount == 0)
  }

  @Test func lineageColumnsNameTheCommit() throws {
    let lake = try TestLake(settings: "{lineage: true}")
    lake.world.append(10)
    #expect(try lake.run().exitCode == 0)
    let state = try lake.workspace().stream(named: "s.t")
    #expect(state.schemas["s_t"]?.names == ["id", "payload", "_commit", "_ingested_at"])
    lake.world.append(1)
    #expect(try lake.run().outcomes.map(\.rows) == [1])
  }

  @Test func aHeldStreamIsPassedOverAndRefusedByName() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    let control = BookmarkControl(try lake.workspace(), context: lake.context)
    _ = try control.hold("s.t", reason: "migration", .init())
    #expect(try lake.run().outcomes.map(\.status) == [.held])
    var named = RunOptions()
    named.selection = ["s.t"]
    #expect(try lake.run(named).exitCode == 5)
    _ = try control.release("s.t", .init())
    lake.world.append(1)
    #expect(try lake.run(named).outcomes.map(\.rows) == [1])
  }

  @Test func aLostStateIsRefused() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    try FileManager.default.removeItem(at: lake.folder.appendingPathComponent(".tidemark"))
    let error = #expect(throws: IngestError.self) { try lake.run() }
    #expect(error?.exitCode == 5)
  }

  @Test func unknownNamesSuggestTheNearest() throws {
    let lake = try TestLake()
    var options = RunOptions()
    options.selection = ["s.tt"]
    let error = #expect(throws: IngestError.self) { try lake.run(options) }
    #expect(error?.remedy == "Did you mean 's.t'?" && error?.exitCode == 2)
  }

  @Test func aStreamThatTakesTooLongIsStopped() throws {
    let lake = try TestLake(settings: "{timeout: 1h, retries: 3}")
    lake.world.append(250)
    let clock = lake.clock
    lake.world.state.withLock { state in
      state.beforeBatch = {
        // An hour passes at once; the watch needs a moment of real time to see it.
        clock.sleep(seconds: 3600)
        Thread.sleep(forTimeInterval: 0.3)
      }
    }
    let report = try lake.run()
    #expect(report.exitCode == 4)
    #expect(report.outcomes.first?.error?.contains("longer than its timeout") == true)
    lake.world.state.withLock { $0.beforeBatch = nil }
    try lake.run()
    #expect(try lake.ids() == lake.world.ids)
  }

  @Test func whoeverIsToldOfFailuresIsTold() throws {
    let told = FileManager.default.temporaryDirectory
      .appendingPathComponent("tidemark-told-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: told) }
    let command = "echo \"$TIDEMARK_STREAM: $TIDEMARK_ERROR\" > '\(told.path)'"
    let lake = try TestLake(
      settings: "{on_failure: {command: \(JSONValue.string(command).text())}}")
    lake.world.append(10)
    lake.world.state.withLock { $0.failsAtBatch = 1 }
    try lake.run()
    #expect(
      try String(contentsOf: told, encoding: .utf8) == "s.t: the script says so\n")
    try FileManager.default.removeItem(at: told)
    lake.world.state.withLock { $0.failsAtBatch = nil }
    try lake.run()
    #expect(!FileManager.default.fileExists(atPath: told.path))
  }
}
