internal import Base
internal import Connector

/// What happens to a file that holds other content than was read of it.
enum OverwritePolicy: String, Sendable, CaseIterable {
  /// The new content is loaded too.
  case append
  /// The new content is loaded, and the old one's rows go, in one commit.
  case reprocess
  /// Nothing is loaded.
  case error
}

/// A file whose content was replaced.
struct OverwrittenFile: Sendable {
  var path: String
  /// Of the old content.
  var key: String
  var generation: Generation
  /// Whether rotation is at work here: then the old content did not go, but was rotated away.
  var isRotated: Bool
  /// Whether there is no line of the new content yet.
  var isEmpty: Bool
}

/// The old content of a file that is read anew: its place in the ledger, and its rows.
struct ReplacedContent: Sendable {
  var key: String
  var rows: [RetractedRows]
}

extension FileTasks {
  /// Puts the new content of overwritten files in the place of the old one's rows.
  mutating func reprocessOverwritten(_ ledger: any Ledger) throws(ConnectorError) {
    for file in overwritten {
      if file.isRotated {
        warnings.append(
          "\(file.path) is a log that is rotated: its earlier rows stay, although the file holds "
            + "other content now ('on_overwrite: reprocess' is for files that are written anew)")
        continue
      }
      let place = tasks.firstIndex { $0.file.path == file.path && $0.known == nil }
      // As long as there is nothing to put in their place, the rows stay.
      changes.removeAll { $0.key == file.key }
      guard let place, !file.isEmpty || tasks[place].isClosed else {
        tasks.removeAll { $0.file.path == file.path && $0.known == nil }
        warnings.append(
          "\(file.path) is being written anew, and has no line yet; its earlier rows stay until it has"
        )
        continue
      }
      tasks[place].replaced = ReplacedContent(
        key: file.key, rows: try Self.rows(of: file.key, ledger))
    }
  }

  /// Where the rows of a generation came from: each time that it grew, in which version, and under
  /// which name. In one version no other file has that name.
  private static func rows(of key: String, _ ledger: any Ledger) throws(ConnectorError)
    -> [RetractedRows]
  {
    var rows: [RetractedRows] = []
    var offset = 0
    for (version, value) in try ledger.history(of: key) {
      let generation = value.flatMap(Generation.init(json:))
      let now = generation?.offset ?? 0
      if let generation, generation.status == .open, now > offset {
        rows.append(
          RetractedRows(version: version, column: LogSettings.fileColumn, text: generation.path))
      }
      offset = now
    }
    return rows
  }
}
