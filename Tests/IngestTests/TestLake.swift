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
  private let state: String
  let notices = Mutex<[String]>([])
  /// The lake's store, where it is not the folder on disk.
  private let store: (any ObjectStore)?
  /// What is made of the store each time that the lake is opened: one that fails.
  let disturbance = Mutex<(@Sendable (any ObjectStore) -> any ObjectStore)?>(nil)
  private let openings = Mutex(0)

  /// - Parameters:
  ///   - state: `lake.state`.
  ///   - store: makes the lake's store, which is a folder on disk where nil.
  init(
    settings: String = "{}", state: String = ".tidemark/state.db",
    store: ((WallClock) -> any ObjectStore)? = nil
  ) throws {
    self.settings = settings
    self.state = state
    self.store = store?(clock)
    // In memory, where there is such a place: tests of histories wait for the disk else.
    let memory = URL(filePath: "/dev/shm")
    let isWritable = FileManager.default.isWritableFile(atPath: memory.path)
    folder = (isWritable ? memory : FileManager.default.temporaryDirectory)
      .appendingPathComponent("tidemark-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    ScriptedWorld.all.withLock { $0[folder.path] = world }
  }

  deinit {
    _ = ScriptedWorld.all.withLock { $0.removeValue(forKey: folder.path) }
    try? FileManager.default.removeItem(at: folder)
  }

  func workspace(steps: @escaping StepObserver = { _, _ in }) throws -> Workspace {
    guard let store else { return try Workspace(configuration(), clock: clock, steps: steps) }
    // Each time another start of the machine: what an earlier one held, nobody holds any more.
    let boot = openings.withLock { count in
      count += 1
      return count
    }
    let owner = LeaseOwner(
      host: "machine", boot: "\(boot)", process: 1, processStart: "0", nonce: "\(boot)")
    let disturb = disturbance.withLock { $0 }
    return try Workspace(
      configuration(), over: disturb?(store) ?? store, owner: owner, clock: clock, steps: steps)
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

  /// A column's values, where NULL is false.
  static func flags(_ name: String, in bytes: [UInt8]) throws -> [Bool] {
    let reader = try ParquetFile(MemorySource(bytes)).reader()
    var flags: [Bool] = []
    while let batch = try reader.next() {
      for row in 0..<batch.rowCount { flags.append(batch[name]?[row] == .boolean(true)) }
    }
    return flags
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
