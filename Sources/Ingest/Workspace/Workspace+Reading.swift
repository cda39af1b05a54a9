public import Base
public import Bookmarks
internal import Connector
internal import Storage

/// What people ask of a lake's commit log; each throws errors that say what to do.
extension Workspace {
  /// Publishes what earlier runs decided and did not publish.
  public func rollForward() throws(IngestError) -> [Commit] {
    do { return try Publisher(workspace: self).rollForward() } catch {
      throw IngestError(wrapping: error)
    }
  }

  public func streams() throws(IngestError) -> [StreamState] {
    do { return try log.streams() } catch { throw IngestError(error) }
  }

  public func stream(named name: String) throws(IngestError) -> StreamState {
    do {
      if let state = try log.stream(name) { return state }
      let known = try log.streams().map(\.name)
      throw IngestError(
        .configuration, "the stream '\(name)' has no bookmark: it has not run yet",
        remedy: nearestName(to: name, among: known).map { "Did you mean '\($0)'?" }
          ?? "'tidemark bookmark list' shows those that have.")
    } catch {
      throw IngestError(wrapping: error)
    }
  }

  public func history(of stream: String, limit: Int) throws(IngestError) -> [Commit] {
    do { return try log.history(of: stream, limit: limit) } catch { throw IngestError(error) }
  }

  public func runs(limit: Int) throws(IngestError) -> [(
    record: RunRecord, outcomes: [StreamOutcome]
  )] {
    do {
      var result: [(record: RunRecord, outcomes: [StreamOutcome])] = []
      for record in try log.runs(limit: limit) {
        result.append((record, try log.run(record.id).1))
      }
      return result
    } catch {
      throw IngestError(error)
    }
  }

  public func run(_ id: String) throws(IngestError) -> (RunRecord, [StreamOutcome]) {
    do { return try log.run(id) } catch { throw IngestError(error) }
  }

  /// Finds out whether the lake can be used, by doing in it what runs do: writing, listing,
  /// staging and removing a file.
  public func checkWritable() throws(IngestError) {
    let key = "_tidemark/check-\(Self.makeID(randomness))"
    do throws(StorageError) {
      try store.put(
        key, Array("Tidemark was here to see whether it may write.\n".utf8), if: .always)
      guard try store.objects(key).count == 1 else {
        throw StorageError(
          .failed, "the store does not list what was just written to it",
          remedy: "Use a store whose listings are consistent.", place: key)
      }
      let writer = try store.stage(key, owner: "check")
      defer { writer.abandon() }
      guard try !store.listStaged(key).isEmpty else {
        throw StorageError(
          .failed, "the store does not list what is staged in it",
          remedy: "Allow s3:ListBucketMultipartUploads.", place: key)
      }
      try store.delete([key])
    } catch {
      throw IngestError(error)
    }
  }
}

extension StreamState {
  public var json: JSONValue {
    [
      "stream": .string(name), "version": .init(version),
      "published_version": .init(publishedVersion), "mark": .init(bookmark?.mark),
      "kind": .init(bookmark?.kind.rawValue), "state": bookmark?.state ?? .null,
      "held": .init(holdReason), "updated_at": .string(updatedAt.description),
    ]
  }
}

extension Commit {
  /// The commit for a listing: what it did, without the lists of what it did it with.
  public var summary: JSONValue {
    [
      "stream": .string(stream), "version": .init(version), "id": .string(id),
      "kind": .string(kind.rawValue), "run": .init(run),
      "decided_at": .string(decidedAt.description), "rows": .init(rowCount),
      "bytes": .init(byteCount), "files_added": .init(added.count),
      "files_removed": .init(removed.count), "files_restored": .init(restored.count),
      "from": .init(bookmarkBefore?.mark), "to": .init(bookmarkAfter?.mark),
      "predicate": .init(window?.predicate), "note": .init(note),
    ]
  }
}

extension BookmarkControl.Change {
  public var json: JSONValue {
    [
      "stream": .string(stream), "kind": .string(kind.rawValue), "version": .init(version),
      "from": .init(from), "to": .init(to), "rows_removed": .init(rowsRemoved),
      "files_removed": .init(filesRemoved), "rows_restored": .init(rowsRestored),
      "files_restored": .init(filesRestored), "dry_run": .boolean(isDryRun), "undo": .init(undo),
    ]
  }
}
