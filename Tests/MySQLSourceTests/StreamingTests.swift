import Base
import Connector
import Foundation
import MariaDBServer
import MySQLSource
import Records
import Testing

extension MySQLServerTests {
  struct StreamingTests {
    @Test func `empty tables give no batch and a whole plan`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT)")
      let pull = try database.readAll("t")
      #expect(pull.batches.isEmpty)
      #expect(pull.advance?.bookmark.kind == .full)
      #expect(pull.advance?.isSignificant == true)
      #expect(pull.plan.window.reason.contains("replaces"))
    }

    @Test func `texts beyond 64 KB, and rows beyond a packet`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT, x LONGTEXT, b LONGBLOB)")
      // The last two are around the size at which a row takes a second packet.
      let sizes = [
        0, 250, 251, 65_535, 65_536, 70_000, 524_288, 16_777_200, 16_777_216, 34_000_000,
      ]
      for (index, size) in sizes.enumerated() {
        try database.run("INSERT INTO t VALUES (\(index), REPEAT('ü', \(size / 2)), x'ff00')")
      }
      let puller = Puller(database, "t")
      let source = try database.source()
      let session = try source.open(puller.stream)
      defer { session.close() }
      let plan = try session.plan(
        PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
      let reader = try session.read(plan.splits[0], ReadOptions(memoryBytes: 128 << 20))
      var seen: [Int] = []
      while let next = try reader.next() {
        guard case .bytes(let column)? = next.batch["x"]?.values else { continue }
        for row in 0..<next.batch.rowCount {
          seen.append(Int(column.views[row].length))
          #expect(next.batch["b"]?[row].text == "ff00")
        }
        let text = column[next.batch.rowCount - 1]
        #expect(text.suffix(2).elementsEqual("ü".utf8) || text.isEmpty)
      }
      _ = try reader.finish()
      #expect(seen == sizes.map { $0 / 2 * 2 })
    }

    @Test func `a row beyond the memory is an error that names the way out`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT, x LONGTEXT)", "INSERT INTO t VALUES (1, REPEAT('x', 9000000))")
      let error = connectorError {
        _ = try database.readAll("t", read: ReadOptions(memoryBytes: 8 << 20))
      }
      #expect(error?.kind == .misconfigured)
      #expect(error?.remedy.contains("--memory") == true)
    }

    @Test func `batches keep to their bounds, and memory stays bounded`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, x VARCHAR(200))",
        "INSERT INTO t SELECT seq, REPEAT(CHAR(97 + seq % 26), 150) FROM seq_1_to_400000")
      let source = try database.source()
      let session = try source.open(database.stream("t"))
      defer { session.close() }
      let plan = try session.plan(
        PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
      #expect(plan.estimatedRows.map { $0 > 100_000 } == true)
      let reader = try session.read(
        plan.splits[0],
        ReadOptions(batchBytes: 64 << 10, batchRowsMax: 300, memoryBytes: 4 << 20))
      let before = residentBytes()
      var rows = 0
      var next = 1
      while let batch = try reader.next() {
        #expect(batch.batch.rowCount <= 300)
        #expect(batch.batch.byteCount <= 64 << 10)
        guard case .int32(let ids)? = batch.batch["id"]?.values else { continue }
        for id in ids {
          if Int(id) != next { Issue.record("row \(next) came as \(id)") }
          next += 1
        }
        rows += batch.batch.rowCount
      }
      #expect(rows == 400_000)
      // 60 MB went through.
      #expect(residentBytes() - before < 24 << 20)
    }

    @Test func `rows cut by blocks of any size are the same rows`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, x VARCHAR(9000), d DECIMAL(10,2))",
        "INSERT INTO t SELECT seq, REPEAT('ab', (seq * 7919) % 4000), seq / 100 FROM seq_1_to_500")
      let whole = try database.readAll("t")
      for bytes in [1, 20_000, 33_333, 100_000] {
        let cut = try database.readAll("t", read: ReadOptions(batchBytes: bytes))
        #expect(cut.rows == whole.rows)
      }
      #expect(whole.rows.count == 500)
    }

    @Test(arguments: ["require", "verify"]) func `the same rows under TLS`(_ mode: String) throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, x LONGTEXT, n INT)",
        "INSERT INTO t SELECT seq, REPEAT('ab', (seq * 7919) % 40000), NULL FROM seq_1_to_300",
        "INSERT INTO t VALUES (1000, REPEAT('x', 17000000), 1)")
      let plain = try database.readAll("t", read: ReadOptions(memoryBytes: 128 << 20))
      let puller = Puller(database, "t")
      puller.url = "mysql://guarded@127.0.0.1:\(database.server.port)/\(database.name)"
      puller.sourceOptions = [
        "tls": .map([
          "mode": .string(mode), "ca": .string(database.server.certificatePath),
        ])
      ]
      try database.run(
        "CREATE USER 'guarded'@'127.0.0.1' REQUIRE SSL",
        "GRANT ALL ON *.* TO 'guarded'@'127.0.0.1'")
      defer { try? database.run("DROP USER 'guarded'@'127.0.0.1'") }
      let secure = try puller.pull(read: ReadOptions(memoryBytes: 128 << 20))
      #expect(secure.rows.count == 301)
      #expect(secure.rows == plain.rows)
      puller.sourceOptions = ["tls": .string("off")]
      let error = connectorError { _ = try puller.pull() }
      #expect(error?.kind == .denied)
    }

    @Test func `a certificate that nobody vouches for is refused by verify`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT)")
      let puller = Puller(database, "t")
      puller.url = "mysql://root@127.0.0.1:\(database.server.port)/\(database.name)"
      puller.sourceOptions = ["tls": .string("verify")]
      let error = connectorError { _ = try puller.pull() }
      #expect(error?.kind == .unreachable)
      #expect(error?.remedy.contains("tls") == true)
    }

    @Test func `one snapshot: what is written while reading is not seen`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t SELECT seq FROM seq_1_to_1000")
      let puller = Puller(database, "t")
      let pull = try puller.pull { try database.run("INSERT INTO t VALUES (5000)") }
      #expect(pull.rows.count == 1000)
    }

    private func residentBytes() -> Int {
      let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
      return (Int(text.split(separator: " ").dropFirst().first ?? "0") ?? 0) * 4096
    }
  }
}
