internal import Base
internal import Dispatch
internal import GRDB
internal import Storage
internal import Synchronization

extension LakeJournal {
  func refresh(isUrgent: Bool) throws(BookmarksError) {
    let last = refreshedAt
    if !isUrgent, let last, clock.now.seconds(since: last) <= settings.freshSeconds,
      settings.freshSeconds > 0
    {
      return
    }
    try catchUp()
  }

  /// Folds in the entries that are new, several read at once where many are.
  func catchUp() throws(BookmarksError) {
    var width = 1
    var hasJumped = false
    while true {
      let position = try tables.read { db in try CachePosition(db) }
      if width >= 16 || position.sequence == 0, !hasJumped {
        hasJumped = true
        if try Checkpoint.restoreLatest(into: self, after: position.sequence + width) { continue }
      }
      let found = try fetch(after: position.sequence, count: width)
      if !found.isEmpty {
        try tables.write { db in
          var sequence = try CachePosition(db).sequence
          // Another process may have folded some of them into the same cache meanwhile.
          for entry in found where entry.sequence == sequence + 1 {
            // Another machine has named the log since this one looked.
            if !isMarked { try adopt(entry.log, in: db) }
            try check(entry)
            try fold(entry, in: db)
            sequence += 1
          }
        }
      }
      if found.count < width { break }
      width = min(16, width * 2)
    }
    refreshedAt = clock.now
  }

  private func check(_ entry: LogEntry) throws(BookmarksError) {
    guard entry.log == id else {
      throw BookmarksError(
        .foreign, "an entry of another log (\(entry.log)) lies in the log \(id)",
        remedy: "Two lakes were mixed: bring back this lake's own folder _tidemark.",
        place: LogEntry.key(entry.sequence))
    }
  }

  private func fold(_ entry: LogEntry, in db: GRDB.Database) throws {
    do {
      try tables.apply(entry, in: db)
    } catch let error as BookmarksError {
      throw BookmarksError(
        .corrupt, "an entry of the lake's log does not follow from those before it",
        remedy: "Entries were changed or removed: restore the folder _tidemark of the lake.",
        place: entry.key, cause: error.description)
    }
  }

  /// The entries after a number, as far as they follow without a gap.
  private func fetch(after sequence: Int, count: Int) throws(BookmarksError) -> [LogEntry] {
    var entries: [LogEntry] = []
    if count == 1 || !settings.readsAtOnce {
      while entries.count < count, let entry = try read(sequence + 1 + entries.count) {
        entries.append(entry)
      }
      return entries
    }
    let results = Mutex<[Int: Result<LogEntry?, BookmarksError>]>([:])
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let result = Result { () throws(BookmarksError) in try read(sequence + 1 + index) }
      results.withLock { $0[index] = result }
    }
    let found = results.withLock { $0 }
    for index in 0..<count {
      guard let entry = try found[index]?.get() else { break }
      entries.append(entry)
    }
    return entries
  }

  /// nil where there is no such entry.
  func read(_ sequence: Int) throws(BookmarksError) -> LogEntry? {
    let bytes = try retrying { () throws(StorageError) in
      try store.readIfPresent(LogEntry.key(sequence))
    }
    return try bytes.map { bytes throws(BookmarksError) in
      try LogEntry(bytes, sequence: sequence)
    }
  }

  func retrying<T>(_ body: () throws(StorageError) -> T) throws(BookmarksError) -> T {
    var attempt = 0
    while true {
      do {
        return try body()
      } catch {
        if !error.isRetryable || attempt >= settings.retries { throw BookmarksError(error) }
      }
      attempt += 1
      pause(attempt)
    }
  }

  func pause(_ attempt: Int) {
    clock.sleep(seconds: 0.05 * Double(1 << attempt) * (0.5 + randomness.unit()))
  }

}
