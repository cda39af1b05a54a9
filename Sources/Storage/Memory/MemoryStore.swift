public import Base
internal import Synchronization

/// An object store in memory, with the behaviour of the others: for tests and trials.
public final class MemoryStore: ObjectStore {
  public let location = "memory:"
  private let clock: WallClock
  private let state = Mutex(State())

  private struct Object {
    var bytes: [UInt8]
    var version: Int
    var modified: Instant

    func info(_ key: String) -> ObjectInfo {
      ObjectInfo(
        key: key, byteCount: bytes.count, version: String(version), modified: modified)
    }
  }

  /// A key that is equal to another only if all bytes are: to Swift, "é" is equal to "e" with an
  /// accent, which is another object.
  private struct ByteKey: Hashable {
    var text: String

    init(_ text: String) { self.text = text }

    static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }
  }

  private struct State {
    var objects: [ByteKey: Object] = [:]
    /// By token: the key, owner and data so far.
    var staged: [ByteKey: (object: StagedObject, bytes: [UInt8])] = [:]
    var versionCount = 0

    mutating func set(_ key: String, _ bytes: [UInt8], at time: Instant) -> ObjectInfo {
      versionCount += 1
      let object = Object(bytes: bytes, version: versionCount, modified: time)
      objects[ByteKey(key)] = object
      return object.info(key)
    }
  }

  public init(clock: WallClock = .system) { self.clock = clock }

  public func read(_ key: String, range: Range<Int>?) throws(StorageError) -> [UInt8] {
    try ObjectKey.validate(key)
    guard let bytes = state.withLock({ $0.objects[ByteKey(key)]?.bytes }) else {
      throw .noObject(key)
    }
    guard let range else { return bytes }
    if range.lowerBound < 0 || range.upperBound > bytes.count { throw .outOfRange(key, range) }
    return Array(bytes[range])
  }

  public func info(_ key: String) throws(StorageError) -> ObjectInfo? {
    try ObjectKey.validate(key)
    return state.withLock { $0.objects[ByteKey(key)]?.info(key) }
  }

  public func list(_ prefix: String, _ visit: (ObjectInfo) throws(StorageError) -> Void)
    throws(StorageError)
  {
    try ObjectKey.validate(prefix: prefix)
    let found = state.withLock { state in
      state.objects.filter { $0.key.text.hasBytePrefix(prefix) }.map { $0.value.info($0.key.text) }
    }
    for info in found.sorted(by: { $0.key.precedesBytewise($1.key) }) { try visit(info) }
  }

  @discardableResult
  public func put(_ key: String, _ bytes: [UInt8], if condition: PutCondition) throws(StorageError)
    -> ObjectInfo
  {
    try ObjectKey.validate(key)
    let time = clock.now
    return try state.withLock { (state) throws(StorageError) in
      let there = state.objects[ByteKey(key)]
      let holds =
        switch condition {
        case .always: true
        case .absent: there == nil
        case .matches(let version): there.map { String($0.version) } == version
        }
      if !holds { throw .conflicting(key, condition) }
      return state.set(key, bytes, at: time)
    }
  }

  public func delete(_ keys: [String]) throws(StorageError) {
    for key in keys { try ObjectKey.validate(key) }
    state.withLock { state in for key in keys { state.objects[ByteKey(key)] = nil } }
  }

  public func move(_ key: String, to target: String) throws(StorageError) {
    try ObjectKey.validate(key)
    try ObjectKey.validate(target)
    let time = clock.now
    try state.withLock { (state) throws(StorageError) in
      if let object = state.objects.removeValue(forKey: ByteKey(key)) {
        _ = state.set(target, object.bytes, at: time)
      } else if state.objects[ByteKey(target)] == nil {
        throw .noObject(key)
      }
    }
  }

  public func stage(_ key: String, owner: String) throws(StorageError) -> any StagedWriter {
    try ObjectKey.validate(key)
    try ObjectKey.validate(owner: owner)
    let token = ObjectKey.stagedKey(key, owner: owner)
    let object = StagedObject(key: key, owner: owner, token: token, byteCount: 0)
    try state.withLock { (state) throws(StorageError) in
      if state.staged[ByteKey(token)] != nil { throw .stagedAlready(key) }
      state.staged[ByteKey(token)] = (object, [])
    }
    return MemoryWriter(self, object)
  }

  public func publish(_ staged: StagedObject) throws(StorageError) {
    try ObjectKey.validate(staged.key)
    let time = clock.now
    try state.withLock { (state) throws(StorageError) in
      let there = state.objects[ByteKey(staged.key)]?.bytes.count
      guard let data = state.staged[ByteKey(staged.token)], data.bytes.count == staged.byteCount
      else {
        if there == staged.byteCount { return }
        throw .noObject(staged.key)
      }
      if let there, there != staged.byteCount { throw .conflicting(staged.key, .absent) }
      state.staged[ByteKey(staged.token)] = nil
      _ = state.set(staged.key, data.bytes, at: time)
    }
  }

  public func discard(_ staged: StagedObject) throws(StorageError) {
    state.withLock { _ = $0.staged.removeValue(forKey: ByteKey(staged.token)) }
  }

  public func listStaged(_ prefix: String) throws(StorageError) -> [StagedObject] {
    try ObjectKey.validate(prefix: prefix)
    let found = state.withLock { state in
      state.staged.values.map { staged in
        var object = staged.object
        object.byteCount = staged.bytes.count
        return object
      }
    }
    return found.filter { $0.key.hasBytePrefix(prefix) }.sorted { a, b in
      a.key == b.key ? a.owner.precedesBytewise(b.owner) : a.key.precedesBytewise(b.key)
    }
  }

  /// - Returns: the bytes staged so far, or nil where someone has discarded them.
  fileprivate func append(_ bytes: [UInt8], to token: String) -> Int? {
    state.withLock { state in
      state.staged[ByteKey(token)]?.bytes.append(contentsOf: bytes)
      return state.staged[ByteKey(token)]?.bytes.count
    }
  }

  fileprivate func remove(_ token: String) {
    state.withLock { _ = $0.staged.removeValue(forKey: ByteKey(token)) }
  }
}

private final class MemoryWriter: StagedWriter {
  private let store: MemoryStore
  private var object: StagedObject
  private var isClosed = false
  private var isFinished = false

  init(_ store: MemoryStore, _ object: StagedObject) {
    self.store = store
    self.object = object
  }

  func write(_ bytes: [UInt8]) throws(StorageError) {
    if isClosed { throw .closedWriter(object.key) }
    guard let count = store.append(bytes, to: object.token) else { throw .noObject(object.key) }
    object.byteCount = count
  }

  func finish() throws(StorageError) -> StagedObject {
    if isFinished { return object }
    if isClosed { throw .closedWriter(object.key) }
    isClosed = true
    isFinished = true
    return object
  }

  func abandon() {
    isClosed = true
    store.remove(object.token)
  }

  deinit { if !isFinished { abandon() } }
}
