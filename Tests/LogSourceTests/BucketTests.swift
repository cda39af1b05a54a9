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

@Suite struct BucketTests {
  @Test func unchangedObjectsAreNotAskedFor() throws {
    let stream = BucketStream()
    for id in 1...20 { stream.bucket.put("app/\(id).log", lines(id...id)) }
    #expect(try stream.run() == 20)
    // One request each: they are small.
    #expect(stream.reads.count == 20)
    #expect(stream.rows.first { $0.id == 7 }?.file == "7.log")
    #expect(try stream.run() == 0)
    #expect(stream.reads.isEmpty)
    #expect(stream.listings == ["app/"])
    // Written once more with the same content: the version is the same.
    stream.bucket.put("app/3.log", lines(3...3), secondsAgo: 1)
    #expect(try stream.run() == 0)
    #expect(stream.reads.isEmpty)
  }

  /// Overwritten between the listing and the end of reading: with versions the listed one is read to
  /// its end, and the new one by the next run; without them the run fails and nothing is kept.
  @Test(arguments: [true, false], [1, 2])
  func anObjectOverwrittenWhileItIsRead(keepsVersions: Bool, atRead: Int) throws {
    let stream = BucketStream()
    stream.bucket.state.withLock { $0.keepsVersions = keepsVersions }
    // Larger than what is asked for at once.
    let old = (1...120_000).map {
      "{\"id\":\($0),\"x\":\"\($0 &* 7919 % 1_000_003) of the old\"}\n"
    }
    stream.bucket.put("app/a.log", old.joined())
    stream.bucket.state.withLock { state in
      state.beforeRead[atRead] = { $0.put("app/a.log", lines(500_001...500_003)) }
    }
    if keepsVersions {
      #expect(try stream.run() == 120_000)
      #expect(stream.bucket.state.withLock { $0.versionReads } > 0)
      let entry = try #require(try stream.ledger.entries().first?.value)
      #expect(entry["version_id"]?.string?.hasPrefix("id-") == true)
    } else {
      let error = #expect(throws: ConnectorError.self) { try stream.run() }
      #expect(error?.kind == .interrupted && error?.message.contains("overwritten") == true)
      #expect(stream.rows.isEmpty)
    }
    #expect(try stream.run() == 3)
    #expect(stream.ids.suffix(3) == [500_001, 500_002, 500_003])
    #expect(stream.rows.count == (keepsVersions ? 120_003 : 3))
  }

  /// A version that may not be read by its id is as none.
  @Test func versionsThatAreDenied() throws {
    let stream = BucketStream()
    stream.bucket.state.withLock { $0.keepsVersions = true }
    stream.bucket.put("app/a.log", lines(1...90_000))
    stream.bucket.state.withLock { state in
      state.beforeRead[1] = { bucket in
        bucket.put("app/a.log", lines(1...2))
        bucket.state.withLock { $0.versions = [:] }
      }
    }
    let error = #expect(throws: ConnectorError.self) { try stream.run() }
    #expect(error?.kind == .interrupted)
    #expect(try stream.run() == 2)
  }

  @Test func aLongerObjectGoesOn() throws {
    let stream = BucketStream()
    stream.bucket.put("app/a.log", lines(1...500))
    try stream.run()
    stream.bucket.put("app/a.log", lines(1...700))
    #expect(try stream.run() == 200)
    #expect(stream.rows.last?.line == 700)
    #expect(stream.ids == Array(1...700))
  }

  @Test func otherContentIsAnotherGeneration() throws {
    let stream = BucketStream()
    stream.bucket.put("app/a.log", lines(1...50))
    try stream.run()
    stream.bucket.put("app/a.log", lines(101...190))
    #expect(try stream.run() == 90)
    #expect(stream.rows.last?.line == 90)
    #expect(stream.messages.contains { $0.contains("holds other content") })
    stream.options.append(.init(key: "on_overwrite", value: .string("error")))
    stream.bucket.put("app/a.log", lines(201...220))
    let error = #expect(throws: ConnectorError.self) { try stream.run() }
    #expect(error?.kind == .refused)
    #expect(error?.place == "s3://logs/app/a.log")
  }

  @Test func kinTakeOver() throws {
    let stream = BucketStream()
    stream.bucket.put("app/a.log", lines(1...50))
    stream.bucket.put("app/b.log", lines(51...60))
    try stream.run()
    // Renamed: the version says it, without a request for it.
    stream.bucket.move("app/a.log", "app/a.log.1")
    #expect(try stream.run() == 0)
    // Compressed, with more in it.
    stream.bucket.remove("app/b.log")
    stream.bucket.put("app/b.log.gz", try LogFolder.gzip(Array(lines(51...70).utf8)))
    #expect(try stream.run() == 10)
    #expect(stream.ids == Array(1...70))
    #expect(try stream.run() == 0)
    #expect(stream.reads.isEmpty)
  }

  @Test func twoObjectsSideBySideAreTwo() throws {
    let stream = BucketStream()
    stream.bucket.put("app/a.log", lines(1...5))
    try stream.run()
    stream.bucket.put("app/b.log", lines(1...5))
    #expect(try stream.run() == 5)
    stream.bucket.remove("app/a.log")
    // Not kin: another file, whatever its bytes.
    stream.bucket.put("app/c.log", lines(1...5))
    #expect(try stream.run() == 5)
  }

