internal import Base
internal import Connector
internal import Synchronization

/// Asks for pages before their turn, on threads of their own, where it is known which will come.
///
/// What comes of it is only ever taken in the order of the pages: one that was asked for and is not
/// the next one after all is dropped, and one that failed is asked for again in its turn, so that
/// nothing else about the reading of pages has to know of this.
final class PagesAhead {
  /// Pages of this many times the size of a response in memory.
  private static let parsedFactor = 8
  private static let bytesMin = 65_536

  private typealias Channel = BoundedChannel<PageFetcher.Answer>

  private let fetcher: PageFetcher
  private let texts: WindowTexts
  private let memoryBytes: Int
  private let cancellation: Cancellation
  private var waiting: [PagePlace: Channel] = [:]
  private let running = RunningCount()

  init(
    _ fetcher: PageFetcher, _ texts: WindowTexts, memoryBytes: Int, _ cancellation: Cancellation
  ) {
    self.fetcher = fetcher
    self.texts = texts
    self.memoryBytes = memoryBytes
    self.cancellation = cancellation
  }

  deinit { for channel in waiting.values { channel.close() } }

  /// How many pages there is memory for, besides the one at hand.
  /// - Parameter pageBytes: of the largest response so far.
  func room(pageBytes: Int) -> Int {
    let parallel = fetcher.endpoint.pagination.parallel
    return max(0, min(parallel, memoryBytes / (Self.parsedFactor * max(1, pageBytes))) - 1)
  }

  /// Asks for pages that probably come next.
  func prepare(_ places: [PagePlace], pageBytes: Int) {
    let room = room(pageBytes: pageBytes)
    // What is not among them will not be taken.
    for (place, channel) in waiting where !places.contains(place) {
      channel.close()
      waiting[place] = nil
    }
    for place in places where waiting[place] == nil && waiting.count < room {
      guard running.begin(max: room) else { return }
      start(place, bytesMax: max(Self.bytesMin, 2 * pageBytes))
    }
  }

  private func start(_ place: PagePlace, bytesMax: Int) {
    let channel = Channel(bytesMax: 1)
    waiting[place] = channel
    WorkerThread("page ahead") { [fetcher, texts, cancellation, running] in
      if let answer = try? fetcher.fetch(
        texts, place, responseBytesMax: bytesMax, cancellation: cancellation)
      {
        _ = channel.send(answer, bytes: 1)
      }
      channel.finish()
      running.end()
    }
  }

  /// Waits for a page that was asked for; nil where it was not, or failed.
  func take(_ place: PagePlace) -> PageFetcher.Answer? {
    waiting.removeValue(forKey: place)?.receive()
  }
}

/// How many requests are under way, those included whose answers nobody waits for any more.
private final class RunningCount: Sendable {
  private let count = Mutex(0)

  func begin(max: Int) -> Bool {
    count.withLock { count in
      if count >= max { return false }
      count += 1
      return true
    }
  }

  func end() { count.withLock { $0 -= 1 } }
}
