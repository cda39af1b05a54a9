internal import Base
internal import Connector
internal import Foundation
internal import Records
internal import Synchronization

/// Reads a split on a thread of its own and hands its batches over through a channel bounded in
/// bytes. The reader is touched by that thread alone until it has ended.
final class ReaderThread: @unchecked Sendable {
  let batches: BoundedChannel<SourceBatch>
  private let reader: any BatchReader
  private let done = DispatchSemaphore(value: 0)
  private let result = Mutex<Result<Advance, ConnectorError>?>(nil)

  init(_ reader: any BatchReader, channelBytes: Int) {
    self.reader = reader
    batches = BoundedChannel(bytesMax: channelBytes)
    // Deeply nested documents recurse.
    WorkerThread("tidemark-reader", stackBytes: 4 << 20) { [self] in
      read()
      done.signal()
    }
  }

  private func read() {
    do {
      while let batch = try reader.next() {
        // Turned away: the writer has given up and knows why.
        if !batches.send(batch, bytes: batch.byteCount) { break }
      }
      let advance = try reader.finish()
      result.withLock { $0 = .success(advance) }
    } catch {
      result.withLock { $0 = .failure(error) }
    }
    reader.close()
    batches.finish()
  }

  /// Waits for the thread and says how reading ended. After `batches` has given nil.
  func advance() throws(ConnectorError) -> Advance {
    done.wait()
    done.signal()
    switch result.withLock({ $0 }) {
    case .success(let advance): return advance
    case .failure(let error): throw error
    case nil:
      throw ConnectorError(.interrupted, "reading ended without a result", remedy: "Run again.")
    }
  }

  /// Turns the reader away and waits until it has let go.
  func abandon() {
    batches.close()
    done.wait()
    done.signal()
  }
}
