internal import Dispatch
internal import Synchronization

/// Lets several threads read the columns of a row group.
enum ParallelReading {
  /// Readers that other threads use while the caller waits: each is used by one thread at a time.
  private struct Shared: @unchecked Sendable {
    let readers: [LeafReader]
  }

  private struct Progress {
    var next = 0
    var results: [Int: [LeafBatch]] = [:]
    var failure: ParquetError?
  }

  /// Runs `read` for every reader, and collects what each gives by the number of its leaf.
  /// - Throws: one of the errors, where there are any.
  static func run(
    _ readers: [LeafReader], threads: Int,
    _ read: @Sendable (LeafReader) throws(ParquetError) -> [LeafBatch]
  ) throws(ParquetError) -> [Int: [LeafBatch]] {
    let shared = Shared(readers: readers)
    let progress = Mutex(Progress())
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while true {
        let index = progress.withLock { progress in
          defer { progress.next += 1 }
          return progress.failure == nil ? progress.next : Int.max
        }
        guard index < shared.readers.count else { return }
        let reader = shared.readers[index]
        do throws(ParquetError) {
          let batches = try read(reader)
          progress.withLock { $0.results[reader.leaf.index] = batches }
        } catch {
          progress.withLock { $0.failure = $0.failure ?? error }
        }
      }
    }
    let result = progress.withLock { $0 }
    if let failure = result.failure { throw failure }
    return result.results
  }
}
