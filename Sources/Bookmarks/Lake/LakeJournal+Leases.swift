internal import Base
internal import Foundation
internal import GRDB
internal import Storage

/// The sign of life of a lease's holder: an object that is written again and again, so that the
/// log does not grow by it.
enum Heartbeat {
  static let folder = "_tidemark/leases/"

  static func key(of lease: Lease) -> String {
    folder + escape(lease.stream) + "/" + String(lease.epoch)
  }

  /// As a name in a store: every other character as `%` and two digits.
  private static func escape(_ name: String) -> String {
    var result = ""
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += "%" + String(Int(byte) | 0x100, radix: 16).dropFirst()
      }
    }
    return result
  }
}

extension LakeJournal {
  func renew(_ lease: Lease) throws(BookmarksError) {
    try catchUp()
    try tables.read { db in try tables.check(lease, in: db) }
    try retrying { () throws(StorageError) in
      _ = try store.put(Heartbeat.key(of: lease), Array(clock.now.description.utf8), if: .always)
    }
    beats(lease)
    try settle()
  }

  /// By the store's own clock, which machines that do not agree on the time have in common.
  func silence(of lease: Lease, in db: GRDB.Database) throws -> Double {
    let sequence = try Int.fetchOne(
      db, sql: "SELECT lease_sequence FROM stream WHERE name = ?", arguments: [lease.stream])
    let probe = Heartbeat.folder + "now-" + String(randomness.next(), radix: 36)
    return try retrying { () throws(StorageError) -> Double in
      var sign = try store.info(Heartbeat.key(of: lease))
      if sign == nil, let sequence { sign = try store.info(LogEntry.key(sequence)) }
      guard let sign else { return .infinity }
      try store.put(probe, [], if: .always)
      let now = try store.info(probe)
      try store.delete([probe])
      return now.map { $0.modified.seconds(since: sign.modified) } ?? 0
    }
  }

  func describe(_ summary: inout LogSummary) throws(BookmarksError) {
    summary.entryCount = try tables.read { db in try CachePosition(db).sequence }
    summary.checkpoint = try Checkpoint.sequences(in: self).last ?? 0
    for index in summary.leases.indices {
      let held = summary.leases[index]
      let key = Heartbeat.key(of: Lease(stream: held.stream, epoch: held.epoch))
      let sign = try retrying { () throws(StorageError) in try store.info(key) }
      if let sign { summary.leases[index].lastSign = sign.modified }
    }
  }
}
