internal import Synchronization

/// Counts the bytes that a reader holds and refuses what goes past the limit.
final class MemoryBudget: Sendable {
  let byteCountMax: Int
  private let used = Mutex(0)

  init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  var byteCountLeft: Int { byteCountMax - used.withLock { $0 } }

  /// - Throws: `.limitExceeded` where the bytes do not fit; nothing is counted then.
  func take(_ byteCount: Int, for purpose: StaticString) throws(ParquetError) {
    let before = used.withLock { used in
      let before = used
      if byteCount <= byteCountMax - used { used += byteCount }
      return before
    }
    guard byteCount <= byteCountMax - before else {
      throw ParquetError(
        .limitExceeded,
        "\(byteCount) bytes for \(purpose), with \(before) of \(byteCountMax) in use")
    }
  }

  func give(_ byteCount: Int) { used.withLock { $0 -= byteCount } }
}
