internal import Dispatch
internal import Kernels
internal import Synchronization

/// The workers' scratches (codec contexts and the buffers between the steps), and the loop that
/// shares columns out among them.
///
/// A codec's context takes megabytes. Writers of the same options that one thread uses may share
/// a pool, so that many open files cost no more of them than one.
public final class ScratchPool {
  private let scratches: [PageScratch]

  /// - Throws: `.unsupported` for a codec or level that cannot be written.
  public init(_ options: WriteOptions) throws(ParquetError) {
    var scratches: [PageScratch] = []
    for _ in 0..<max(1, options.threads) { scratches.append(try PageScratch(options)) }
    self.scratches = scratches
  }

  /// Memory of the buffers, without the codec's contexts.
  public var byteCount: Int {
    scratches.reduce(0) {
      $0 + $1.dense.capacity + $1.sample.capacity + $1.body.capacity + $1.compressed.capacity
    }
  }

  /// Calls `body` for every index: on this thread, or on as many threads as there are scratches,
  /// each with one of its own. After an error the remaining indices are left out.
  /// - Parameter weight: how long an index may take, as against the others: the longest go first,
  ///   so that no thread is left with one at the end while the rest have nothing to do.
  func forEach(
    _ indices: Range<Int>, weight: (Int) -> Int,
    _ body: (Int, PageScratch) throws(ParquetError) -> Void
  ) throws(ParquetError) {
    guard scratches.count > 1, indices.count > 1 else {
      for index in indices { try body(index, scratches[0]) }
      return
    }
    let order = indices.map { ($0, weight($0)) }.sorted { $0.1 > $1.1 }.map(\.0)
    // The columns and scratches that `body` reaches are each touched by one thread at a time:
    // indices are given out once, and a worker has its own scratch.
    nonisolated(unsafe) let body = body
    nonisolated(unsafe) let scratches = scratches
    let shared = Mutex((next: 0, failure: ParquetError?.none))
    DispatchQueue.concurrentPerform(iterations: min(scratches.count, indices.count)) { worker in
      while true {
        let index = shared.withLock { state -> Int? in
          guard state.failure == nil, state.next < order.count else { return nil }
          state.next += 1
          return order[state.next - 1]
        }
        guard let index else { return }
        do throws(ParquetError) {
          try body(index, scratches[worker])
        } catch {
          shared.withLock { $0.failure = $0.failure ?? error }
        }
      }
    }
    if let failure = shared.withLock({ $0.failure }) { throw failure }
  }
}
