import Base
import Foundation
import GRDB
import Storage

@testable import Bookmarks

/// What a commit log may be kept in: each test of the contract runs over all of them.
enum LogKind: CaseIterable, Sendable {
  case sqlite
  case lakeInMemory
  case lakeInFolder

  /// A folder has times of its own.
  static let withManualTime: [LogKind] = [.sqlite, .lakeInMemory]
}

/// Where the logs of a test are kept; several may be opened on it, as several machines would.
final class LogPlace: @unchecked Sendable {
  let kind: LogKind
  let clock: WallClock
  let store: any ObjectStore
  private let database: DatabaseQueue
  private let folder: URL?

  init(_ kind: LogKind, _ clock: WallClock) throws {
    self.kind = kind
    self.clock = clock
    database = try DatabaseQueue()
    if kind == .lakeInFolder {
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("tidemark-log-\(UUID().uuidString)")
      store = try LocalStore(root: folder.path)
      self.folder = folder
    } else {
      store = MemoryStore(clock: clock)
      folder = nil
    }
  }

  deinit { if let folder { try? FileManager.default.removeItem(at: folder) } }

  func open(
    _ owner: LeaseOwner = .test("a"), newID: String = "log-1",
    apply: @escaping CatalogApplier = { _, _ in }
  ) throws -> FoldedCommitLog {
    if kind == .sqlite {
      return try FoldedCommitLog(
        database: database, location: "test", clock: clock, owner: owner, newID: newID,
        applyCatalogChange: apply)
    }
    return try FoldedCommitLog(
      inLake: store, cachePath: nil, clock: clock, randomness: .system, owner: owner,
      newID: newID, settings: .prompt, prepare: { _ in }, applyCatalogChange: apply)
  }
}

extension LakeJournal.Settings {
  /// Reads always look for what is new.
  static let prompt = LakeJournal.Settings(freshSeconds: 0)
}
