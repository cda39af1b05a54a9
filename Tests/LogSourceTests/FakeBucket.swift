import AWS
import Base
import Connector
import Foundation
import Records
import Storage
import Synchronization
import Testing

@testable import LogSource
/// A bucket in memory that counts what is asked of it.
final class FakeBucket: ObjectBucket {
  struct Object { var bytes: [UInt8]; var version: String; var modified: Instant }

  struct State {
    var objects: [String: Object] = [:]
    var reads: [String] = []
    var listings: [String] = []
    var denied: Set<String> = []
    /// Happens before the read of a number, from 0.
    var beforeRead: [Int: @Sendable (FakeBucket) -> Void] = [:]
    var isDown = false
    /// Whether overwritten objects can be read by their ids, which answers say.
    var keepsVersions = false
    var versions: [String: Object] = [:]
    var versionReads = 0
  }

  let state = Mutex(State())
  var location: String { "s3://logs" }
  private let pageSize: Int

  init(pageSize: Int = 3) { self.pageSize = pageSize }

  func put(_ key: String, _ text: String, secondsAgo: Double = 3600, version: String? = nil) {
    put(key, Array(text.utf8), secondsAgo: secondsAgo, version: version)
  }

  func put(_ key: String, _ bytes: [UInt8], secondsAgo: Double = 3600, version: String? = nil) {
    // As S3's: equal content, equal tag.
    let object = Object(
      bytes: bytes, version: version ?? String(bytes.hashValue, radix: 16),
      modified: WallClock.system.now.advanced(seconds: -secondsAgo))
    state.withLock { state in
      state.objects[key] = object
      if state.keepsVersions { state.versions["id-" + object.version] = object }
    }
  }

  func move(_ key: String, _ target: String) {
    state.withLock { $0.objects[target] = $0.objects.removeValue(forKey: key) }
  }

  func remove(_ key: String) { state.withLock { _ = $0.objects.removeValue(forKey: key) } }

  func forget() {
    state.withLock { state in
      state.reads = []
      state.listings = []
    }
  }

  func listPages(_ prefix: String, byFolder: Bool, _ visit: (S3Store.Page) -> Bool)
    throws(StorageError)
  {
    let (keys, objects, isDown) = state.withLock { state in
      state.listings.append(prefix)
      return (state.objects.keys.sorted(), state.objects, state.isDown)
    }
    if isDown {
      throw StorageError(
        .unreachable, "the store does not answer", remedy: "Start it.", place: location)
    }
    var page = S3Store.Page()
    var folders: Set<String> = []
    for key in keys where key.hasPrefix(prefix) {
      let rest = key.dropFirst(prefix.count)
      if byFolder, let slash = rest.firstIndex(of: "/") {
        let folder = prefix + rest[...slash]
        if folders.insert(folder).inserted { page.folders.append(folder) }
        continue
      }
      guard let object = objects[key] else { continue }
      page.objects.append(
        ObjectInfo(
          key: key, byteCount: object.bytes.count, version: object.version,
          modified: object.modified))
      if page.objects.count == pageSize {
        if !visit(page) { return }
        page = S3Store.Page()
      }
    }
    _ = visit(page)
  }

  func read(_ key: String, range: Range<Int>, version: String, versionID: String?)
    throws(StorageError) -> S3Store.RangeRead
  {
    let action = state.withLock { state in
      state.reads.append(key)
      return state.beforeRead.removeValue(forKey: state.reads.count - 1)
    }
    action?(self)
    let (latest, isDenied, kept, keepsVersions) = state.withLock { state in
      (
        state.objects[key], state.denied.contains(key), state.versions[versionID ?? ""],
        state.keepsVersions
      )
    }
    let object = versionID == nil ? latest : kept
    if versionID != nil { state.withLock { $0.versionReads += 1 } }
    if isDenied {
      throw StorageError(.denied, "the service answered 403", remedy: "Allow it.", place: key)
    }
    guard let object else {
      throw StorageError(.notFound, "there is no such object", remedy: "Look.", place: key)
    }
    guard object.version == version else {
      throw StorageError(.conflict, "another version", remedy: "Read again.", place: key)
    }
    return S3Store.RangeRead(
      Array(object.bytes[range]), versionID: keepsVersions ? "id-" + object.version : nil)
  }
}

/// A stream over a bucket, run as the engine does.
final class BucketStream {
  let bucket = FakeBucket()
  var pattern: String
  var exclude: [String] = []
  var options: [ConfigValue.Entry] = [.init(key: "parse", value: .plain("json"))]
  let clock = TestClock()
  private(set) var bookmark: Bookmark?
  private(set) var ledger = MemoryLedger()
  private(set) var rows: [(file: String, line: Int, id: Int)] = []
  private let notes = Mutex<[String]>([])

  init(_ pattern: String = "s3://logs/app/**/*.log*") { self.pattern = pattern }

  var ids: [Int] { rows.map(\.id).sorted() }
  var messages: [String] { notes.withLock { $0 } }

  private var context: SourceContext {
    SourceContext(
      clock: clock.clock, randomness: .seeded(1), environment: { _ in nil },
      notify: { [notes = Unchecked(self)] text in
        notes.value.notes.withLock { $0.append(text) }
      })
  }

  struct Unchecked: @unchecked Sendable {
    let value: BucketStream
    init(_ value: BucketStream) { self.value = value }
  }

  func session() throws -> LogSession {
    let source = SourceConfiguration(
      name: "web",
      options: ConfigValue(
        .map([
          .init(key: "path", value: .string(pattern)),
          .init(key: "exclude", value: .list(exclude.map { .string($0) })),
        ])))
    let stream = StreamConfiguration(
      name: "web.app", item: "app", options: ConfigValue(.map(options)))
    let settings = try LogSettings(source, stream, context)
    let place = ObjectPlace(bucket, settings.pattern, excluding: settings.excluded)
    return LogSession(settings, context, place)
  }

  @discardableResult
  func run(afterPlan: () -> Void = {}) throws -> Int {
    bucket.forget()
    let before = rows.count
    let session = try session()
    let plan = try session.plan(
      PlanRequest(bookmark: bookmark, ledger: ledger, knownSchema: nil))
    afterPlan()
    for split in plan.splits {
      let reader = try session.read(split, ReadOptions())
      var batches: [SourceBatch] = []
      while let batch = try reader.next() { batches.append(batch) }
      let advance = try reader.finish()
      guard !batches.isEmpty || advance.isSignificant else { continue }
      ledger = ledger.applying(advance.ledger)
      bookmark = advance.bookmark
      for batch in batches.map(\.batch) {
        for row in 0..<batch.rowCount {
          rows.append(
            (
              batch["_file"]?[row].text ?? "", Int(batch["_line"]?[row].text ?? "") ?? -1,
              Int(batch["id"]?[row].text ?? "") ?? -1
            ))
        }
      }
    }
    return rows.count - before
  }

  var reads: [String] { bucket.state.withLock { $0.reads } }
  var listings: [String] { bucket.state.withLock { $0.listings } }
}
