import Base
import Connector
import Foundation
import MariaDBServer
import Records
import Testing

@testable import MySQLSource

/// Servers whose clocks are not UTC's, each of its own.
@Suite(.serialized) struct ZoneTests {
  private func instant(_ text: String) -> Instant { Instant(text) ?? Instant(microseconds: 0) }

  private func connection(_ server: MariaDBServer) throws -> Connection {
    try Connection(
      Endpoint(
        sourceName: "zone", host: "localhost", port: 0, socket: server.socket, user: "root",
        password: nil, database: "mysql", tls: .init(mode: .off), connectTimeoutSeconds: 5))
  }

  private func local(_ zone: WritersZone, _ text: String, _ connection: Connection) throws -> String
  {
    CivilTime(microseconds: try zone.ceiling(at: instant(text), connection)).text
  }

  @Test func `the mark waits while a clock change repeats an hour`() throws {
    let server = try MariaDBServer(zone: "Europe/Berlin")
    defer { server.stop() }
    let connection = try connection(server)
    defer { connection.close() }
    let zone = try WritersZone("SYSTEM", connection, place: "t")
    // Clocks went from 03:00 back to 02:00 at 01:00 UTC.
    #expect(try local(zone, "2024-10-26T23:30:00Z", connection) == "2024-10-27T01:30:00")
    #expect(try local(zone, "2024-10-27T00:00:00Z", connection) == "2024-10-27T02:00:00")
    #expect(try local(zone, "2024-10-27T00:10:00Z", connection) == "2024-10-27T02:00:00")
    #expect(try local(zone, "2024-10-27T00:59:59.999999Z", connection) == "2024-10-27T02:00:00")
    #expect(try local(zone, "2024-10-27T01:00:00Z", connection) == "2024-10-27T02:00:00")
    #expect(try local(zone, "2024-10-27T01:30:00.5Z", connection) == "2024-10-27T02:30:00.5")
    #expect(try local(zone, "2024-10-27T02:30:00Z", connection) == "2024-10-27T03:30:00")
    // And forward in spring, where nothing repeats.
    #expect(try local(zone, "2024-03-31T00:59:00Z", connection) == "2024-03-31T01:59:00")
    #expect(try local(zone, "2024-03-31T01:00:00Z", connection) == "2024-03-31T03:00:00")
    // This machine's zones step in where the server has none.
    let named = try WritersZone("America/New_York", connection, place: "t")
    #expect(try local(named, "2024-11-03T05:30:00Z", connection) == "2024-11-03T01:00:00")
    #expect(try local(named, "2024-11-03T06:30:00Z", connection) == "2024-11-03T01:30:00")
    let offset = try WritersZone("-03:30", connection, place: "t")
    #expect(try local(offset, "2024-11-03T05:30:00Z", connection) == "2024-11-03T02:00:00")
    // The look for writers knows the first half past two from the second.
    for seconds: Int64 in [1_729_989_000, 1_729_992_600] {
      try connection.run(["SET timestamp = \(seconds).25"])
      let look = WriterLookup(connection: connection, nonce: "zone\(seconds)") { _ in }
      #expect(try look.look().now == Instant(microseconds: seconds * 1_000_000 + 250_000))
    }
    let unknown = connectorError { _ = try WritersZone("Mars/Olympus", connection, place: "t") }
    #expect(unknown?.kind == .misconfigured)
  }

  @Test(arguments: ["Asia/Kolkata", "America/St_Johns"])
  func `DATETIME east and west of UTC: each row once`(_ name: String) throws {
    let server = try MariaDBServer(zone: name)
    defer { server.stop() }
    let database = try TestDatabase(server)
    try database.run(
      "CREATE TABLE t (id INT PRIMARY KEY, at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), d DATE, KEY (at))",
      "INSERT INTO t (id, d) VALUES (1, CURDATE() - INTERVAL 2 DAY)")
    let puller = Puller(
      database, "t", ["bookmark": cursor("at", ["settle": .string("0s")])])
    // A statement that the server still lists, however briefly, rightly holds the ceiling back.
    var first = try puller.pull().first
    for _ in 0..<30 where first.isEmpty {
      Thread.sleep(forTimeInterval: 0.1)
      first = try puller.pull().first
    }
    #expect(first == ["1"])
    try database.run("INSERT INTO t (id, d) VALUES (2, CURDATE())")
    // A transaction's start is told in the server's zone as well.
    let slow = try database.connect()
    try slow.run("BEGIN", "INSERT INTO t (id) VALUES (3)")
    Thread.sleep(forTimeInterval: 1.2)
    let second = try puller.pull()
    #expect(second.first.contains("3") == false)
    try slow.run("COMMIT")
    let third = try puller.pull()
    #expect((second.first + third.first).compactMap { $0 }.sorted() == ["2", "3"])
    let days = Puller(
      database, "t",
      ["bookmark": cursor("d", ["settle": .string("0s"), "nulls": .string("skip")])])
    #expect(try days.pull().first == ["1"])
    #expect(
      try days.pull().plan.window.to
        == database.client.value("SELECT CURDATE()"))
  }
}
