internal import AWS
internal import Base
internal import Connector
internal import Kernels
internal import Storage
internal import Synchronization

/// A prefix of an object store.
final class ObjectPlace: FilePlace {
  private let bucket: any ObjectBucket
  private let pattern: GlobPattern
  private let excluded: ExcludedPaths
  private let starts: ObjectStarts

  var root: String { bucket.location + pattern.root }
  var isRemote: Bool { true }

  init(_ bucket: any ObjectBucket, _ pattern: GlobPattern, excluding excluded: ExcludedPaths) {
    self.bucket = bucket
    self.pattern = pattern
    self.excluded = excluded
    starts = ObjectStarts(bucket)
  }

  func list(_ prefers: (String) -> Bool) throws(ConnectorError) -> FileListing {
    do {
      return try ObjectListing(bucket, pattern, excluding: excluded).listed()
    } catch { throw ConnectorError(error) }
  }

  func open(_ file: ListedFile, for use: FileUse) throws(ConnectorError) -> (any ReadableFile)? {
    let key = key(of: file)
    let object = ObjectFile(bucket, key, file, path: root + file.path)
    guard case .reading(let offset) = use else { return object }
    do {
      let start =
        offset == 0
        ? try starts.take(key, file)
        : try bucket.read(
          key, range: 0..<min(file.status.size, ContentHash.bytesMax), version: file.version,
          versionID: nil)
      object.readsAhead(behind: start)
      return object
    } catch {
      if error.kind == .conflict || error.kind == .notFound || error.kind == .outOfRange {
        return nil
      }
      throw ConnectorError(error)
    }
  }

  /// A request would tell.
  func obstacle(to file: ListedFile) -> ConnectorError? { nil }

  func expect(_ files: [ListedFile]) { starts.expect(files.map { (key(of: $0), $0) }) }

  private func key(of file: ListedFile) -> String { String(pattern.root.dropFirst()) + file.path }
}

/// The first bytes of the objects that are read next, asked for before they are wanted: small
/// objects are read in one request each, several at a time.
final class ObjectStarts: Sendable {
  private let bucket: any ObjectBucket
  private let state = Mutex(State())

  private struct State {
    var waiting: [(key: String, file: ListedFile)] = []
    /// Of `waiting`, those that were asked for.
    var next = 0
    var running: [String: ObjectFetch] = [:]
  }

  static let bytesMax = 1 << 19
  /// Requests, and their answers in memory.
  private static let countMax = 8

  init(_ bucket: any ObjectBucket) { self.bucket = bucket }

  func expect(_ files: [(key: String, file: ListedFile)]) {
    state.withLock { state in
      state.waiting = Array(state.waiting[state.next...]) + files
      state.next = 0
    }
  }

  /// The first bytes of an object, which need not be an expected one.
  func take(_ key: String, _ file: ListedFile) throws(StorageError) -> S3Store.RangeRead {
    let fetch = state.withLock { state in
      if state.running[key] == nil {
        // Those before it are not wanted any more.
        if let place = state.waiting[state.next...].firstIndex(where: { $0.key == key }) {
          state.next = place
        } else {
          return ObjectFetch?.none
        }
      }
      while state.running.count < Self.countMax, state.next < state.waiting.count {
        let (key, file) = state.waiting[state.next]
        state.next += 1
        state.running[key] = begin(key, file)
      }
      return state.running.removeValue(forKey: key)
    }
    return try (fetch ?? begin(key, file)).result()
  }

  private func begin(_ key: String, _ file: ListedFile) -> ObjectFetch {
    ObjectFetch(bucket, key, 0..<min(file.status.size, Self.bytesMax), version: file.version)
  }
}

/// A range of an object on its way.
final class ObjectFetch: Sendable {
  let range: Range<Int>
  private let channel = BoundedChannel<Result<S3Store.RangeRead, StorageError>>(bytesMax: 1)

  init(_ bucket: any ObjectBucket, _ key: String, _ range: Range<Int>, version: String) {
    self.range = range
    WorkerThread("fetch") { [channel] in
      let result: Result<S3Store.RangeRead, StorageError>
      do throws(StorageError) {
        result = .success(try bucket.read(key, range: range, version: version, versionID: nil))
      } catch {
        result = .failure(error)
      }
      _ = channel.send(result, bytes: 1)
      channel.finish()
    }
  }

  /// Waits for it; once.
  func result() throws(StorageError) -> S3Store.RangeRead {
    try channel.receive()?.get() ?? S3Store.RangeRead([])
  }
}
