internal import Kernels

/// Cuts a stream of bytes into blocks of whole lines, in bounded memory.
///
///     let splitter = LineSplitter(firstLine: 1) { carry, count in try file.read(…) }
///     while let piece = try splitter.next() { … }
///     splitter.tail        what stands behind the last newline
///
/// A line longer than the maximum is a reject with its first bytes. Zero bytes at the start of a
/// line, which a writer leaves that goes on at its old place in a truncated file, take no memory,
/// however many they are.
public final class LineSplitter<Failure: Error> {
  /// Gives the bytes of `carry` and behind them up to `count` new ones, with room for `spare`
  /// more; none new only at the end.
  public typealias Read =
    (_ carry: ArraySlice<UInt8>, _ count: Int, _ spare: Int) throws(Failure) -> [UInt8]

  public enum Piece: Sendable {
    case block(LineBlock)
    case reject(LineReject)
  }

  private let blockBytes: Int
  private let lineBytesMax: Int
  private let framing: (any RecordFraming)?
  private let read: Read
  /// Read, but not handed out; begins with a line.
  private var buffer: [UInt8] = []
  /// Bytes of the buffer in which there is no newline.
  private var searchedCount = 0
  /// Bytes of the buffer that are whole lines of a record that may go on.
  private var unfinishedCount = 0
  /// Zeros that were dropped at the start of the line at hand.
  private var zerosDropped = 0
  private var overlong: Overlong?
  private var isAtStart: Bool
  private var isAtEnd = false

  /// A line that is too long, while its end is looked for.
  private struct Overlong {
    var start: [UInt8]
    var count = 0
    var recent: [UInt8]
  }

  /// The number of the next line, from 1.
  public private(set) var line: Int
  /// Bytes of the whole lines handed out.
  public private(set) var consumedCount = 0
  /// The last bytes of them, at most `recentBytesMax`.
  public private(set) var recent: [UInt8]

  public static var recentBytesMax: Int { 1024 }

  /// - Parameters:
  ///   - recent: the bytes before the first that is read, where reading goes on.
  ///   - isAtStart: whether reading begins with the file, where a byte order mark is passed over.
  ///   - blockBytes: of ordinary lines; a block is at most twice as long, or one long record.
  ///   - framing: where records span lines: blocks end where records do. A record longer than
  ///     `lineBytesMax` is cut at the end of a line.
  public init(
    firstLine: Int, recent: [UInt8] = [], isAtStart: Bool = true, blockBytes: Int = 1 << 18,
    lineBytesMax: Int = 16 << 20, framing: (any RecordFraming)? = nil, read: @escaping Read
  ) {
    self.framing = framing
    line = firstLine
    self.recent = recent
    self.isAtStart = isAtStart
    self.lineBytesMax = max(1, lineBytesMax)
    // So that only a line which began in an earlier read can be too long.
    self.blockBytes = max(1, min(blockBytes, lineBytesMax))
    self.read = read
  }

  /// The next whole lines, or a line that is too long; nil at the end.
  public func next() throws(Failure) -> Piece? {
    while true {
      if let piece = cut() { return piece }
      if isAtEnd { return nil }
      let known = buffer.count
      buffer = try read(buffer[...], max(blockBytes, known), LineBlock.padding)
      isAtEnd = buffer.count == known
    }
  }

  /// Whether a line without an end stands behind the last newline.
  /// Valid after `next` has returned nil.
  public var hasTail: Bool { overlong != nil || !buffer.isEmpty }

  /// Hands out the tail as if a newline ended it; nil where there is none.
  public func takeTail() -> Piece? {
    if let overlong {
      let piece = reject(overlong)
      finish(overlong, count: overlong.count, recent: overlong.recent)
      return piece
    }
    if buffer.isEmpty { return nil }
    // Several lines where a record spans them.
    let lines = scanNewlineCount(buffer, 0..<buffer.count - 1) + 1
    return .block(takeBlock(buffer.count, lines: lines))
  }

