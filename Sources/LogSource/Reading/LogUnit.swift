internal import Connector
internal import Formats

/// Some lines in their order, to be parsed by one thread: of one file, or of several small ones.
///
/// Made by one thread and handed to another as a whole.
struct LogUnit: @unchecked Sendable {
  /// Lines of one file.
  struct Part {
    let task: FileTask
    let path: String
    /// The path under which the lines are known: of a member of an archive, with its name.
    let textPath: String
    /// What the parser is told before them.
    let text: TextFile
    var pieces: [LineSplitter<ConnectorError>.Piece] = []
    var end: End?

    /// Of text, and what a file costs besides: bounds how many share a unit.
    var byteCount: Int {
      pieces.reduce(1024) { count, piece in
        if case .block(let block) = piece { count + block.count } else { count }
      }
    }
  }

  /// What stands behind the last line of a file.
  enum End {
    /// What is known of the file now; nil where nothing was read of it.
    case known(Generation?)
    /// The parser's state is part of it: who has parsed the lines finishes the file.
    case unfinished(OpenFile)
  }

  var parts: [Part] = []
  /// Of text.
  var byteCount = 0
}

/// Cuts the files of a split into units, in order. One thread at a time uses it.
final class LogFeed {
  private let session: LogSession
  private let blockBytes: Int
  /// Of text, about: a unit has more where one record has.
  let unitBytes: Int
  private var tasks: ArraySlice<FileTask>
  private var current: (file: OpenFile, text: TextFile)?
  /// Whether lines of the file at hand are in units that went out.
  private var hasGivenLines = false
  /// Whether compressed files are read through before anything of them goes out.
  private let verifies: Bool

  init(
    _ session: LogSession, _ tasks: [FileTask], verifies: Bool, blockBytes: Int, unitBytes: Int
  ) {
    self.verifies = verifies
    self.session = session
    self.tasks = tasks[...]
    self.blockBytes = blockBytes
    self.unitBytes = unitBytes
  }

  /// The next lines; nil at the end.
  /// - Throws: with `readsSplitAnew` where a file is damaged of which lines went out already.
  func next() throws(ConnectorError) -> LogUnit? {
    var unit = LogUnit()
    while unit.byteCount < unitBytes, let (file, text) = try opened() {
      var part = LogUnit.Part(
        task: file.task, path: file.path, textPath: file.textPath, text: text)
      unit.byteCount += part.byteCount
      let hasNextText: Bool
      do throws(ConnectorError) {
        hasNextText = try fill(&part, of: &unit, file)
      } catch {
        try leaveOut(file, error)
        unit.parts.removeAll { $0.task.key == file.task.key }
        unit.byteCount = unit.parts.reduce(0) { $0 + $1.byteCount }
        continue
      }
      unit.parts.append(part)
      if hasNextText { continue }
      guard let end = part.end else { break }
      current = nil
      if case .unfinished = end { break }
    }
    hasGivenLines = current != nil
    return unit.parts.isEmpty ? nil : unit
  }

  /// Cuts the lines of a text, as many as the unit takes.
  /// - Returns: whether another text of the file comes next.
  private func fill(_ part: inout LogUnit.Part, of unit: inout LogUnit, _ file: OpenFile)
    throws(ConnectorError) -> Bool
  {
    while unit.byteCount < unitBytes {
      if let piece = try file.next() {
        if case .block(let block) = piece { unit.byteCount += block.count }
        part.pieces.append(piece)
      } else if try file.nextText() {
        current = (file, try file.text())
        return true
      } else {
        part.end =
          session.settings.keepsFileState ? .unfinished(file) : .known(try file.finish(nil))
        return false
      }
    }
    return false
  }

  /// Goes on without a damaged file.
  private func leaveOut(_ file: OpenFile, _ problem: ConnectorError) throws(ConnectorError) {
    guard problem.kind == .malformed || problem.kind == .misconfigured else { throw problem }
    try session.leaveOut(
      file.task, problem,
      damage: file.isDamaged ? problem.message + (problem.cause.map { ": \($0)" } ?? "") : nil)
    var problem = problem
    problem.readsSplitAnew = hasGivenLines
    current = nil
    hasGivenLines = false
    if problem.readsSplitAnew { throw problem }
  }

  /// Which part of the file at hand is read, 0…1.
  var share: Double { current?.file.share ?? 1 }

  private func opened() throws(ConnectorError) -> (file: OpenFile, text: TextFile)? {
    if let current { return current }
    while let task = tasks.popFirst() {
      var file: OpenFile?
      do throws(ConnectorError) {
        let opened = try OpenFile(task, session, blockBytes: blockBytes)
        file = opened
        if verifies { try opened.verify() }
        current = (opened, try opened.text())
        return current
      } catch {
        if let file {
          try leaveOut(file, error)
        } else if error.kind == .malformed || error.kind == .misconfigured {
          try session.leaveOut(task, error, damage: nil)
        } else {
          guard error.kind == .denied, session.place.isRemote else { throw error }
          try session.setAside(error)
        }
      }
    }
    return nil
  }
}
