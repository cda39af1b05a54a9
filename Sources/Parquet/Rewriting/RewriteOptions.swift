internal import Records

/// How a file is rewritten, and how much memory that may take.
public struct RewriteOptions: Sendable {
  /// How the new file is laid out. Its `keyValues` are added to those of the old file.
  public var write: WriteOptions
  /// Sorts the whole file by these columns, the first of most weight; rows of equal keys keep
  /// their order. Unsorted where there are none.
  public var sorting: [SortKey] = []
  /// Bytes that reading, sorting and writing may hold together; about, not to the byte. What can
  /// not be done within them is refused.
  public var memoryByteCountMax = 512 << 20

  public init(_ write: WriteOptions = WriteOptions()) { self.write = write }
}

extension RewriteOptions {
  /// The least memory that a rewrite is tried with.
  public static let memoryByteCountMin = 16 << 20

  var memoryByteCount: Int { max(Self.memoryByteCountMin, memoryByteCountMax) }

  /// How the old file is to be opened: within its share of the memory.
  public var readOptions: ReadOptions {
    var options = ReadOptions()
    options.memoryByteCountMax = memoryByteCount / 2
    options.batchByteCountMax = min(options.batchByteCountMax, memoryByteCount / 16)
    options.windowByteCount = min(options.windowByteCount, memoryByteCount / 64)
    options.threads = write.threads
    // Files for the lake have microseconds anyway, and those reach further.
    if write.profile == .lake { options.int96Unit = .microseconds }
    return options
  }

  /// With row groups that end within their share of the memory.
  var boundedWrite: WriteOptions {
    var options = write
    options.rowGroupBytesMax = min(options.rowGroupBytesMax, memoryByteCount / 4)
    return options
  }
}

/// How far a rewrite has come.
public struct RewriteProgress: Hashable, Sendable {
  /// Rows of the old file that have been read.
  public var rowsRead: Int
  /// Rows of the new file that have been written.
  public var rowsWritten: Int
  /// Rows that there are.
  public var rowCount: Int

  /// Of the work, 0…1.
  public var share: Double { Double(rowsRead + rowsWritten) / Double(max(1, 2 * rowCount)) }
}
