internal import Base
internal import Connector
internal import Kernels

/// A file that the run reads, from where to where.
struct FileTask: Sendable {
  /// The generation's key in the ledger.
  var key: String
  var file: ListedFile
  /// Whether nobody writes it any more, so that a last line without newline is whole.
  var isClosed: Bool
  /// What the file held before, where its rows are to go.
  var replaced: ReplacedContent?
  /// Apart, because there are many tasks, and most of them on new files.
  private let former: Former?

  private final class Former: Sendable {
    let generation: Generation
    init(_ generation: Generation) { self.generation = generation }
  }

  init(
    key: String, file: ListedFile, known: Generation?, isClosed: Bool,
    replaced: ReplacedContent? = nil
  ) {
    self.key = key
    self.file = file
    self.isClosed = isClosed
    self.replaced = replaced
    former = known.map { Former($0) }
  }

  /// What was known of it; nil where it is new.
  var known: Generation? { former?.generation }

  var offset: Int { known?.offset ?? 0 }

  /// Whether the ledger must learn of the file even where it has no new line.
  var isSignificant: Bool {
    known.map { $0.path != file.path || $0.identity != file.identity } ?? false
  }

  /// About how many bytes of text are to be read, at most 16 TiB.
  var estimatedBytes: Int {
    let size = min(file.status.size, 1 << 41)
    return FileKinship.isCompressed(file.path) ? size * 8 : max(0, size - offset)
  }
}

/// What a listing and the ledger together say is to be done.
struct FileTasks: Sendable {
  /// In the order of the files' times.
  var tasks: [FileTask] = []
  /// Generations that lost their file, or that no file has had for long.
  var changes: [LedgerEdit] = []
  /// What a person should know.
  var warnings: [String] = []
  /// Why files cannot be read; they fail the run when all others are committed.
  var unreadable: [ConnectorError] = []
  /// What happened to files, in words.
  var events: [String] = []
  /// Files overwritten with other content, while the old one was found nowhere else.
  var overwritten: [OverwrittenFile] = []
  /// Known files that are damaged, and as they were when that was found.
  var damaged: [(path: String, damage: String)] = []
  /// Files that may be copies in the making: looking again tells.
  var doubtful: [ListedFile] = []
  /// The next free generation number.
  var nextGeneration: Int
}

/// A change of the ledger that needs no reading.
struct LedgerEdit: Sendable {
  var key: String
  /// nil: forgotten.
  var generation: Generation?
  var isSignificant: Bool
}
