internal import Compression
internal import Kernels

extension ParquetError {
  /// A fault in encoded bytes. The place that it names is within its page, so it goes into the
  /// message.
  init(_ error: DecodeError) {
    let kind: Kind =
      switch error.kind {
      case .memory: .limitExceeded
      case .range: .schemaMismatch
      case .truncated, .emptyRun, .tooManyValues, .bitWidth, .dictionaryIndex, .level, .deltaHeader,
        .length, .text:
        .corrupt
      }
    self.init(
      kind,
      "\(error.message) (byte \(error.offset) of the page)", at: Place())
  }

  init(_ error: CompressionError) {
    let kind: Kind =
      switch error.kind {
      case .unsupported: .unsupported
      case .tooLarge: .limitExceeded
      case .failed, .truncated, .corrupt, .sizeMismatch: .corrupt
      }
    self.init(kind, "\(error.codec): \(error.message)", at: Place())
  }
}
