/// Takes the bytes of a file, from the front to the end.
public protocol ByteSink: AnyObject {
  /// Appends bytes. The writer calls it once a page or so, with anything from four bytes to some
  /// megabytes.
  func write(_ bytes: [UInt8]) throws
}

/// A sink in memory.
public final class MemorySink: ByteSink {
  public private(set) var bytes: [UInt8] = []

  /// - Parameter byteCount: how large the file may become, if that is known: what comes is not
  ///   moved meanwhile.
  public init(reserving byteCount: Int = 0) { bytes.reserveCapacity(byteCount) }

  public func write(_ bytes: [UInt8]) { self.bytes += bytes }
}
