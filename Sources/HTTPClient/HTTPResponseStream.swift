internal import Base

/// A response whose body is read as it comes. What was not read yet is bounded: a reader that is
/// slow slows the server down. One thread at a time reads.
public final class HTTPResponseStream: Sendable {
  public let head: HTTPHead
  private let transfer: Transfer
  private let buffer: ResponseBuffer
  private let loop: TransferLoop
  private let watch: CancellationWatch

  init(
    head: HTTPHead, transfer: Transfer, buffer: ResponseBuffer, loop: TransferLoop,
    watch: CancellationWatch
  ) {
    self.head = head
    self.transfer = transfer
    self.buffer = buffer
    self.loop = loop
    self.watch = watch
  }

  deinit { close() }

  /// The next bytes, at least one; nil at the end of a body that came whole.
  public func read() throws(HTTPError) -> [UInt8]? {
    try buffer.next { loop.resume(transfer) }
  }

  /// Stops the transfer. May be called at any time, also twice.
  public func close() {
    watch.end()
    loop.cancel(transfer, reason: "the reader closed the response")
  }
}