  /// Objects that expire and others of like names: looks are few.
  @Test func looksAreBounded() throws {
    let stream = BucketStream()
    for id in 1...600 { stream.bucket.put("app/x.log.\(id)", lines(id...id)) }
    #expect(try stream.run() == 600)
    for id in 1...600 { stream.bucket.remove("app/x.log.\(id)") }
    for id in 601...1200 { stream.bucket.put("app/x.log.\(id)", lines(id...id)) }
    #expect(try stream.run() == 600)
    #expect(stream.reads.count <= 600 + 256)
    #expect(stream.ids == Array(1...1200))
  }

  @Test func anObjectOverwrittenMeanwhileIsNoticed() throws {
    let stream = BucketStream()
    stream.bucket.put("app/a.log", lines(1...10))
    // Before anything was read: the next run.
    #expect(try stream.run { stream.bucket.put("app/a.log", lines(11...30)) } == 0)
    #expect(try stream.run() == 20)
    // In the middle of a large one.
    let bucket = stream.bucket
    bucket.put("app/b.log", lines(1000...300_000))
    #expect(throws: ConnectorError.self) {
      try stream.run {
        bucket.state.withLock { state in
          let next = state.reads.count + 1
          state.beforeRead[next] = { $0.put("app/b.log", lines(1...3)) }
        }
      }
    }
    #expect(stream.ids == Array(11...30))
    #expect(try stream.run() == 3)
  }

  @Test func aLargeObjectIsReadInOrder() throws {
    let stream = BucketStream()
    stream.bucket.put("app/a.log", lines(1...400_000))
    #expect(try stream.run() == 400_000)
    #expect(stream.rows.map(\.id) == Array(1...400_000))
    let bytes = lines(1...400_000).utf8.count
    #expect(stream.reads.count <= bytes / (2 << 20) + 3)
  }

  @Test func deniedObjectsFailTheRunAtItsEnd() throws {
    let stream = BucketStream()
    for id in 1...4 { stream.bucket.put("app/\(id).log", lines(id...id)) }
    stream.bucket.state.withLock { _ = $0.denied.insert("app/2.log") }
    let error = #expect(throws: ConnectorError.self) { try stream.run() }
    #expect(error?.kind == .denied)
    #expect(stream.ids == [1, 3, 4])
    stream.bucket.state.withLock { $0.denied = [] }
    #expect(try stream.run() == 1)
  }

  @Test func aStoreThatIsDownIsUnreachable() throws {
    let stream = BucketStream()
    stream.bucket.state.withLock { $0.isDown = true }
    let error = #expect(throws: ConnectorError.self) { try stream.run() }
    #expect(error?.kind == .unreachable)
    #expect(error?.isRetryable == true)
  }

  /// What is listed, and from where.
  @Test(arguments: [
    ("s3://logs/app/**/*.log*", ["app/a.log", "app/x/b.log", "app/x/y/c.log"], ["app/"]),
    ("s3://logs/app/*.log", ["app/a.log"], ["app/"]),
    ("s3://logs/app/x/b.log", ["app/x/b.log"], ["app/x/b.log"]),
    ("s3://logs/*/x/*.log", ["app/x/b.log"], ["", "app/x/", "web/x/"]),
    ("s3://logs/ap*/x/*.log", ["app/x/b.log"], ["ap", "app/x/"]),
    ("s3://logs/app/{x,x/y}/*.log", ["app/x/b.log", "app/x/y/c.log"], ["app/x/", "app/x/y/"]),
    ("s3://logs/**/?.log", ["app/a.log", "app/x/b.log", "app/x/y/c.log", "web/d.log"], [""]),
    ("s3://logs/**", [], []),
  ])
  func listingsAskForLittle(_ pattern: String, _ files: [String], _ listings: [String]) throws {
    let stream = BucketStream(pattern)
    for (id, key) in [
      "app/a.log", "app/x/b.log", "app/x/y/c.log", "app/.hidden/e.log", "app/x/.f.log",
      "app/x/other.txt", "web/d.log",
    ].enumerated() { stream.bucket.put(key, lines(id...id)) }
    if files.isEmpty {
      #expect(throws: ConnectorError.self) { try stream.run() }
      return
    }
    try stream.run()
    let root = try stream.session().place.root.dropFirst("s3://logs/".count)
    #expect(stream.rows.map { root + $0.file }.sorted() == files)
    #expect(stream.listings.sorted() == listings)
  }

  @Test func excludedObjectsAreLeftOut() throws {
    let stream = BucketStream()
    stream.exclude = ["*.tmp", "x/*", "s3://logs/app/z.log"]
    for (id, key) in ["a.log", "b.log.tmp", "x/c.log", "y/x/d.log", "z.log"].enumerated() {
      stream.bucket.put("app/" + key, lines(id...id))
    }
    try stream.run()
    #expect(stream.ids == [0, 3])
  }

  @Test func manyFoldersAreListedAtOnce() throws {
    let stream = BucketStream("s3://logs/host-*/app.log")
    for id in 1...100 { stream.bucket.put("host-\(id)/app.log", lines(id...id)) }
    #expect(try stream.run() == 100)
    #expect(stream.listings == ["host-", "host-"])
  }

  @Test(arguments: ["s3://", "s3://logs", "s3://logs/", "gs://logs/x.log"])
  func placesThatAreNone(_ path: String) {
    let error = #expect(throws: ConnectorError.self) { try BucketStream(path).session() }
    #expect(error?.kind == .misconfigured)
  }
}
