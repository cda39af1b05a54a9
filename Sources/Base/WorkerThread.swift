internal import Foundation
internal import Synchronization

/// A thread that has let go of all that its work holds when it ends.
///
/// Foundation's `Thread` lets go only while the system takes the thread's own storage down, and
/// then libdispatch's is gone already: the last reference to a queue (a database's, say), dropped
/// there, corrupts the heap.
public final class WorkerThread: Sendable {
  private let work: Mutex<(@Sendable () -> Void)?>

  /// Starts at once.
  /// - Parameter stackBytes: reserved; memory is taken as it is used.
  @discardableResult
  public init(_ name: String, stackBytes: Int = 1 << 20, _ work: @escaping @Sendable () -> Void) {
    self.work = Mutex(work)
    let thread = Thread { [self] in
      // A name given before the start is overwritten by the starter's.
      Thread.current.name = name
      run()
    }
    thread.stackSize = stackBytes
    thread.start()
  }

  private func run() {
    let work = work.withLock { $0.take() }
    work?()
  }
}
