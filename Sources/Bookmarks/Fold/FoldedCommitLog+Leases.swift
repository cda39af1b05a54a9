internal import Base
internal import GRDB

extension FoldedCommitLog {
  public func acquireLease(on stream: String) throws(BookmarksError) -> Lease {
    // When the power fails, the holder is gone as well.
    try journal.decide(outlasting: .kill) { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT lease_epoch, lease_owner FROM stream WHERE name = ?", arguments: [stream])
      let last = Lease(stream: stream, epoch: row?["lease_epoch"] ?? 0)
      let holder: String? = row?["lease_owner"]
      if let holder,
        !(try owner.mayTake(from: holder, silence: { try journal.silence(of: last, in: db) }))
      {
        throw BookmarksError(
          .leaseHeld, "another run holds the stream: \(LeaseOwner.describe(holder))",
          remedy: "Wait until it has ended, or stop it; then run again.", place: stream)
      }
      let lease = Lease(stream: stream, epoch: last.epoch + 1)
      return (
        [.takeLease(stream: stream, epoch: lease.epoch, owner: owner.token, at: clock.now)], lease
      )
    }
  }

  public func renew(_ lease: Lease) throws(BookmarksError) { try journal.renew(lease) }

  public func release(_ lease: Lease) throws(BookmarksError) {
    try journal.decideSoon(.releaseLease(lease))
  }
}
