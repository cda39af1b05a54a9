internal import AWS
internal import Base
internal import Connector
internal import Kernels
internal import Storage
internal import Synchronization

/// One version of an object, read in ranges. Where all of it is read, the ranges behind the one at
/// hand are on their way.
final class ObjectFile: ReadableFile {
  let path: String
  private let bucket: any ObjectBucket
  private let key: String
  private let file: ListedFile
  private let state = Mutex(State())

  private struct State {
    /// The first bytes, which are read more than once.
    var start: [UInt8] = []
    var window: [UInt8] = []
    var windowStart = 0
    /// On their way, each behind the one before.
    var ahead: [ObjectFetch] = []
    var isSequential = false
    /// The id of the version that is read, where the bucket keeps versions.
    var versionID: String?
    /// Whether it is asked for by that id, because it is no longer the latest.
    var isOverwritten = false
  }

  private static let windowBytes = 2 << 20
  private static let aheadMax = 2
  /// What is asked for at least, when a file is only looked at.
  private static let lookBytes = 4096

  init(_ bucket: any ObjectBucket, _ key: String, _ file: ListedFile, path: String) {
    self.bucket = bucket
    self.key = key
    self.file = file
    self.path = path
  }

  var isOneVersion: Bool { true }

  func status() -> ScanFile.Status { file.status }

  var versionID: String? { state.withLock { $0.versionID } }

  /// Says that the object will be read in order.
  /// - Parameter start: its first bytes.
  func readsAhead(behind start: S3Store.RangeRead) {
    state.withLock { state in
      state.start = start.bytes
      state.versionID = start.versionID
      state.isSequential = true
    }
  }

  func read(after carry: ArraySlice<UInt8>, at offset: Int, count: Int, spare: Int)
    throws(ConnectorError) -> [UInt8]
  {
    let end = min(file.status.size, offset + max(0, count))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(carry.count + max(0, end - offset) + spare)
    bytes.append(contentsOf: carry)
    var position = offset
    do throws(StorageError) {
      while position < end {
        let before = bytes.count
        try state.withLock { (state) throws(StorageError) in
          try append(position..<end, to: &bytes, &state)
        }
        guard bytes.count > before else { break }
        position += bytes.count - before
      }
    } catch {
      if error.kind == .conflict || error.kind == .notFound || error.kind == .outOfRange {
        throw ConnectorError(
          .interrupted, "the object was overwritten or removed while it was read",
          remedy: "Run again; nothing of this commit was kept.", place: path)
      }
      throw ConnectorError(error)
    }
    return bytes
  }

  /// Appends the first bytes of a range, at least one.
  private func append(_ range: Range<Int>, to bytes: inout [UInt8], _ state: inout State)
    throws(StorageError)
  {
    if range.lowerBound < state.start.count {
      bytes += state.start[range.lowerBound..<min(range.upperBound, state.start.count)]
      return
    }
    let place = range.lowerBound - state.windowStart
    if place < 0 || place >= state.window.count {
      try move(to: range, &state)
      return try append(range, to: &bytes, &state)
    }
    bytes += state.window[place..<min(place + range.count, state.window.count)]
  }

  /// Makes the window begin with a range.
  private func move(to range: Range<Int>, _ state: inout State) throws(StorageError) {
    let window: S3Store.RangeRead
    do throws(StorageError) {
      window = try self.window(range, &state)
    } catch {
      window = try overwrittenWindow(range, error, &state)
    }
    guard !window.bytes.isEmpty else {
      throw StorageError(
        .outOfRange, "the object is shorter than listed", remedy: "Run again.", place: path)
    }
    state.versionID = state.versionID ?? window.versionID
    state.windowStart = range.lowerBound
    state.window = window.bytes
  }

  /// The same of an object that is no longer what was listed: a bucket that keeps versions still
  /// has it.
  private func overwrittenWindow(
    _ range: Range<Int>, _ problem: StorageError, _ state: inout State
  ) throws(StorageError) -> S3Store.RangeRead {
    guard problem.kind == .conflict || problem.kind == .notFound, state.versionID != nil,
      !state.isOverwritten
    else { throw problem }
    state.isOverwritten = true
    state.ahead = []
    do throws(StorageError) {
      return try window(range, &state)
    } catch {
      // Not to be had, or not for us: then it is as if there were no versions.
      throw [.denied, .notFound, .conflict, .invalid].contains(error.kind) ? problem : error
    }
  }

  private func window(_ range: Range<Int>, _ state: inout State) throws(StorageError)
    -> S3Store.RangeRead
  {
    let start = range.lowerBound
    let size = file.status.size
    if state.isSequential, !state.isOverwritten {
      if state.ahead.first?.range.lowerBound != start {
        state.ahead = [fetch(from: start)]
      }
      let fetch = state.ahead.removeFirst()
      var next = state.ahead.last?.range.upperBound ?? fetch.range.upperBound
      while state.ahead.count < Self.aheadMax, next < size {
        state.ahead.append(self.fetch(from: next))
        next = min(size, next + Self.windowBytes)
      }
      return try fetch.result()
    }
    let least = state.isSequential ? Self.windowBytes : Self.lookBytes
    return try bucket.read(
      key, range: start..<min(size, start + max(range.count, least)), version: file.version,
      versionID: state.isOverwritten ? state.versionID : nil)
  }

  private func fetch(from start: Int) -> ObjectFetch {
    ObjectFetch(
      bucket, key, start..<min(file.status.size, start + Self.windowBytes), version: file.version)
  }
}
