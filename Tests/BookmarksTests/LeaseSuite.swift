import Base
import Storage
import Testing

@testable import Bookmarks

@Suite struct LeaseSuite {
  let clock = WallClock.manual(start: Instant(microseconds: 1_700_000_000_000_000))

  @Test(arguments: LogKind.withManualTime) func aLivingHolderKeepsItsStream(_ kind: LogKind) throws
  {
    let place = try LogPlace(kind, clock)
    let mine = LeaseOwner.current(.seeded(1))
    let other = LeaseOwner.current(.seeded(2))
    let lease = try place.open(mine).acquireLease(on: "s")
    let error = #expect(throws: BookmarksError.self) {
      try place.open(other).acquireLease(on: "s")
    }
    #expect(error?.kind == .leaseHeld)
    try place.open(mine).release(lease)
    _ = try place.open(other).acquireLease(on: "s")
  }

  @Test(arguments: LogKind.withManualTime) func aDeadHolderOnThisHostLosesItAtOnce(_ kind: LogKind)
    throws
  {
    let place = try LogPlace(kind, clock)
    var dead = LeaseOwner.current(.seeded(1))
    dead.process = 4_194_000
    let old = try place.open(dead)
    let lost = try old.acquireLease(on: "s")
    let fresh = try place.open(.current(.seeded(2)))
    let lease = try fresh.acquireLease(on: "s")
    #expect(lease.epoch == lost.epoch + 1)
    let commit = Commit(
      stream: "s", version: 1, id: "x", kind: .append, run: nil, decidedAt: clock.now)
    let error = #expect(throws: BookmarksError.self) { try old.append(commit, under: lost) }
    #expect(error?.kind == .leaseLost)
    #expect(throws: BookmarksError.self) { try old.renew(lost) }
    try fresh.append(commit, under: lease)
  }

  @Test(arguments: LogKind.withManualTime) func aSilentHolderElsewhereLosesItAfterTenSeconds(
    _ kind: LogKind
  ) throws {
    let place = try LogPlace(kind, clock)
    var elsewhere = LeaseOwner.current(.seeded(1))
    elsewhere.host = "far-away"
    let far = try place.open(elsewhere)
    let lease = try far.acquireLease(on: "s")
    let near = try place.open(.current(.seeded(2)))
    clock.sleep(seconds: 9)
    #expect(throws: BookmarksError.self) { try near.acquireLease(on: "s") }
    try far.renew(lease)
    clock.sleep(seconds: 9)
    #expect(throws: BookmarksError.self) { try near.acquireLease(on: "s") }
    clock.sleep(seconds: 2)
    _ = try near.acquireLease(on: "s")
  }

  @Test(arguments: LogKind.withManualTime) func aReusedProcessNumberIsAnotherProcess(
    _ kind: LogKind
  ) throws {
    let place = try LogPlace(kind, clock)
    var earlier = LeaseOwner.current(.seeded(1))
    earlier.processStart = "1"
    _ = try place.open(earlier).acquireLease(on: "s")
    _ = try place.open(.current(.seeded(2))).acquireLease(on: "s")
  }
}

extension LeaseOwner {
  static func test(_ nonce: String) -> LeaseOwner {
    .current(Randomness { UInt64(nonce.utf8.first ?? 0) })
  }
}
