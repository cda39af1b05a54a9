public import Compression

/// How a file is laid out. Numbers out of range count as the nearest that makes sense.
public struct WriteOptions: Sendable {
  /// Which readers the file is for: decides types, page version and encodings.
  public var profile = WriteProfile.lake
  /// The profile's where nil: version 1 for `lake`, 2 for `max`.
  public var pageVersion: PageVersion?
  public var codec = Codec.zstd
  /// The codec's standard where nil: 3 for zstd.
  public var level: Int?

  public var rowGroupRowsMax = 1_048_576
  /// A row group ends when this much memory is held for it: compressed pages, open pages,
  /// dictionaries.
  public var rowGroupBytesMax = 256 << 20
  /// Of a page before compression. A single longer value still makes one page.
  public var pageBytesMax = 1 << 20
  public var pageRowsMax = 20_000

  /// Encodings asked for, by the dotted path of a leaf as the file has it (`tags.list.element`), or
  /// of a field that the leaf lies below. They hold against the profile; `notes(for:)` says which
  /// its readers can not read. The data choose for the other columns.
  public var encodings: [String: Encoding] = [:]
  /// Notes in the footer why a column has its encoding; see `EncodingReport`.
  public var explainsEncodings = true

  /// The columns to write bloom filters for, by paths as above. Booleans have none.
  public var bloomFilters: [String] = []
  /// How often a filter says that a value may be there that is not.
  public var bloomFalsePositiveRate = 0.01
  /// Of one filter, a column chunk each; more distinct values than it holds raise the rate.
  public var bloomBytesMax = 1 << 20

  /// What values mean beyond what `DataType` says, by dotted path; see
  /// `ParquetSchema.foreignAnnotations`. Stated by `max`, dropped by `lake`.
  public var annotations: [String: ColumnAnnotation] = [:]
  /// Field IDs, one an element of the file's schema, depth first with the root; none where empty.
  var fieldIDs: [Int32?] = []

  /// Whether to try dictionaries. A column gives its own up where it does not pay.
  public var usesDictionaries = true
  /// Of a dictionary page; beyond it, the rest of the chunk is stored PLAIN.
  public var dictionaryBytesMax = 1 << 20

  /// A CRC-32 on each page.
  public var writesChecksums = true
  /// Column and offset index.
  public var writesPageIndex = true
  /// Minima and maxima longer than this are cut to bounds. At least 8.
  public var boundBytesMax = 64

  /// Kept in the file's footer.
  public var keyValues: [KeyValue] = []
  public var createdBy = "tidemark"
  /// How the caller has sorted the rows of each row group; only stated, not checked.
  public var sortingColumns: [SortingColumn] = []

  /// How many threads encode the columns of a batch; more than one help with wide batches of many
  /// rows.
  public var threads = 1

  public init(codec: Codec = .zstd, level: Int? = nil, profile: WriteProfile = .lake) {
    self.codec = codec
    self.level = level
    self.profile = profile
  }
}

extension WriteOptions {
  /// The same with every number in the range that the writer can work in.
  var clamped: WriteOptions {
    var options = self
    options.rowGroupRowsMax = min(max(1, rowGroupRowsMax), 1 << 30)
    options.rowGroupBytesMax = max(1 << 16, rowGroupBytesMax)
    options.pageBytesMax = min(max(1 << 10, pageBytesMax), 1 << 28)
    options.pageRowsMax = min(max(1, pageRowsMax), 1 << 24)
    options.dictionaryBytesMax = max(0, dictionaryBytesMax)
    options.boundBytesMax = max(8, boundBytesMax)
    options.threads = min(max(1, threads), 256)
    options.bloomFalsePositiveRate =
      bloomFalsePositiveRate.isNaN ? 0.01 : min(max(1e-6, bloomFalsePositiveRate), 0.5)
    options.bloomBytesMax = min(max(32, bloomBytesMax), 1 << 27)
    return options
  }

  /// The version of the data pages.
  public var writtenPageVersion: PageVersion { pageVersion ?? (profile == .max ? .v2 : .v1) }

  /// Those that the profile lets through.
  var storedAnnotations: [String: ColumnAnnotation] { profile == .max ? annotations : [:] }
}
