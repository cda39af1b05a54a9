import AWS
import Base
import Connector
import Foundation
import Records
import Storage
import Synchronization
import Testing

@testable import LogSource

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
