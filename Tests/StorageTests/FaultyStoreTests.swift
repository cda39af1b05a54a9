import Base
import Storage
import Testing

@Suite struct FaultyStoreTests {
  private func outcomes(seed: UInt64) -> [Bool] {
    let store = FaultyStore(
      MemoryStore(), seed: seed, Faults(errorRate: 0.3, lostAnswerRate: 0.2))
    return (0..<200).map { index in
      kind { () throws(StorageError) in _ = try store.put("k\(index)", []) } == nil
    }
  }

  @Test func failsTheSameWayForTheSameSeed() {
    #expect(outcomes(seed: 7) == outcomes(seed: 7))
    #expect(outcomes(seed: 7) != outcomes(seed: 8))
    let failed = outcomes(seed: 7).filter { !$0 }.count
    #expect((60...120).contains(failed))
  }

  @Test func losesAnswersAfterTheWorkIsDone() throws {
    let inner = MemoryStore()
    let store = FaultyStore(inner, seed: 1, Faults(lostAnswerRate: 1))
    let error = kind { () throws(StorageError) in _ = try store.put("a", []) }
    #expect(error == .unreachable)
    #expect(try inner.keys() == ["a"])
  }

  @Test(arguments: [false, true]) func stopsForGood(_ finishesLastCall: Bool) throws {
    let inner = MemoryStore()
    let store = FaultyStore(
      inner, seed: 1, Faults(stopAfter: 2, finishesLastCall: finishesLastCall))
    try store.put("a", [])
    for key in ["b", "c"] {
      #expect(kind { () throws(StorageError) in _ = try store.put(key, []) } == .unreachable)
    }
    #expect(kind { () throws(StorageError) in _ = try store.info("a") } == .unreachable)
    #expect(try inner.keys() == (finishesLastCall ? ["a", "b"] : ["a"]))
  }

  @Test func waitsOnItsClock() throws {
    let clock = WallClock.manual(start: Instant(microseconds: 0))
    let store = FaultyStore(
      MemoryStore(), seed: 1, Faults(delaySecondsMax: 10), clock: clock)
    try store.put("a", [])
    #expect(clock.now > Instant(microseconds: 0))
    #expect(clock.now < Instant(seconds: 10))
  }

  /// The recovery that users of a store write: whatever fails, when, publishing again ends well.
  @Test(arguments: 0..<20 as Range<UInt64>) func publishingIsRepeatable(_ seed: UInt64) throws {
    let inner = MemoryStore()
    let store = FaultyStore(inner, seed: seed, Faults(errorRate: 0.3, lostAnswerRate: 0.3))
    let staged = try inner.stageAll("raw/t/x", owner: "c1", "data")
    var attempts = 0
    while kind({ () throws(StorageError) in try store.publish(staged) }) != nil {
      attempts += 1
      try #require(attempts < 100)
    }
    #expect(try inner.read("raw/t/x") == bytes("data"))
  }
}
