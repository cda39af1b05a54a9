import Base
import Foundation
import Synchronization
import Testing

@Suite struct TimeTests {
  @Test func civilTimeRoundTripsOverAllDaysOfFourCenturies() {
    for days in stride(from: -150_000, through: 150_000, by: 1) {
      let date = CivilTime(daysSinceEpoch: days)
      #expect(date.isValid && date.daysSinceEpoch == days)
    }
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-21", 1_795_219_200_000_000),
    ("2026-11-21T07:34:00.25+01:00", 1_795_242_840_250_000), ("1969-12-31 23:59:59.999999", -1),
    ("2024-02-29T00:00:00-0530", 1_709_184_600_000_000),
  ])
  func parses(_ text: String, _ microseconds: Int64) {
    #expect(Instant(text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-13-01", "2026-02-30", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00+24:00",
    "2026-01-01x",
  ])
  func refuses(_ text: String) { #expect(Instant(text) == nil) }

  @Test func printsNoMoreFractionThanThereIs() {
    #expect(Instant(microseconds: 1_500_000).description == "1970-01-01T00:00:01.5Z")
    #expect(Instant(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
  }
}

@Suite struct UnitTests {
  @Test(arguments: [
    ("256MB", 256_000_000), ("64 KiB", 65_536), ("1.5GB", 1_500_000_000), ("4096", 4096),
  ])
  func sizes(_ text: String, _ bytes: Int) { #expect(Units.bytes(text) == bytes) }

  @Test(arguments: ["", "MB", "-1MB", "5 parsecs", "1e400GB"])
  func notSizes(_ text: String) { #expect(Units.bytes(text) == nil) }

  @Test(arguments: [("10m", 600.0), ("500ms", 0.5), ("1d", 86_400), ("0", 0)])
  func durations(_ text: String, _ seconds: Double) { #expect(Units.seconds(text) == seconds) }

  @Test(arguments: ["10", "m", "ten minutes"])
  func notDurations(_ text: String) { #expect(Units.seconds(text) == nil) }

  @Test func descriptions() {
    #expect(Units.describe(bytes: 717_000_000) == "717 MB")
    #expect(Units.describe(bytes: 999) == "999 B")
    #expect(Units.describe(bytes: 1_234_567) == "1.23 MB")
    #expect(Units.describe(seconds: 250) == "4m 10s")
    #expect(Units.describe(seconds: 0.042) == "42 ms")
    #expect(Units.describe(count: 6_001_215) == "6,001,215")
    #expect(Units.describe(count: 100) == "100")
    #expect(Units.describe(count: -1000) == "-1,000")
  }

  @Test func nearNames() {
    #expect(nearestName(to: "bookmrak", among: ["bookmark", "partition"]) == "bookmark")
    #expect(nearestName(to: "zzzzzz", among: ["bookmark"]) == nil)
  }
}

@Suite struct JSONTests {
  @Test(arguments: [
    #"{"a":[1,-2.5,true,null,"x\ny"],"b":{}}"#, "[]", "\"\u{1F600}\"", "9223372036854775807",
    "-0.25",
  ])
  func roundTrips(_ text: String) throws {
    let value = try JSONValue(parsing: text)
    #expect(try JSONValue(parsing: value.text()) == value)
    #expect(try JSONValue(parsing: value.text(indented: true)) == value)
  }

  @Test func escapes() throws {
    #expect(try JSONValue(parsing: #""\u00e9\ud83d\ude00\/""#) == "é😀/")
    #expect(JSONValue.string("\u{01}\"\\").text() == #""\u0001\"\\""#)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\"}", "tru", "\"\u{01}\"", "01x", "1 2", "\"\\q\"", "nan", "1e999",
    String(repeating: "[", count: 600),
  ])
  func refuses(_ text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
  }

  @Test func refusesInvalidUTF8() {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }
}

@Suite struct ChannelTests {
  @Test func isBoundedInBytesAndKeepsOrder() {
    let channel = BoundedChannel<Int>(bytesMax: 10)
    WorkerThread("producer") {
      for number in 0..<1000 { _ = channel.send(number, bytes: 4) }
      channel.finish()
    }
    var received: [Int] = []
    while let number = channel.receive() { received.append(number) }
    #expect(received == Array(0..<1000))
  }

  @Test func letsALargeElementPassAlone() {
    let channel = BoundedChannel<Int>(bytesMax: 1)
    #expect(channel.send(7, bytes: 1_000_000))
    #expect(channel.receive() == 7)
  }

  @Test func letsGoOfWhatWasTaken() {
    final class Held: Sendable {}
    let channel = BoundedChannel<Held>(bytesMax: 100)
    weak var first: Held?
    do {
      let held = Held()
      first = held
      _ = channel.send(held, bytes: 1)
      _ = channel.send(Held(), bytes: 1)
    }
    _ = channel.receive()
    #expect(first == nil)
  }

  @Test func turnsSendersAwayWhenClosed() {
    let channel = BoundedChannel<Int>(bytesMax: 1)
    _ = channel.send(1, bytes: 1)
    channel.close()
    #expect(!channel.send(2, bytes: 1))
    #expect(channel.receive() == nil)
  }
}

@Suite struct CancellationTests {
  @Test func tellsOnceAndKeepsTheFirstReason() {
    let cancellation = Cancellation()
    let channel = BoundedChannel<Int>(bytesMax: 100)
    _ = cancellation.onCancel { _ = channel.send(1, bytes: 1) }
    let forgotten = cancellation.onCancel { _ = channel.send(2, bytes: 1) }
    cancellation.forget(forgotten)
    cancellation.cancel("first")
    cancellation.cancel("second")
    channel.finish()
    #expect(channel.receive() == 1)
    #expect(channel.receive() == nil)
    #expect(cancellation.reason == "first")
  }
}

@Suite struct WorkerThreadTests {
  /// Set by the thread's own storage as it is taken down.
  private final class Fate: Sendable {
    let storageIsGone = Mutex(false)
  }

  private final class Holder: Sendable {
    let fate: Fate
    let answer: BoundedChannel<Bool>

    init(_ fate: Fate, _ answer: BoundedChannel<Bool>) {
      self.fate = fate
      self.answer = answer
    }

    deinit {
      _ = answer.send(fate.storageIsGone.withLock { !$0 }, bytes: 1)
      answer.finish()
    }
  }

  @Test func letsGoOfItsWorkBeforeItsStorage() {
    let fate = Fate()
    let answer = BoundedChannel<Bool>(bytesMax: 10)
    var key = pthread_key_t()
    pthread_key_create(&key) { pointer in
      guard let pointer else { return }
      Unmanaged<Fate>.fromOpaque(pointer).takeRetainedValue().storageIsGone.withLock { $0 = true }
    }
    var held: Holder? = Holder(fate, answer)
    WorkerThread("holder") { [key, held] in
      withExtendedLifetime(held) {
        _ = pthread_setspecific(key, Unmanaged.passRetained(fate).toOpaque())
      }
    }
    held = nil
    #expect(answer.receive() == true)
  }

  @Test func isNamedAndHasItsStack() {
    let names = BoundedChannel<String>(bytesMax: 100)
    let sizes = BoundedChannel<Int>(bytesMax: 100)
    WorkerThread("counter", stackBytes: 3 << 20) {
      _ = names.send(Thread.current.name ?? "", bytes: 1)
      _ = sizes.send(Thread.current.stackSize, bytes: 1)
    }
    #expect(names.receive() == "counter")
    #expect(sizes.receive() == 3 << 20)
  }
}

@Suite struct Hash128Tests {
  /// Bookmarks keep such hashes: they must not change.
  @Test func staysTheSame() {
    let bytes = Array("The quick brown fox jumps".utf8)
    let whole = Hash128(bytes[...])
    let seeded = Hash128(bytes[5...], seed: Hash128(high: 1, low: 2))
    let words = Hash128(words: 7, .max, seed: .zero)
    #expect(
      [whole, seeded, words].map { String($0.high, radix: 16) + " " + String($0.low, radix: 16) }
        == [
          "26fe9c41269e8d43 25d3a6cae720a453", "e1dbf0d6e38dd922 2a46c5c6b7267be2",
          "b4cd53c3e9f44ee1 c9296ba9e8164d5a",
        ])
  }

  @Test func differsWithEveryBit() {
    var hashes: Set<Hash128> = []
    for length in 0..<40 {
      for bit in 0..<(8 * length) {
        var bytes = [UInt8](repeating: 0, count: length)
        bytes[bit / 8] |= 1 << UInt8(bit % 8)
        hashes.insert(Hash128(bytes[...]))
      }
    }
    #expect(hashes.count == (0..<40).reduce(0) { $0 + 8 * $1 })
  }
}
