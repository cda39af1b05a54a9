internal import Bookmarks
internal import Connector

/// Looks, before rows are taken out of a table, whether the source can give them again.
struct ReplayCheck {
  private let workspace: Workspace
  private let context: SourceContext

  init(_ workspace: Workspace, _ context: SourceContext) {
    self.workspace = workspace
    self.context = context
  }

  /// - Throws: `.refused` where it cannot, or cannot be asked.
  func check(_ stream: String, backTo version: Int, _ options: BookmarkControl.Options) throws {
    if options.isForced || options.keepsData { return }
    let ledger = workspace.log.ledger(of: stream)
    // What is not read now is not taken back: it comes back.
    let keys = try workspace.log.ledgerChanges(of: stream, backTo: version).map(\.key)
      .filter { try ledger.value(of: $0) != nil }
    let commit = version > 0 ? try workspace.log.commit(version, of: stream) : nil
    let resolved: ResolvedStream
    do {
      resolved = try StreamSelection(workspace.configuration, context).stream(named: stream)
    } catch {
      // No longer configured: no run will read it.
      if error.kind == .configuration || keys.isEmpty { return }
      throw unasked(error, stream)
    }
    var lost: [String]
    do {
      lost = try resolved.source.lost(
        resolved.configuration, since: commit?.bookmarkAfter, at: commit?.decidedAt)
      // What keeps no ledger is asked by its cursor, which goes back as well.
      if !keys.isEmpty {
        let session = try resolved.source.open(resolved.configuration)
        defer { session.close() }
        lost += try session.lost(keys, of: ledger)
      }
    } catch {
      throw unasked(error, stream)
    }
    guard !lost.isEmpty else { return }
    let some = lost.prefix(5).joined(separator: ", ") + (lost.count > 5 ? ", …" : "")
    throw IngestError(
      .refused,
      "the source no longer has \(lost.count) of what would be taken back: \(some)",
      remedy:
        "Those rows would not come again. Go back further than they were read or not so far, leave the rows with --keep-data, or take them back all the same with --force; undoing brings them back.",
      place: stream)
  }

  private func unasked(_ error: any Error, _ stream: String) -> IngestError {
    IngestError(
      .refused, "the source cannot be asked whether it still has the data: \(error)",
      remedy: "Mend that and try again, or go back all the same with --force.", place: stream)
  }
}
