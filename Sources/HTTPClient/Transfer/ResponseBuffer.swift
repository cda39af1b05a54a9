internal import Foundation

/// Body bytes between the loop's thread and a reader, bounded: when it is full the transfer
/// pauses, and the server with it.
final class ResponseBuffer: @unchecked Sendable {
  private let condition = NSCondition()
  private let bytesMax: Int
  private var chunks: [[UInt8]] = []
  private var bytesHeld = 0
  private var isPaused = false
  private var head: HTTPHead?
  private var end: Result<HTTPHead, HTTPError>?

  init(bytesMax: Int) { self.bytesMax = max(1, bytesMax) }

  // MARK: The loop's side

  func begin(_ head: HTTPHead) {
    condition.lock()
    self.head = head
    condition.broadcast()
    condition.unlock()
  }

  /// - Returns: false when it is full: the bytes were not taken, and will be offered again.
  func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    guard bytesHeld < bytesMax else {
      isPaused = true
      return false
    }
    chunks.append(Array(bytes))
    bytesHeld += bytes.count
    condition.broadcast()
    return true
  }

  func finish(_ result: Result<HTTPHead, HTTPError>) {
    condition.lock()
    end = result
    condition.broadcast()
    condition.unlock()
  }

  // MARK: The reader's side

  /// Waits for the head, or for what there was instead of one.
  func waitForHead() -> Result<HTTPHead, HTTPError> {
    condition.lock()
    defer { condition.unlock() }
    while head == nil && end == nil { condition.wait() }
    if let head { return .success(head) }
    return end ?? .failure(HTTPError(.closed, "the response has no head", place: ""))
  }

  /// Waits for bytes; nil at the end.
  /// - Parameter resume: called where the transfer had paused and there is room again.
  func next(resume: () -> Void) throws(HTTPError) -> [UInt8]? {
    condition.lock()
    while chunks.isEmpty && end == nil { condition.wait() }
    guard !chunks.isEmpty else {
      let end = end
      condition.unlock()
      if case .failure(let error) = end { throw error }
      return nil
    }
    var chunk = chunks[0]
    for further in chunks.dropFirst() { chunk += further }
    chunks = []
    bytesHeld = 0
    let wasPaused = isPaused
    isPaused = false
    condition.unlock()
    if wasPaused { resume() }
    return chunk
  }
}
