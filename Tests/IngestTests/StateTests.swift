import Base
import Bookmarks
import Foundation
import Storage
import Testing

@testable import Ingest

/// A state that is lost, old, foreign or unmarked: refused, said clearly, and taken over.
@Suite struct StateTests {
  private func file(_ lake: TestLake) -> URL {
    lake.folder.appendingPathComponent(".tidemark/state.db")
  }

  private func copyState(_ lake: TestLake, to name: String) throws {
    let target = lake.folder.appendingPathComponent(name)
    try? FileManager.default.removeItem(at: target)
    try FileManager.default.copyItem(
      at: lake.folder.appendingPathComponent(".tidemark"), to: target)
  }

  private func bringBack(_ name: String, in lake: TestLake) throws {
    let state = lake.folder.appendingPathComponent(".tidemark")
    try FileManager.default.removeItem(at: state)
    try FileManager.default.copyItem(at: lake.folder.appendingPathComponent(name), to: state)
  }

  @Test(arguments: [".tidemark/state.db", "lake"])
  func aStateThatIsWellIsShown(_ state: String) throws {
    let lake = try TestLake(state: state)
    lake.world.append(10)
    let run = try lake.run()
    let report = try lake.stateControl().show()
    #expect(report.problem == nil && report.marker?.log == report.log)
    #expect(report.summary?.commitCount == 1 && report.summary?.lastRun?.id == run.run)
    #expect(report.streams.map(\.name) == ["s.t"])
    #expect(report.json["commits"] == 1 && report.json["problem"] == .null)
    #expect(try lake.stateControl().adopt(isDryRun: false).kind == .nothing)
  }

  @Test func aLostStateIsRefusedAndItsFilesAreAdopted() throws {
    let lake = try TestLake()
    lake.world.append(150)
    try lake.run()
    try FileManager.default.removeItem(at: file(lake).deletingLastPathComponent())
    let error = #expect(throws: IngestError.self) { try lake.run() }
    #expect(error?.exitCode == 5 && error?.remedy.contains("state adopt") == true)
    // Nothing new stands where the old state belongs.
    #expect(!FileManager.default.fileExists(atPath: file(lake).path))
    #expect(try lake.stateControl().show().problem?.exitCode == 5)
    let plan = try lake.stateControl().adopt(isDryRun: true)
    #expect(plan.kind == .found)
    #expect(plan.tables == [.init(stream: "s.t", table: "raw.s_t", files: 2, rows: 150)])
    #expect(!FileManager.default.fileExists(atPath: file(lake).path))
    #expect(try lake.stateControl().adopt(isDryRun: false).tables == plan.tables)
    #expect(try lake.ids() == lake.world.ids)
    lake.world.append(5)
    #expect(try lake.run().outcomes.map(\.status) == [.held])
    // The person knows how far the table goes.
    let stream = try StreamSelection(lake.configuration(), lake.context).stream(named: "s.t")
    _ = try lake.bookmarkControl().set(stream, to: "150", .init())
    _ = try lake.bookmarkControl().release("s.t", .init())
    #expect(try lake.run().outcomes.map(\.rows) == [5])
    #expect(try lake.ids() == lake.world.ids)
    #expect(try lake.visibleIDs() == lake.world.ids)
  }

  @Test func anAdoptedStreamCanBeReadAnew() throws {
    let lake = try TestLake()
    lake.world.append(150)
    try lake.run()
    try FileManager.default.removeItem(at: file(lake).deletingLastPathComponent())
    _ = try lake.stateControl().adopt(isDryRun: false)
    _ = try lake.bookmarkControl().reset("s.t", .init())
    _ = try lake.bookmarkControl().release("s.t", .init())
    #expect(try lake.run().outcomes.map(\.rows) == [150])
    #expect(try lake.ids() == lake.world.ids)
    #expect(try lake.visibleIDs() == lake.world.ids)
  }

  @Test func anOlderCopyIsRefusedAndSetsTheLakeBack() throws {
    let lake = try TestLake()
    lake.world.append(150)
    try lake.run()
    try copyState(lake, to: "backup")
    lake.world.append(30)
    try lake.run()
    try bringBack("backup", in: lake)
    let error = #expect(throws: IngestError.self) { try lake.run() }
    #expect(error?.exitCode == 5 && error?.message.contains("older copy") == true)
    let plan = try lake.stateControl().adopt(isDryRun: true)
    #expect(plan.kind == .older && plan.tables.map(\.rows) == [30])
    #expect(throws: IngestError.self) { try lake.run() }
    _ = try lake.stateControl().adopt(isDryRun: false)
    #expect(try lake.visibleIDs() == Array(1...150))
    #expect(try lake.run().outcomes.map(\.rows) == [30])
    #expect(try lake.ids() == lake.world.ids)
    #expect(try lake.visibleIDs() == lake.world.ids)
  }

