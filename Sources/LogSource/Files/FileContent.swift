internal import Compression
internal import Connector
internal import Kernels

/// The text of a file, decompressed, read once from some place on.
///
/// What compresses a file is told by its first bytes, not by its name.
final class FileContent {
  let file: ScanFile
  let path: String
  let isCompressed: Bool
  /// Bytes of the file that are read, fixed before.
  private let ceiling: Int
  /// The next byte of the file.
  private(set) var position: Int
  private var stream: GzipStream?
  /// Decompressed, but not handed out.
  private var pending: ArraySlice<UInt8> = []
  /// Whether a compressed stream stopped in the middle: it may still be written.
  private(set) var isCutShort = false
  /// Whether all up to the ceiling was read.
  private(set) var isAtEnd = false

  private static let pieceBytes = 1 << 18
  private static let gzipStart: [UInt8] = [0x1F, 0x8B]

  /// - Throws: `.interrupted` where the system does not read the file.
  init(_ file: ScanFile, path: String, ceiling: Int) throws(ConnectorError) {
    self.file = file
    self.path = path
    self.ceiling = ceiling
    position = 0
    let start = try Self.read(file, path, at: 0, count: min(2, ceiling))
    isCompressed = start == Self.gzipStart
    if isCompressed {
      stream = try Self.mapping(path) { () throws(CompressionError) in try GzipStream() }
    }
  }

  /// Whether the bytes read may not be all there will be: the file was cut since the plan.
  var isShorterThanPlanned: Bool { isAtEnd && position < ceiling }

  /// Moves to a place in the text.
  /// - Returns: the last bytes before it, at most 1 KiB, or nil where the text is shorter.
  func skip(to offset: Int) throws(ConnectorError) -> [UInt8]? {
    if !isCompressed {
      guard offset <= ceiling else { return nil }
      let start = max(0, offset - ContentHash.bytesMax)
      let recent = try Self.read(file, path, at: start, count: offset - start)
      position = offset
      return recent.count == offset - start ? recent : nil
    }
    var recent: [UInt8] = []
    var left = offset
    while left > 0 {
      if pending.isEmpty, try !inflate() { return nil }
      let taken = pending.prefix(left)
      recent = Array((recent + taken.suffix(ContentHash.bytesMax)).suffix(ContentHash.bytesMax))
      pending = pending.dropFirst(taken.count)
      left -= taken.count
    }
    return recent
  }

  /// The bytes of `carry`, and behind them up to `count` of the text; none new only at its end.
  func read(_ carry: ArraySlice<UInt8>, _ count: Int, _ spare: Int) throws(ConnectorError)
    -> [UInt8]
  {
    if !isCompressed {
      let wanted = min(count, ceiling - position)
      let bytes: [UInt8]
      do {
        bytes = try file.read(after: carry, at: position, count: wanted, spare: spare)
      } catch {
        throw Self.unreadable(path, error)
      }
      position += bytes.count - carry.count
      isAtEnd = position == ceiling || bytes.count - carry.count < wanted
      return bytes
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(carry.count + count + spare)
    bytes.append(contentsOf: carry)
    while bytes.count < carry.count + count {
      if pending.isEmpty, try !inflate() { break }
      let taken = pending.prefix(carry.count + count - bytes.count)
      bytes.append(contentsOf: taken)
      pending = pending.dropFirst(taken.count)
    }
    return bytes
  }

  /// Fills `pending`; false at the end.
  private func inflate() throws(ConnectorError) -> Bool {
    guard let stream else { return false }
    while !isAtEnd {
      if let piece = try Self.mapping(path, { () throws(CompressionError) in try stream.next() }) {
        pending = piece[...]
        return true
      }
      let count = min(Self.pieceBytes, ceiling - position)
      let bytes = try Self.read(file, path, at: position, count: count)
      position += bytes.count
      if bytes.isEmpty {
        isAtEnd = true
        do {
          try stream.finish()
        } catch {
          isCutShort = true
        }
      } else {
        stream.push(bytes)
      }
    }
    return false
  }

  private static func read(_ file: ScanFile, _ path: String, at offset: Int, count: Int)
    throws(ConnectorError) -> [UInt8]
  {
    do {
      return try file.read(at: offset, count: max(0, count))
    } catch {
      throw unreadable(path, error)
    }
  }

  private static func mapping<Result>(
    _ path: String, _ body: () throws(CompressionError) -> Result
  ) throws(ConnectorError) -> Result {
    do {
      return try body()
    } catch {
      throw ConnectorError(
        .malformed, "the compressed file is broken",
        remedy: "Replace it by a whole copy, or add it to 'exclude'; nothing of it was loaded in "
          + "this commit.",
        place: path, cause: "\(error)")
    }
  }

  static func unreadable(_ path: String, _ failure: ScanFile.Failure) -> ConnectorError {
    if failure.isDenied {
      return ConnectorError(
        .denied, "the file cannot be read",
        remedy: "Let the user that runs Tidemark read it, or add it to 'exclude'.", place: path,
        cause: "\(failure)")
    }
    return ConnectorError(
      .interrupted, "reading the file broke off", remedy: "Run again; what is committed stays.",
      place: path, cause: "\(failure)")
  }
}
