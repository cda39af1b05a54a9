internal import Base
internal import Foundation
internal import Synchronization

/// The rows of a statement, received by a thread of their own, so that the server never waits
/// while this side converts, compresses and writes.
///
/// What has been received and not yet been taken is bounded in bytes.
final class RowStream: Sendable {
  private let connection: Connection
  private let channel: BoundedChannel<RowBlock>
  private let failure = Mutex<ServerError?>(nil)
  private let isDone = DispatchSemaphore(value: 0)
  private let isJoined = Mutex(false)
  private let isBrokenOff = Atomic(false)

  /// Runs the statement and begins to receive.
  /// - Parameters:
  ///   - queueBytes: how much may wait to be taken.
  ///   - pace: when to go on receiving.
  init(_ statement: Statement, _ limits: BlockReader.Limits, queueBytes: Int, _ pace: ReadPace) {
    connection = statement.connection
    channel = BoundedChannel(bytesMax: queueBytes)
    WorkerThread("mysql-rows") { [self] in
      do throws(ServerError) {
        try receive(statement, limits, pace)
      } catch {
        failure.withLock { $0 = error }
      }
      channel.finish()
      isDone.signal()
    }
  }

  private func receive(
    _ statement: Statement, _ limits: BlockReader.Limits, _ pace: ReadPace
  ) throws(ServerError) {
    func isStopped() -> Bool { isBrokenOff.load(ordering: .relaxed) }
    pace.wait(after: 0, unless: isStopped)
    try statement.execute()
    let packets = try PacketSource(connection, packetBytesMax: limits.rowBytesMax)
    var reader = BlockReader(packets, limits)
    while let block = try reader.next() {
      if !channel.send(block, bytes: block.bytes.count) { return }
      pace.wait(after: block.rowCount, unless: isStopped)
    }
    statement.close()
  }

  /// Waits for the next block; nil at the end.
  func next() throws(ServerError) -> RowBlock? {
    if let block = channel.receive() { return block }
    if let error = failure.withLock({ $0 }) { throw error }
    return nil
  }

  /// Waits until the thread no longer uses the connection.
  /// - Parameter breakingOff: whether to stop what is still being received; the connection is lost.
  func join(breakingOff: Bool) {
    isJoined.withLock { isJoined in
      if isJoined { return }
      if breakingOff {
        isBrokenOff.store(true, ordering: .relaxed)
        channel.close()
        connection.interrupt()
      }
      isDone.wait()
      isJoined = true
    }
  }
}
