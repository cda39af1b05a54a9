import Base
import Connector
import Foundation
import MariaDBServer
import Records
import Synchronization
import Testing

@testable import MySQLSource

struct ConnectionLimitUnitTests {
  @Test func `permits run out and come back`() {
    let limit = ConnectionLimit(2)
    let first = limit.take()
    var second = limit.tryTake()
    #expect(second != nil)
    #expect(limit.tryTake() == nil)
    first.release()
    first.release()
    #expect(limit.tryTake() != nil)
    second = nil
    let third = limit.tryTake()
    let fourth = limit.tryTake()
    #expect(third != nil && fourth != nil)
    #expect(limit.tryTake() == nil)
  }

  @Test func `who waits is served in order, and before who only tries`() {
    let limit = ConnectionLimit(1)
    let held = limit.take()
    let order = Mutex<[Int]>([])
    let done = DispatchSemaphore(value: 0)
    for number in 0..<4 {
      WorkerThread("waiter") {
        let permit = limit.take()
        order.withLock { $0.append(number) }
        permit.release()
        done.signal()
      }
      Thread.sleep(forTimeInterval: 0.03)
    }
    #expect(limit.tryTake() == nil)
    held.release()
    for _ in 0..<4 { done.wait() }
    #expect(order.withLock { $0 } == [0, 1, 2, 3])
    #expect(limit.tryTake() != nil)
  }

  @Test func `rows come evenly, whoever reads them`() {
    let rate = RowRate(perSecond: 100)
    let start = Instant(microseconds: 0)
    #expect(rate.take(50, at: start).seconds(since: start) == 0.5)
    // A second reader queues up.
    #expect(rate.take(50, at: start).seconds(since: start) == 1)
    // A late one catches up with a second at the most.
    let later = start.advanced(seconds: 100)
    #expect(rate.take(100, at: later) == later)
    #expect(rate.take(100, at: later).seconds(since: later) == 1)
    // A clock that was set back a day stops nobody.
    let earlier = start.advanced(seconds: -86_400)
    #expect(rate.take(100, at: earlier).seconds(since: earlier) == 1)
    #expect(rate.rowsAtOnceMax == 25)
  }
}

extension MySQLServerTests {
  struct ConnectionLimitTests {
    private final class Notices: Sendable {
      let texts = Mutex<[String]>([])
    }

    private func source(
      _ database: TestDatabase, _ options: KeyValuePairs<String, ConfigValue>,
      clock: WallClock = .system, notices: Notices = Notices()
    ) throws -> any Source {
      let url = database.server.url(database: database.name)
      var entries = [ConfigValue.Entry(key: "url_env", value: .string("TEST_URL"))]
      entries += options.map { ConfigValue.Entry(key: $0.key, value: $0.value) }
      return try MySQLSourceType.open(
        SourceConfiguration(name: "shop", options: ConfigValue(.map(entries))),
        SourceContext(
          clock: clock, environment: { $0 == "TEST_URL" ? url : nil },
          notify: { text in notices.texts.withLock { $0.append(text) } }))
    }

