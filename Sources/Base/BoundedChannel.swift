internal import Foundation

/// A queue between two threads, bounded in bytes: who sends too fast waits.
///
/// An item larger than the bound passes alone, so that nothing can wait for ever.
public final class BoundedChannel<Element: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private let bytesMax: Int
  /// Taken elements are nil at once, so that what they hold is let go.
  private var queue: [(element: Element?, bytes: Int)] = []
  private var head = 0
  private var bytesQueued = 0
  private var isFinished = false
  private var isClosed = false

  public init(bytesMax: Int) { self.bytesMax = max(1, bytesMax) }

  /// Waits for room and adds the element.
  /// - Returns: false when the receiver has closed the channel; the element is dropped.
  public func send(_ element: Element, bytes: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while !isClosed && bytesQueued > 0 && bytesQueued + bytes > bytesMax { condition.wait() }
    if isClosed { return false }
    queue.append((element, bytes))
    bytesQueued += bytes
    condition.broadcast()
    return true
  }

  /// Says that nothing more will be sent.
  public func finish() {
    condition.lock()
    isFinished = true
    condition.broadcast()
    condition.unlock()
  }

  /// Waits for the next element; nil when the sender has finished and all is taken.
  public func receive() -> Element? {
    condition.lock()
    defer { condition.unlock() }
    while head == queue.count && !isFinished && !isClosed { condition.wait() }
    guard head < queue.count, !isClosed else { return nil }
    let next = queue[head]
    queue[head].element = nil
    head += 1
    if head == queue.count {
      queue.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64 {
      queue.removeFirst(head)
      head = 0
    }
    bytesQueued -= next.bytes
    condition.broadcast()
    return next.element
  }

  /// The receiver gives up: queued elements are dropped and senders are turned away.
  public func close() {
    condition.lock()
    isClosed = true
    queue.removeAll()
    head = 0
    bytesQueued = 0
    condition.broadcast()
    condition.unlock()
  }
}
