internal import Compression
internal import Synchronization

/// Decompressors that the columns of a reader share: as many come to be as threads use them at a
/// time. One a column would take much memory of wide files, and the cache with it.
final class DecompressorPool: Sendable {
  /// Used by one thread at a time: it is not in the pool meanwhile.
  private struct Idle: @unchecked Sendable {
    var decompressors: [Decompressor] = []
  }

  private let idle = Mutex(Idle())

  func take(_ codec: Codec) throws(CompressionError) -> Decompressor {
    let found = idle.withLock { idle -> Idle in
      guard let index = idle.decompressors.lastIndex(where: { $0.codec == codec }) else {
        return Idle()
      }
      return Idle(decompressors: [idle.decompressors.remove(at: index)])
    }
    if let decompressor = found.decompressors.first { return decompressor }
    return try Decompressor(codec)
  }

  /// Gives one back that has not failed.
  func give(_ decompressor: Decompressor) {
    let given = Idle(decompressors: [decompressor])
    idle.withLock { $0.decompressors += given.decompressors }
  }
}