    private func read(
      _ source: any Source, _ stream: StreamConfiguration, each: (Int) -> Void = { _ in }
    ) throws -> Int {
      let session = try source.open(stream)
      defer { session.close() }
      let plan = try session.plan(
        PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
      let reader = try session.read(plan.splits[0], ReadOptions())
      var rows = 0
      while let next = try reader.next() {
        rows += next.batch.rowCount
        each(next.batch.rowCount)
      }
      _ = try reader.finish()
      return rows
    }

    @Test func `a run holds no more connections than it may`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE USER 'few'@'localhost' WITH MAX_USER_CONNECTIONS 2",
        "GRANT SELECT ON *.* TO 'few'@'localhost'", "CREATE TABLE t (id INT)",
        "INSERT INTO t SELECT seq FROM seq_1_to_1000")
      defer { try? database.run("DROP USER 'few'@'localhost'") }
      let source = try database.source(
        ["connections": .plain("2")],
        url: "mysql://few@localhost/\(database.name)?socket=\(database.server.socket)")
      let failures = Mutex<[String]>([])
      let stream = database.stream("t")
      // The server itself turns a third away.
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        for _ in 0..<4 {
          do {
            #expect(try read(source, stream) == 1000)
          } catch {
            failures.withLock { $0.append("\(error)") }
          }
        }
      }
      #expect(failures.withLock { $0 } == [])
    }

    @Test func `a connection that was not made gives its place back`() throws {
      let database = try TestDatabase()
      let source = try database.source(
        ["connections": .plain("1")], url: "mysql://root@127.0.0.1:1/x")
      for _ in 0..<3 {
        #expect(connectorError { _ = try source.open(database.stream("t")) } != nil)
      }
      let reached = try database.source(["connections": .plain("1")])
      for _ in 0..<3 { #expect(reached.check(database.stream("no_table")).count == 1) }
    }

    @Test(arguments: [true, false]) func `no more rows a second than it may`(
      _ isSources: Bool
    ) throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT)", "INSERT INTO t SELECT seq FROM seq_1_to_20000")
      let clock = WallClock.manual(start: Instant(microseconds: 0))
      let limit: KeyValuePairs<String, ConfigValue> = ["max_rows_per_second": .plain("1000")]
      let source = try source(database, isSources ? limit : [:], clock: clock)
      let stream = database.stream("t", isSources ? [:] : limit)
      var largest = 0
      let begun = clock.now
      #expect(try read(source, stream) { largest = max(largest, $0) } == 20_000)
      #expect(largest <= 250)
      let seconds = clock.now.seconds(since: begun)
      #expect(seconds > 19 && seconds < 21, "\(seconds)")
    }

    @Test func `a reader that waits for its turn stops when it is told`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT)", "INSERT INTO t SELECT seq FROM seq_1_to_5000")
      let source = try source(database, ["max_rows_per_second": .plain("10")])
      let session = try source.open(database.stream("t"))
      defer { session.close() }
      let plan = try session.plan(
        PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
      let cancellation = Cancellation()
      let reader = try session.read(plan.splits[0], ReadOptions(cancellation: cancellation))
      let begun = Date()
      var seen = 0
      while seen < 10, let next = try reader.next() { seen += next.batch.rowCount }
      let seconds = Date().timeIntervalSince(begun)
      #expect(seconds > 0.5 && seconds < 3, "\(seconds)")
      cancellation.cancel("enough")
      let error = connectorError { while try reader.next() != nil {} }
      #expect(error?.kind == .cancelled)
      reader.close()
      #expect(Date().timeIntervalSince(begun) < 5)
    }

    @Test func `reading pauses while the server is busy, and says so`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT)", "INSERT INTO t SELECT seq FROM seq_1_to_1000")
      let notices = Notices()
      let source = try source(
        database, ["max_threads_running": .plain("8")], notices: notices)
      let busy = try (0..<12).map { _ in try database.connect() }
      for client in busy { try client.send("SELECT SLEEP(2.5)") }
      Thread.sleep(forTimeInterval: 0.3)
      let begun = Date()
      #expect(try read(source, database.stream("t")) == 1000)
      let seconds = Date().timeIntervalSince(begun)
      #expect(seconds > 1.5 && seconds < 10, "\(seconds)")
      for client in busy { try client.wait() }
      let texts = notices.texts.withLock { $0 }
      #expect(texts.count == 2, "\(texts)")
      #expect(texts.first?.contains("max_threads_running is 8") == true)
      #expect(texts.last?.contains("goes on") == true)
      // A server that is not busy is not waited for.
      let quiet = Date()
      #expect(try read(source, database.stream("t")) == 1000)
      #expect(Date().timeIntervalSince(quiet) < 1.5)
    }

    @Test func `a load that cannot be known stops nobody`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)",
        "CREATE USER 'one'@'localhost' WITH MAX_USER_CONNECTIONS 1",
        "GRANT SELECT ON *.* TO 'one'@'localhost'")
      defer { try? database.run("DROP USER 'one'@'localhost'") }
      let notices = Notices()
      let url = "mysql://one@localhost/\(database.name)?socket=\(database.server.socket)"
      let source = try MySQLSourceType.open(
        SourceConfiguration(
          name: "shop",
          options: .map(["url_env": .string("U"), "max_threads_running": .plain("8")])),
        SourceContext(
          environment: { _ in url }, notify: { text in notices.texts.withLock { $0.append(text) } })
      )
      #expect(try read(source, database.stream("t")) == 1)
      #expect(notices.texts.withLock { $0.first }?.contains("not known") == true)
    }
  }
}
