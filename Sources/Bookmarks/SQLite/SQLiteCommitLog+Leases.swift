internal import Base
internal import GRDB

extension SQLiteCommitLog {
  public func acquireLease(on stream: String) throws(BookmarksError) -> Lease {
    try write { db in
      try db.execute(sql: "INSERT OR IGNORE INTO stream (name) VALUES (?)", arguments: [stream])
      guard
        let row = try Row.fetchOne(
          db, sql: "SELECT lease_epoch, lease_owner, lease_heartbeat FROM stream WHERE name = ?",
          arguments: [stream])
      else { return Lease(stream: stream, epoch: 0) }
      let holder: String? = row["lease_owner"]
      let heartbeat = Instant(microseconds: row["lease_heartbeat"] ?? 0)
      if let holder, !owner.mayTake(from: holder, lastSeen: heartbeat, now: clock.now) {
        throw BookmarksError(
          .leaseHeld, "another run holds the stream: \(LeaseOwner.describe(holder))",
          remedy: "Wait until it has ended, or stop it; then run again.", place: stream)
      }
      let epoch: Int = row["lease_epoch"] + 1
      try db.execute(
        sql: """
          UPDATE stream SET lease_epoch = ?, lease_owner = ?, lease_heartbeat = ? WHERE name = ?
          """, arguments: [epoch, owner.token, clock.now.microseconds, stream])
      return Lease(stream: stream, epoch: epoch)
    }
  }

  public func renew(_ lease: Lease) throws(BookmarksError) {
    try write { db in
      try Self.check(lease, in: db)
      try db.execute(
        sql: "UPDATE stream SET lease_heartbeat = ? WHERE name = ?",
        arguments: [clock.now.microseconds, lease.stream])
    }
  }

  public func release(_ lease: Lease) throws(BookmarksError) {
    try write { db in
      try db.execute(
        sql: "UPDATE stream SET lease_owner = NULL WHERE name = ? AND lease_epoch = ?",
        arguments: [lease.stream, lease.epoch])
    }
  }

  static func check(_ lease: Lease, in db: GRDB.Database) throws {
    let epoch = try Int.fetchOne(
      db, sql: "SELECT lease_epoch FROM stream WHERE name = ? AND lease_owner IS NOT NULL",
      arguments: [lease.stream])
    guard epoch == lease.epoch else {
      throw BookmarksError(
        .leaseLost, "another run has taken the stream over",
        remedy: "Nothing more of this run is committed. Let the other run end, then run again.",
        place: lease.stream)
    }
  }
}
