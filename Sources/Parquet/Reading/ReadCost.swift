/// What reading a range from a source costs: decides which ranges are read in one go.
public struct ReadCost: Hashable, Sendable {
  /// From asking to the first byte.
  public var latencySeconds: Double
  public var bytesPerSecond: Double

  public init(latencySeconds: Double, bytesPerSecond: Double) {
    self.latencySeconds = latencySeconds
    self.bytesPerSecond = bytesPerSecond
  }

  /// A file on a local disk.
  public static let local = ReadCost(latencySeconds: 20e-6, bytesPerSecond: 1e9)
  /// An object in a store over a network.
  public static let remote = ReadCost(latencySeconds: 40e-3, bytesPerSecond: 100e6)

  /// Bytes between two ranges that are rather read for nothing than left out by a further read:
  /// latency × bandwidth, from 4 KiB to 32 MiB.
  public var gapByteCountMax: Int {
    let bytes = latencySeconds * bytesPerSecond
    guard bytes > 0 else { return Self.gapByteCounts.lowerBound }
    return Int(
      min(
        max(bytes, Double(Self.gapByteCounts.lowerBound)),
        Double(Self.gapByteCounts.upperBound)))
  }

  private static let gapByteCounts = 4 << 10...32 << 20
}
