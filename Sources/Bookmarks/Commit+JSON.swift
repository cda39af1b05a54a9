public import Base
internal import Connector
internal import Records
internal import Storage

extension Commit {
  /// The commit as the log keeps it. What is empty is left out.
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    func set(_ key: String, _ value: JSONValue) {
      switch value {
      case .null, .array([]), .object([]): return
      default: members.append(.init(key: key, value: value))
      }
    }
    set("stream", .string(stream))
    set("version", .init(version))
    set("id", .string(id))
    set("kind", .string(kind.rawValue))
    set("run", .init(run))
    set("decided_at", .integer(decidedAt.microseconds))
    set("window", window?.json ?? .null)
    set("before", bookmarkBefore?.json ?? .null)
    set("after", bookmarkAfter?.json ?? .null)
    set("ledger", .array(ledger.map { ["key": .string($0.key), "value": $0.value ?? .null] }))
    set(
      "schemas",
      .object(schemas.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value.json) }))
    set("binding", binding ?? .null)
    set("added", .array(added.map(\.json)))
    set("staged", .array(staged.map(\.json)))
    set("removed", .array(removed.map { .string($0) }))
    set("left", .array(left.map { .string($0) }))
    set("restored", .array(restored.map { .string($0) }))
    set("cleared", .array(cleared.map { .string($0) }))
    set("gone", .array(gone.map { .string($0) }))
    set("catalog", catalogChange)
    set(
      "counts",
      .object(counts.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .init($0.value)) }))
    set("content_hash", .init(contentHash))
    set("note", .init(note))
    return .object(members)
  }

  public init(json: JSONValue) throws(BookmarksError) {
    guard let stream = json["stream"]?.string, let version = json["version"]?.integer,
      let id = json["id"]?.string, let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
      let decidedAt = json["decided_at"]?.integer
    else { throw Self.corrupt(json) }
    self.init(
      stream: stream, version: Int(version), id: id, kind: kind, run: json["run"]?.string,
      decidedAt: Instant(microseconds: decidedAt))
    window = json["window"].flatMap(Window.init(json:))
    bookmarkBefore = json["before"].flatMap(Bookmark.init(json:))
    bookmarkAfter = json["after"].flatMap(Bookmark.init(json:))
    for item in json["ledger"]?.array ?? [] {
      guard let key = item["key"]?.string else { throw Self.corrupt(json) }
      let value = item["value"] ?? .null
      ledger.append(LedgerChange(key: key, value: value == .null ? nil : value))
    }
    for member in json["schemas"]?.members ?? [] {
      guard let schema = Schema(json: member.value) else { throw Self.corrupt(json) }
      schemas[member.key] = schema
    }
    binding = json["binding"]
    for item in json["added"]?.array ?? [] {
      guard let file = DataFile(json: item) else { throw Self.corrupt(json) }
      added.append(file)
    }
    for item in json["staged"]?.array ?? [] {
      guard let object = StagedObject(json: item) else { throw Self.corrupt(json) }
      staged.append(object)
    }
    func keys(_ name: String) -> [String] { (json[name]?.array ?? []).compactMap(\.string) }
    removed = keys("removed")
    left = keys("left")
    restored = keys("restored")
    cleared = keys("cleared")
    gone = keys("gone")
    catalogChange = json["catalog"] ?? .null
    for member in json["counts"]?.members ?? [] {
      counts[member.key] = Int(member.value.integer ?? 0)
    }
    contentHash = json["content_hash"]?.string
    note = json["note"]?.string
  }

  private static func corrupt(_ json: JSONValue) -> BookmarksError {
    BookmarksError(
      .corrupt, "a commit in the log cannot be read: \(json.text().prefix(120))",
      remedy: "The state was written by another version or damaged; restore it from a backup.")
  }
}

extension Commit {
  /// The JSON text of the commit, and of each of its ledger's values: there may be many, and both
  /// are kept.
  func texts() -> (entry: String, ledger: [String?]) {
    let values = ledger.map { $0.value?.text() }
    if ledger.isEmpty { return (json.text(), values) }
    var rest = self
    rest.ledger = []
    var entry = rest.json.text()
    entry.removeLast()
    entry += ",\"ledger\":["
    for (place, change) in ledger.enumerated() {
      entry += place == 0 ? "{\"key\":" : ",{\"key\":"
      JSONValue.quote(change.key, into: &entry)
      entry += ",\"value\":"
      entry += values[place] ?? "null"
      entry += "}"
    }
    entry += "]}"
    return (entry, values)
  }
}

extension Window {
  var json: JSONValue {
    [
      "from": .init(from), "to": .init(to), "predicate": .string(predicate),
      "reason": .string(reason),
    ]
  }

  init?(json: JSONValue) {
    guard let predicate = json["predicate"]?.string else { return nil }
    self.init(
      from: json["from"]?.string, to: json["to"]?.string, predicate: predicate,
      reason: json["reason"]?.string ?? "")
  }
}

extension StagedObject {
  var json: JSONValue {
    [
      "key": .string(key), "owner": .string(owner), "token": .string(token),
      "bytes": .init(byteCount),
    ]
  }

  init?(json: JSONValue) {
    guard let key = json["key"]?.string, let owner = json["owner"]?.string,
      let token = json["token"]?.string, let bytes = json["bytes"]?.integer
    else { return nil }
    self.init(key: key, owner: owner, token: token, byteCount: Int(bytes))
  }
}
