internal import Base
internal import Foundation

/// Threads that send parts, shared by all uploads of a store: so what is on its way is bounded
/// for the store as a whole, and a part that has to be sent again is, whatever its writer does
/// meanwhile.
final class UploadPool: Sendable {
  private let jobs: BoundedChannel<@Sendable () -> Void>
  private let threads: OneTime

  /// - Parameters:
  ///   - threads: parts on their way at a time.
  ///   - bytesMax: of parts that wait for a thread.
  init(threads: Int, bytesMax: Int) {
    let jobs = BoundedChannel<@Sendable () -> Void>(bytesMax: bytesMax)
    self.jobs = jobs
    self.threads = OneTime {
      for number in 0..<max(1, threads) {
        WorkerThread("tidemark-up-\(number)") { while let job = jobs.receive() { job() } }
      }
    }
  }

  deinit { jobs.finish() }

  /// Waits for room, and runs the work on one of the threads.
  func submit<Value: Sendable>(
    bytes: Int, _ work: @escaping @Sendable () throws(AWSError) -> Value
  ) -> UploadResult<Value> {
    threads.run()
    let result = UploadResult<Value>()
    let isTaken = jobs.send(
      {
        do throws(AWSError) { result.finish(.success(try work())) } catch {
          result.finish(.failure(error))
        }
      }, bytes: bytes)
    if !isTaken {
      result.finish(
        .failure(
          AWSError(.cancelled, "the store was closed", remedy: "Open it again.", place: "upload")))
    }
    return result
  }
}

/// Runs something once, on first use.
private final class OneTime: @unchecked Sendable {
  private let lock = NSLock()
  private var work: (() -> Void)?

  init(_ work: @escaping () -> Void) { self.work = work }

  func run() {
    lock.withLock {
      work?()
      work = nil
    }
  }
}

/// What a job in an `UploadPool` comes to.
final class UploadResult<Value: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var outcome: Result<Value, AWSError>?

  func finish(_ outcome: Result<Value, AWSError>) {
    condition.lock()
    self.outcome = outcome
    condition.broadcast()
    condition.unlock()
  }

  /// nil while the job has not ended.
  var current: Result<Value, AWSError>? {
    condition.lock()
    defer { condition.unlock() }
    return outcome
  }

  func wait() -> Result<Value, AWSError> {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let outcome { return outcome }
      condition.wait()
    }
  }
}
