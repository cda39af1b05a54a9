internal import Base
internal import Compression
internal import Foundation
internal import GRDB
internal import Kernels
internal import Storage

/// A folded cache in the lake, so that a machine without one need not read the log from its
/// beginning. It says nothing that the entries do not say; one that cannot be used is passed over.
///
///     _tidemark/checkpoints/00000000000000000128.zst
///     {"format":2,"log":"…","sequence":128,"bytes":…,"crc32":…}\n
///     then for each MiB of the SQLite file: its size, its compressed size (32 bits, little
///     endian), and the zstd block
enum Checkpoint {
  static let folder = "_tidemark/checkpoints/"
  /// So many are kept: the one before the last may be read by somebody just now.
  static let keptCount = 2
  private static let blockBytes = 1 << 20

  static func key(_ sequence: Int) -> String { folder + padded(sequence, 20) + ".zst" }

  /// The entries that checkpoints cover, in ascending order.
  static func sequences(in journal: LakeJournal) throws(BookmarksError) -> [Int] {
    try journal.retrying { () throws(StorageError) in
      try journal.store.objects(folder).compactMap { info in
        Int(info.key.dropFirst(folder.count).prefix { $0 != "." })
      }
    }
  }

  // MARK: - Making

  /// Makes a checkpoint of a journal's cache as it is now, and removes older ones.
  static func make(of journal: LakeJournal) throws {
    let copy = temporaryPath(journal)
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try journal.tables.database.writeWithoutTransaction { db in
      try db.execute(sql: "VACUUM INTO ?", arguments: [copy])
    }
    let sequence = try DatabaseQueue(path: copy).read { db in try CachePosition(db).sequence }
    let bytes = try encode(copy, log: journal.id, sequence: sequence)
    do {
      try journal.store.put(key(sequence), bytes, if: .absent)
    } catch {
      // Another machine made the same one, or an answer was lost.
      guard error.kind == .conflict else { throw error }
    }
    let old = try sequences(in: journal).dropLast(keptCount)
    if !old.isEmpty { try journal.store.delete(old.map(key)) }
  }

  private static func encode(_ path: String, log: String, sequence: Int) throws -> [UInt8] {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let compressor = try Compressor(.zstd)
    var body: [UInt8] = []
    var crc: UInt32 = 0
    var count = 0
    while let data = try file.read(upToCount: blockBytes), !data.isEmpty {
      let raw = [UInt8](data)
      crc = Checksum.crc32(raw, after: crc)
      count += raw.count
      let block = try compressor.compress(raw)
      body += littleEndian(raw.count) + littleEndian(block.count) + block
    }
    let header: JSONValue = [
      "format": .init(LogTables.format), "log": .string(log), "sequence": .init(sequence),
      "bytes": .init(count), "crc32": .integer(Int64(crc)),
    ]
    return Array(header.text().utf8) + [UInt8(ascii: "\n")] + body
  }

  // MARK: - Restoring

  /// Replaces the cache by the latest usable checkpoint, where one covers more than `sequence`.
  /// - Returns: whether there was one.
  static func restoreLatest(into journal: LakeJournal, after sequence: Int) throws(BookmarksError)
    -> Bool
  {
    for candidate in try sequences(in: journal).reversed() where candidate > sequence {
      // A newer one may have come and this one be gone: there are the entries.
      let bytes = try journal.retrying { () throws(StorageError) in
        try journal.store.readIfPresent(key(candidate))
      }
      if let bytes, restore(bytes, candidate, into: journal) { return true }
    }
    return false
  }

  /// - Returns: false where it cannot be used; the cache is then what it was.
  private static func restore(_ bytes: [UInt8], _ sequence: Int, into journal: LakeJournal) -> Bool
  {
    let path = temporaryPath(journal)
    defer { try? FileManager.default.removeItem(atPath: path) }
    do {
      try decode(bytes, log: journal.id, sequence: sequence, to: path)
      let source = try DatabaseQueue(path: path)
      let isSound = try source.write { db in
        let check = try String.fetchOne(db, sql: "PRAGMA quick_check")
        try LogTables.setMeta("store", journal.store.location, db)
        return try check == "ok" && CachePosition(db).sequence == sequence
      }
      guard isSound else { return false }
      try source.backup(to: journal.tables.database)
      return true
    } catch {
      return false
    }
  }

  private static func decode(_ bytes: [UInt8], log: String, sequence: Int, to path: String) throws {
    guard let newline = bytes.prefix(4096).firstIndex(of: UInt8(ascii: "\n")) else {
      throw unusable("it has no header")
    }
    let header = try JSONValue(parsing: Array(bytes[..<newline]))
    guard header["format"]?.integer == Int64(LogTables.format), header["log"]?.string == log,
      header["sequence"]?.integer == Int64(sequence)
    else { throw unusable("its header names another log or format") }
    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let decompressor = try Decompressor(.zstd)
    var offset = newline + 1
    var crc: UInt32 = 0
    while offset < bytes.count {
      guard offset + 8 <= bytes.count else { throw unusable("it ends within a block") }
      let rawCount = number(bytes, offset)
      let count = number(bytes, offset + 4)
      offset += 8
      guard rawCount <= blockBytes, count <= bytes.count - offset else {
        throw unusable("it ends within a block")
      }
      let raw = try decompressor.decompress(
        Array(bytes[offset..<offset + count]), count: rawCount)
      crc = Checksum.crc32(raw, after: crc)
      try file.write(contentsOf: Data(raw))
      offset += count
    }
    guard header["crc32"]?.integer == Int64(crc) else { throw unusable("its checksum differs") }
  }

  private static func unusable(_ cause: String) -> BookmarksError {
    BookmarksError(
      .corrupt, "a checkpoint cannot be used", remedy: "The entries are read instead.",
      cause: cause)
  }

  private static func littleEndian(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  private static func number(_ bytes: [UInt8], _ offset: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
  }

  private static func temporaryPath(_ journal: LakeJournal) -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("tidemark-checkpoint-\(String(journal.randomness.next(), radix: 36))")
      .path
  }
}
