internal import CKernels

/// Has the system begin to put written bytes on the disk while a program goes on, so that it need
/// not wait for all of them when it syncs the file at its end.
///
/// A hint that promises nothing: what has to last is synced.
public struct WriteBehind: Sendable {
  private let stepBytes: Int
  private var begun = 0

  /// - Parameter stepBytes: how many bytes go in one request.
  public init(stepBytes: Int) { self.stepBytes = max(1, stepBytes) }

  /// - Parameter written: how long the file is by now; it grows at its end alone.
  public mutating func advance(_ descriptor: Int32, written: Int) {
    guard written - begun >= stepBytes else { return }
    tm_write_behind(descriptor, Int64(begun), Int64(written - begun))
    begun = written
  }
}
