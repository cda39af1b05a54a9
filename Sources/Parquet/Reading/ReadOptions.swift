public import Records

/// How a file is read, and how much it may cost.
public struct ReadOptions: Sendable {
  /// Rows of a batch at most.
  public var batchRowCountMax = 16_384
  /// Bytes that a batch should take at most, by the sizes that the file gives; a batch has one
  /// row at least.
  public var batchByteCountMax = 32 << 20
  /// Bytes that the reader may hold at a time: pages, dictionaries and the batch at work. What
  /// needs more is refused.
  public var memoryByteCountMax = 1 << 30
  /// Bytes asked of the source at a time, where pages are no larger.
  public var windowByteCount = 4 << 20
  /// Whether page checksums are compared where there are any.
  public var checksChecksums = true
  /// Whether texts that are not UTF-8 are refused.
  public var validatesText = true
  /// The unit of INT96 timestamps. Nanoseconds hold the years 1678 to 2262; a moment outside is
  /// refused, and can be read in microseconds.
  public var int96Unit = TimeUnit.nanoseconds

  /// The keys of encrypted files; without, their plain columns can be read.
  public var decryption: DecryptionKeys?

  /// How many threads decode the columns of a batch.
  public var threads = 1

  public init() {}
}