  @Test func aLostMarkerIsWrittenAgainWhenTheFilesAreThere() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    let store = try lake.workspace().store
    let key = try lake.workspace().log.files(of: "s.t", asOf: nil)[0].key
    try store.delete([LakeMarker.key])
    #expect(throws: IngestError.self) { try lake.run() }
    try store.move(key, to: "raw/s_t/_away/x")
    let refused = #expect(throws: IngestError.self) {
      try lake.stateControl().adopt(isDryRun: false)
    }
    #expect(refused?.exitCode == 5 && refused?.message.contains(key) == true)
    try store.move("raw/s_t/_away/x", to: key)
    #expect(try lake.stateControl().adopt(isDryRun: false).kind == .mark)
    #expect(try lake.run().exitCode == 0)
  }

  @Test func anotherLakesStateIsRefusedAndNotAdopted() throws {
    let lake = try TestLake()
    let other = try TestLake()
    for each in [lake, other] {
      each.world.append(10)
      try each.run()
    }
    try FileManager.default.removeItem(at: lake.folder.appendingPathComponent(".tidemark"))
    try FileManager.default.copyItem(
      at: other.folder.appendingPathComponent(".tidemark"),
      to: lake.folder.appendingPathComponent(".tidemark"))
    #expect(throws: IngestError.self) { try lake.run() }
    let error = #expect(throws: IngestError.self) {
      try lake.stateControl().adopt(isDryRun: false)
    }
    #expect(error?.exitCode == 5)
    #expect(try lake.stateControl().show().problem?.exitCode == 5)
    #expect(try other.run().exitCode == 0)
  }

  @Test func aStateThatCannotBeWrittenIsSaid() throws {
    let lake = try TestLake(state: "/proc/none/state.db")
    let error = #expect(throws: IngestError.self) { try lake.run() }
    #expect(error?.exitCode == 3)
    let folder = try TestLake()
    try FileManager.default.createDirectory(at: file(folder), withIntermediateDirectories: true)
    #expect(throws: IngestError.self) { try folder.run() }
  }

  @Test func aDamagedStateIsSaidAndLeftAlone() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    try LakeCache.remove(file(lake).path)
    try Data(repeating: 0x41, count: 5000).write(to: file(lake))
    let error = #expect(throws: IngestError.self) { try lake.run() }
    #expect(error?.remedy.contains("backup") == true)
    #expect(try Data(contentsOf: file(lake)).first == 0x41)
  }

  @Test func theConfigAndTheLakeAgreeWhereTheLogIs() throws {
    let lake = try TestLake(state: "lake")
    lake.world.append(10)
    try lake.run()
    let asFile = try Configuration(
      ConfigurationFile(
        path: lake.folder.appendingPathComponent("tidemark.yaml").path,
        text: """
          version: 1
          lake: {root: ./lake}
          sources: {s: {type: scripted, world: "\(lake.folder.path)"}}
          streams: {s.t: {}}
          """), keys: ConfigurationTests.keys)
    let error = #expect(throws: IngestError.self) { try Workspace(asFile, clock: lake.clock) }
    #expect(error?.exitCode == 5 && error?.remedy.contains("state: lake") == true)
  }

  @Test func aLakeWithItsLogNeedsNoStateOfTheMachine() throws {
    let lake = try TestLake(state: "lake")
    lake.world.append(150)
    try lake.run()
    try FileManager.default.removeItem(at: lake.folder.appendingPathComponent(".tidemark"))
    lake.world.append(10)
    #expect(try lake.run().outcomes.map(\.rows) == [10])
    try lake.workspace().store.delete([LakeMarker.key])
    try FileManager.default.removeItem(at: lake.folder.appendingPathComponent(".tidemark"))
    #expect(throws: IngestError.self) { try lake.run() }
    #expect(try lake.stateControl().adopt(isDryRun: false).kind == .mark)
    #expect(try lake.run().outcomes.map(\.status) == [.unchanged])
    #expect(try lake.ids() == lake.world.ids)
  }

  @Test func aLogInTheLakeThatWasSetBackIsAdopted() throws {
    let lake = try TestLake(state: "lake")
    lake.world.append(50)
    try lake.run()
    let store = try lake.workspace().store
    let before = try store.objects("_tidemark/log/").count
    lake.world.append(20)
    try lake.run()
    try store.delete(store.objects("_tidemark/log/").dropFirst(before).map(\.key))
    let error = #expect(throws: IngestError.self) { try lake.run() }
    #expect(error?.exitCode == 5)
    let plan = try lake.stateControl().adopt(isDryRun: true)
    #expect(plan.kind == .forget && plan.tables.map(\.rows) == [20])
    #expect(throws: IngestError.self) { try lake.run() }
    _ = try lake.stateControl().adopt(isDryRun: false)
    #expect(try lake.run().outcomes.map(\.rows) == [20])
    #expect(try lake.visibleIDs() == lake.world.ids)
  }
}
