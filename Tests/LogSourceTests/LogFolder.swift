import Base
import Compression
import Connector
import Foundation
import LogSource
import Records
import Synchronization

/// A folder of logs, and a stream that is run over it the way the engine does.
final class LogFolder {
  let path: String
  var sourceOptions: [ConfigValue.Entry]
  var streamOptions: [ConfigValue.Entry] = [.init(key: "parse", value: .plain("json"))]
  let clock: TestClock
  /// What a reader may hold in memory, as plans are told.
  var readerBytes = 16 << 20
  private let messages = Messages()

  // What the engine keeps.
  private(set) var bookmark: Bookmark?
  private(set) var ledger = MemoryLedger()
  private(set) var schema: Schema?
  private(set) var commits = 0

  /// Rows and rejects that were committed.
  private(set) var rows: [Row] = []
  private(set) var rejects: [Row] = []
  private(set) var batches: [Batch] = []
  /// The commit that brought each row, and each reject.
  private var rowCommits: [Int] = []
  private var rejectCommits: [Int] = []

  struct Row: Hashable {
    var file: String
    var line: Int
    var text: String
  }

  init(pattern: String = "*.log*") {
    path = NSTemporaryDirectory() + "tidemark-logs-\(UInt64.random(in: 0 ... .max))"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    sourceOptions = [.init(key: "path", value: .string(path + "/" + pattern))]
    clock = TestClock()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var notes: [String] { messages.list.withLock { $0 } }

  // MARK: Files

  func append(_ name: String, _ text: String) throws { try append(name, Array(text.utf8)) }

  func append(_ name: String, _ bytes: [UInt8]) throws {
    let file = path + "/" + name
    if !FileManager.default.fileExists(atPath: file) {
      let folder = (file as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      _ = FileManager.default.createFile(atPath: file, contents: nil)
    }
    guard let handle = FileHandle(forWritingAtPath: file) else { throw CocoaError(.fileNoSuchFile) }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + name)
  }

  func rename(_ name: String, _ target: String) throws {
    if exists(target) { try remove(target) }
    try FileManager.default.moveItem(atPath: path + "/" + name, toPath: path + "/" + target)
  }

  func copy(_ name: String, _ target: String) throws { try append(target, try read(name)) }

  func truncate(_ name: String, to size: UInt64 = 0) throws {
    guard let handle = FileHandle(forWritingAtPath: path + "/" + name) else {
      throw CocoaError(.fileNoSuchFile)
    }
    try handle.truncate(atOffset: size)
    try handle.close()
  }

  /// As `gzip` does: the plain file goes once the other is whole.
  func compress(_ name: String, _ target: String? = nil, keep: Bool = false) throws {
    try append(target ?? name + ".gz", try Self.gzip(try read(name)))
    if !keep { try remove(name) }
  }

  static func gzip(_ bytes: [UInt8]) throws -> [UInt8] { try Compressor(.gzip).compress(bytes) }

  /// Makes the file's last change as old.
  func age(_ name: String, seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -seconds)],
      ofItemAtPath: path + "/" + name)
  }

  // MARK: Runs

  var context: SourceContext {
    SourceContext(
      clock: clock.clock, randomness: .seeded(1), environment: { _ in nil },
      notify: { [messages] message in messages.list.withLock { $0.append(message) } })
  }

  func source() throws -> any Source {
    try LogSourceType.open(
      SourceConfiguration(name: "web", options: ConfigValue(.map(sourceOptions))), context)
  }

  var stream: StreamConfiguration {
    StreamConfiguration(name: "web.app", item: "app", options: ConfigValue(.map(streamOptions)))
  }

  struct Report {
    var plan: Plan
    var rows = 0
    var commits = 0
    var counts: [String: Int] = [:]
  }

  /// Runs the stream once.
  /// - Parameters:
  ///   - options: how batches are cut.
  ///   - afterPlan: what happens to the files between planning and reading.
  ///   - committing: whether the commit of a split succeeds; the run ends where it does not.
  @discardableResult
  func run(
    _ options: ReadOptions = ReadOptions(), afterPlan: () throws -> Void = {},
    committing: (Int) -> Bool = { _ in true }
  ) throws -> Report {
    let session = try source().open(stream)
    defer { session.close() }
    let plan = try session.plan(
      PlanRequest(
        bookmark: bookmark, ledger: ledger, knownSchema: schema, readerBytes: readerBytes))
    var report = Report(plan: plan)
    try afterPlan()
    for split in plan.splits {
      let (read, advance) = try Self.read(split, of: session, options)
      guard !read.isEmpty || advance.isSignificant else { continue }
      guard committing(split.index) else { return report }
      retract(split.retracts)
      commit(read, advance, &report)
    }
    return report
  }

  /// A split's rows; read anew where its reader asks for that.
  private static func read(
    _ split: Split, of session: any StreamSession, _ options: ReadOptions
  ) throws -> ([SourceBatch], Advance) {
    while true {
      let reader = try session.read(split, options)
      defer { reader.close() }
      var read: [SourceBatch] = []
      do {
        while let batch = try reader.next() { read.append(batch) }
        return (read, try reader.finish())
      } catch {
        guard error.readsSplitAnew else { throw error }
      }
    }
  }

  private func commit(_ read: [SourceBatch], _ advance: Advance, _ report: inout Report) {
    ledger = ledger.applying(advance.ledger)
    bookmark = advance.bookmark
    commits += 1
    report.commits += 1
    report.counts.merge(advance.counts, uniquingKeysWith: +)
    for batch in read {
      switch batch.table {
      case .main:
        batches.append(batch.batch)
        schema = batch.batch.schema
        rows += Self.rows(batch.batch, batch.batch.schema.names[0])
        report.rows += batch.batch.rowCount
      case .side: rejects += Self.rows(batch.batch, "text")
      }
    }
    rowCommits += Array(repeating: commits, count: rows.count - rowCommits.count)
    rejectCommits += Array(repeating: commits, count: rejects.count - rejectCommits.count)
  }

  /// Takes rows out, as the engine does.
  private func retract(_ retracted: [RetractedRows]) {
    func stay(_ rows: [Row], _ commits: [Int]) -> [Int] {
      rows.indices.filter { index in
        !retracted.contains { $0.version == commits[index] && $0.text == rows[index].file }
      }
    }
    let stayingRows = stay(rows, rowCommits)
    (rows, rowCommits) = (stayingRows.map { rows[$0] }, stayingRows.map { rowCommits[$0] })
    let stayingRejects = stay(rejects, rejectCommits)
    (rejects, rejectCommits) = (
      stayingRejects.map { rejects[$0] }, stayingRejects.map { rejectCommits[$0] }
    )
  }

  private static func rows(_ batch: Batch, _ name: String) -> [Row] {
    (0..<batch.rowCount).map { row in
      Row(
        file: batch["_file"]?[row].text ?? "", line: Int(batch["_line"]?[row].text ?? "") ?? -1,
        text: batch[name]?[row].text ?? "")
    }
  }

  /// The first column of all rows so far, sorted as numbers.
  var ids: [Int] { rows.compactMap { Int($0.text) }.sorted() }

  func forgetRows() {
    rows = []
    rejects = []
    rowCommits = []
    rejectCommits = []
    batches = []
  }
}

/// What the source told the person.
private final class Messages: Sendable {
  let list = Mutex<[String]>([])
}

/// The real time, and what tests add to it.
final class TestClock: Sendable {
  private let added = Mutex<Double>(0)
  let sleeps = Mutex<[@Sendable () -> Void]>([])

  func advance(seconds: Double) { added.withLock { $0 += seconds } }

  /// What happens while the program sleeps next.
  func whileSleeping(_ action: @escaping @Sendable () -> Void) {
    sleeps.withLock { $0.append(action) }
  }

  var clock: WallClock {
    WallClock(
      now: { WallClock.system.now.advanced(seconds: self.added.withLock { $0 }) },
      sleep: { _ in
        let action = self.sleeps.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        action?()
      })
  }
}

/// `{"id":1}` and so on, a line each.
func lines(_ ids: ClosedRange<Int>) -> String { ids.map { "{\"id\":\($0)}\n" }.joined() }