  private func cut() -> Piece? {
    if overlong != nil { return cutOverlong() }
    guard let newline = scanLastNewline(buffer, searchedCount..<buffer.count) else {
      if unfinishedCount == 0 {
        keepStart()
        return nil
      }
      searchedCount = buffer.count
      return buffer.count > lineBytesMax ? takeLines(unfinishedCount) : nil
    }
    if unfinishedCount == 0, searchedCount > 0, newline > lineBytesMax,
      let first = scanFirstNewline(buffer, searchedCount..<buffer.count), first > lineBytesMax
    {
      startOverlong()
      return cutOverlong()
    }
    guard let end = recordEnd(newline + 1) else {
      unfinishedCount = newline + 1
      searchedCount = buffer.count
      return nil
    }
    return takeLines(end)
  }

  private func takeLines(_ count: Int) -> Piece {
    .block(takeBlock(count, lines: scanNewlineCount(buffer, 0..<count)))
  }

  /// The end of the last whole record in the first bytes, which are whole lines.
  private func recordEnd(_ count: Int) -> Int? {
    guard let framing else { return count }
    if let end = framing.lastEnd(in: buffer, count: count), (1...count).contains(end) {
      return end
    }
    return count > lineBytesMax ? count : nil
  }

  /// Keeps the start of a line whose end is yet to be read.
  private func keepStart() {
    let zeros = buffer.prefix { $0 == 0 }.count
    if zeros > 0 {
      buffer.removeFirst(zeros)
      zerosDropped += zeros
    }
    searchedCount = buffer.count
    if buffer.count > lineBytesMax {
      startOverlong()
      _ = cutOverlong()
    }
  }

  private func startOverlong() {
    let zeros = [UInt8](repeating: 0, count: min(zerosDropped, Self.recentBytesMax))
    overlong = Overlong(
      start: Array(buffer.prefix(LineReject.textBytesMax + 1)),
      recent: Self.last(recent + zeros))
  }

  /// Passes over the line up to its end, or over all there is of it.
  private func cutOverlong() -> Piece? {
    guard var long = overlong else { return nil }
    let newline = scanFirstNewline(buffer, 0..<buffer.count)
    let end = newline.map { $0 + 1 } ?? buffer.count
    long.count += end
    long.recent = Self.last(long.recent + lastBytes(before: end))
    buffer.removeFirst(end)
    searchedCount = 0
    overlong = long
    if newline == nil { return nil }
    let piece = reject(long)
    finish(long, count: long.count, recent: long.recent)
    return piece
  }

  private func finish(_ long: Overlong, count: Int, recent: [UInt8]) {
    consumedCount += zerosDropped + count
    self.recent = recent
    zerosDropped = 0
    overlong = nil
    isAtStart = false
    line += 1
  }

  private func reject(_ long: Overlong) -> Piece {
    .reject(
      LineReject(
        line: line, bytes: long.start,
        reason: "the line is longer than \(lineBytesMax) bytes; only its start is kept"))
  }

  /// Takes the first bytes of the buffer, which are whole lines or the last one.
  private func takeBlock(_ count: Int, lines: Int) -> LineBlock {
    if zerosDropped > 0 {
      recent = Self.last(
        recent + [UInt8](repeating: 0, count: min(zerosDropped, Self.recentBytesMax)))
    }
    recent = Self.last(recent + lastBytes(before: count))
    consumedCount += zerosDropped + count
    zerosDropped = 0
    let rest = Array(buffer[count...])
    var bytes = buffer
    buffer = rest
    searchedCount = 0
    unfinishedCount = 0
    bytes.removeLast(bytes.count - count)
    if isAtStart && bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      // Parsers pass over zeros at the start of a line.
      for index in 0..<3 { bytes[index] = 0 }
    }
    isAtStart = false
    bytes.append(contentsOf: repeatElement(0, count: LineBlock.padding))
    let block = LineBlock(bytes: bytes, count: count, firstLine: line)
    line += lines
    return block
  }

  private func lastBytes(before end: Int) -> ArraySlice<UInt8> {
    buffer[max(0, end - Self.recentBytesMax)..<end]
  }

  private static func last(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.suffix(recentBytesMax)) }
}
