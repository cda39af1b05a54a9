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

  /// What a file costs besides its lines, in bytes of them: bounds how many share a unit.
  private static let fileBytes = 1024

  init(_ session: LogSession, _ tasks: [FileTask], blockBytes: Int, unitBytes: Int) {
    self.session = session
    self.tasks = tasks[...]
    self.blockBytes = blockBytes
    self.unitBytes = unitBytes
  }

  /// The next lines; nil at the end.
  func next() throws(ConnectorError) -> LogUnit? {
    var unit = LogUnit()
    while unit.byteCount < unitBytes, let (file, text) = try opened() {
      var part = LogUnit.Part(
        task: file.task, path: file.path, textPath: file.textPath, text: text)
      unit.byteCount += Self.fileBytes
      var hasNextText = false
      while unit.byteCount < unitBytes, part.end == nil, !hasNextText {
        if let piece = try file.next() {
          if case .block(let block) = piece { unit.byteCount += block.count }
          part.pieces.append(piece)
        } else if try file.nextText() {
          current = (file, try file.text())
          hasNextText = true
        } else if session.settings.format.parsesBlocksApart {
          part.end = .known(try file.finish(nil))
        } else {
          part.end = .unfinished(file)
        }
      }
      unit.parts.append(part)
      if hasNextText { continue }
      guard let end = part.end else { break }
      current = nil
      if case .unfinished = end { break }
    }
    return unit.parts.isEmpty ? nil : unit
  }

  /// Which part of the file at hand is read, 0…1.
  var share: Double { current?.file.share ?? 1 }

  private func opened() throws(ConnectorError) -> (file: OpenFile, text: TextFile)? {
    if let current { return current }
    while let task = tasks.popFirst() {
      do throws(ConnectorError) {
        let file = try OpenFile(task, session, blockBytes: blockBytes)
        current = (file, try file.text())
        return current
      } catch {
        guard error.kind == .denied, session.place.isRemote else { throw error }
        try session.setAside(error)
      }
    }
    return nil
  }
}
