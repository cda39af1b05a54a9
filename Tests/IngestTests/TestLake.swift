import Base
import Bookmarks
import Connector
import Foundation
import Parquet
import Records
import Storage
import Synchronization

@testable import Ingest

/// A lake in a temporary folder, over a scripted source.
final class TestLake: Sendable {
  let folder: URL
  let world = ScriptedWorld()
  let clock = WallClock.manual(start: Instant(microseconds: 1_795_246_440_000_000))
  private let settings: String
  /// `lake.state`.
  private let state: String
  let notices = Mutex<[String]>([])

  init(settings: String = "{}", state: String = ".tidemark/state.db") throws {
    self.settings = settings
    self.state = state
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tidemark-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    ScriptedWorld.all.withLock { $0[folder.path] = world }
  }

  deinit {
    _ = ScriptedWorld.all.withLock { $0.removeValue(forKey: folder.path) }
    try? FileManager.default.removeItem(at: folder)
  }

  func workspace(steps: @escaping StepObserver = { _, _ in }) throws -> Workspace {
    try Workspace(configuration(), clock: clock, steps: steps)
  }

  func configuration() throws -> Configuration {
    let text = """
      version: 1
      lake: {root: ./lake, state: \(state)}
      defaults: {retries: 0}
      sources: {s: {type: scripted, world: "\(folder.path)"}}
      streams: {s.t: \(settings)}
      """
    let file = try ConfigurationFile(
      path: folder.appendingPathComponent("tidemark.yaml").path, text: text)
    return try Configuration(file, keys: ConfigurationTests.keys)
  }

  func stateControl() throws -> StateControl {
    StateControl(try configuration(), context: context, clock: clock)
  }

  func bookmarkControl() throws -> BookmarkControl {
    BookmarkControl(try workspace(), context: context)
  }

  var context: SourceContext { SourceContext(environment: { _ in nil }) }

  @discardableResult
  func run(
    _ options: RunOptions = RunOptions(), cancellation: Cancellation = Cancellation(),
    steps: @escaping StepObserver = { _, _ in }
  ) throws -> RunReport {
    clock.sleep(seconds: 60)
    let engine = Engine(try workspace(steps: steps), context: context) { [self] event in
      if case .notice(_, let text) = event { notices.withLock { $0.append(text) } }
    }
    return try engine.run(options, cancellation: cancellation)
  }

  /// The ids in the table, sorted, as a reader finds them who asks the log for its files.
  func ids() throws -> [Int64] {
    let workspace = try workspace()
    _ = try workspace.rollForward()
    var ids: [Int64] = []
    for file in try workspace.log.files(of: "s.t", asOf: nil) {
      ids += try Self.ids(in: workspace.store.read(file.key, range: nil))
    }
    return ids.sorted()
  }

  /// The ids in the files that a recursive listing shows to an engine that knows only folders.
  func visibleIDs() throws -> [Int64] {
    let workspace = try workspace()
    var ids: [Int64] = []
    var keys: [String] = []
    try workspace.store.list("raw/s_t/") { (info) throws(StorageError) in
      let isHidden = info.key.split(separator: "/").contains {
        $0.hasPrefix("_") || $0.hasPrefix(".")
      }
      if !isHidden { keys.append(info.key) }
    }
    for key in keys { ids += try Self.ids(in: workspace.store.read(key, range: nil)) }
    return ids.sorted()
  }

  static func ids(in bytes: [UInt8]) throws -> [Int64] {
    let reader = try ParquetFile(MemorySource(bytes)).reader()
    var ids: [Int64] = []
    while let batch = try reader.next() {
      guard case .int64(let values) = batch["id"]?.values else { continue }
      ids += values
    }
    return ids
  }

  var stagedCount: Int {
    get throws { try workspace().store.listStaged("raw/").count }
  }
}
