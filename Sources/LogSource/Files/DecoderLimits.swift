/// What decompressing may take where the file decides it: zstd's window, xz's dictionary.
struct DecoderLimits: Sendable {
  let bytesMax: Int
  /// How much memory a run needs for a reader to have so many bytes; nil where nobody knows.
  var memoryNeeded: (@Sendable (_ readerBytes: Int) -> Int)?

  /// Enough for `xz -9`, and for zstd's windows of up to 64 MiB.
  static let standardBytes = 72 << 20

  /// Where one file is looked at: all that zstd can ask for.
  static let preview = DecoderLimits(bytesMax: 1 << 31)

  private init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// A decoder takes at most twice what the reader has besides.
  init(readerBytes: Int, memoryNeeded: (@Sendable (_ readerBytes: Int) -> Int)? = nil) {
    let (twice, isTooMuch) = readerBytes.multipliedReportingOverflow(by: 2)
    bytesMax = isTooMuch ? .max : max(Self.standardBytes, twice)
    self.memoryNeeded = memoryNeeded
  }

  /// What to do where a decoder needs so many bytes.
  func remedy(needed: Int?) -> String {
    let total = needed.flatMap { needed in memoryNeeded.map { $0(needed / 2 + 1) } }
    let memory = total.map { "'--memory \($0 / 1_000_000 + 1)MB'" } ?? "a larger '--memory'"
    return
      "Run with \(memory), compress the file anew with a smaller window, or add it to 'exclude'. "
      + "Nothing more of it is loaded."
  }
}
