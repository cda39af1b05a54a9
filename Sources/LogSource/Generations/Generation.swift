internal import Base
internal import Kernels

/// A file's content from its first byte on, as far as it has been read: one entry of the ledger.
///
/// It stays the same through renaming and compressing; a file that is written anew from the start
/// is the next one.
struct Generation: Hashable, Sendable {
  enum Status: String, Hashable, Sendable {
    /// More may come.
    case open
    /// Its path holds other content and it was found nowhere else; it may turn up compressed.
    case gone
  }

  /// The path that it was last found under, below the root.
  var path: String
  var identity: FileIdentity
  /// Or in UTF-16: whether `offset` says nothing about `size`.
  var isCompressed: Bool
  /// Whether text without a newline was left behind `offset`, which may be whole by now.
  var hasTail = false
  /// As of when it was last read: while they are the same, there is nothing to look at.
  var size: Int
  var modified: Int64
  var changed: Int64
  /// When the file was made; 0 where the file system does not say.
  var born: Int64
  /// Of the first bytes, up to 1 KiB of what was read.
  var fingerprint: ContentHash
  /// Of up to 1 KiB before `offset`.
  var anchor: ContentHash
  /// Bytes of decompressed text read, up to the end of a line.
  var offset: Int
  /// Lines read.
  var lines: Int
  var status: Status
  /// Since when no file has had the path, as far as was recorded.
  var missingSince: Instant?
  /// What the format needs to go on behind `offset`.
  var parserState: JSONValue?
  /// Of an object, the id of the version read last, where its bucket keeps versions.
  var versionID: String?
  /// What is wrong with the file, as it was found in the size and at the time above: it is not read
  /// until it changes. Nothing of it may have been read at all.
  var damage: String?

  /// Whether the file is as it was when last read.
  func isUnchanged(_ file: ScanFile.Status) -> Bool {
    guard file.size == size, file.device == identity.device, file.inode == identity.inode else {
      return false
    }
    // A version says it all; writing the same once more makes no new one.
    return identity.isVersion || (file.modified == modified && file.changed == changed)
  }

  /// Whether a file of the same inode under another path can be this one renamed, and not a new
  /// one that got the inode of a removed one.
  func mayBeRenamed(to path: String, _ file: ScanFile.Status) -> Bool {
    if identity.isVersion { return FileKinship.areKin(path, self.path) }
    if born != 0 && file.born != 0 { return born == file.born }
    return file.size != size || file.modified == modified || FileKinship.areKin(path, self.path)
  }

  mutating func saw(_ status: ScanFile.Status) {
    identity = FileIdentity(device: status.device, inode: status.inode)
    size = status.size
    modified = status.modified
    changed = status.changed
    born = status.born
  }
}

extension Generation {
  /// A file found to be damaged: nothing more of it was read than what was known before.
  init(_ task: FileTask, damage: String) {
    self =
      task.known
      ?? Generation(
        path: "", identity: task.file.identity, isCompressed: true, size: 0, modified: 0,
        changed: 0, born: 0, fingerprint: .empty, anchor: .empty, offset: 0, lines: 0,
        status: .open)
    path = task.file.path
    // Its size says nothing about how much text is left.
    isCompressed = true
    status = .open
    missingSince = nil
    self.damage = damage
    saw(task.file.status)
  }

  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init(key: "path", value: .string(path)),
      .init(key: "device", value: .string(String(identity.device))),
      .init(key: "inode", value: .string(String(identity.inode))),
      .init(key: "compressed", value: .boolean(isCompressed)),
      .init(key: "size", value: .init(size)),
      .init(key: "modified", value: .integer(modified)),
      .init(key: "changed", value: .integer(changed)),
      .init(key: "born", value: .integer(born)),
      .init(key: "fingerprint", value: fingerprint.json),
      .init(key: "anchor", value: anchor.json),
      .init(key: "offset", value: .init(offset)),
      .init(key: "lines", value: .init(lines)),
      .init(key: "status", value: .string(status.rawValue)),
    ]
    if hasTail { members.append(.init(key: "tail", value: .boolean(true))) }
    if let missingSince {
      members.append(.init(key: "missing_since", value: .string(missingSince.description)))
    }
    if let parserState { members.append(.init(key: "parser", value: parserState)) }
    if let versionID { members.append(.init(key: "version_id", value: .string(versionID))) }
    if let damage { members.append(.init(key: "damage", value: .string(damage))) }
    return .object(members)
  }

  init?(json: JSONValue) {
    func integer(_ key: String) -> Int? {
      json[key]?.integer.flatMap { Int(exactly: $0) }.flatMap {
        (0..<1 << 60).contains($0) ? $0 : nil
      }
    }
    guard let path = json["path"]?.string,
      let device = json["device"]?.string.flatMap({ UInt64($0) }),
      let inode = json["inode"]?.string.flatMap({ UInt64($0) }),
      let isCompressed = json["compressed"]?.boolean, let size = integer("size"),
      let modified = json["modified"]?.integer, let changed = json["changed"]?.integer,
      let born = json["born"]?.integer,
      let fingerprint = ContentHash(json: json["fingerprint"]),
      let anchor = ContentHash(json: json["anchor"]), let offset = integer("offset"),
      let lines = integer("lines"), let status = json["status"]?.string.flatMap(Status.init),
      anchor.count == min(offset, ContentHash.bytesMax), fingerprint.count == anchor.count
    else { return nil }
    self.init(
      path: path, identity: FileIdentity(device: device, inode: inode),
      isCompressed: isCompressed, size: size,
      modified: modified, changed: changed, born: born, fingerprint: fingerprint, anchor: anchor,
      offset: offset, lines: lines, status: status,
      missingSince: json["missing_since"]?.string.flatMap { Instant($0) },
      parserState: json["parser"], versionID: json["version_id"]?.string,
      damage: json["damage"]?.string)
    hasTail = json["tail"]?.boolean ?? false
  }
}
