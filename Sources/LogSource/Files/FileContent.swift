internal import Compression
internal import Connector
internal import Kernels

/// The text of a file, decompressed, read once from some place on.
///
/// What compresses a file is told by its first bytes, not by its name. An archive holds several
/// texts, one a member; a place in it counts the bytes of all of them, in their order.
final class FileContent {
  let file: any ReadableFile
  let isCompressed: Bool
  /// Bytes of the file that are read, fixed before.
  private let ceiling: Int
  private let limits: DecoderLimits
  /// The next byte of the file.
  private(set) var position = 0
  private var stream: DecompressionStream<ConnectorError>?
  private var archive: ZipArchive?
  /// The member that is read.
  private(set) var memberIndex = 0
  private var isArchiveCut = false
  /// Whether all up to the ceiling was read.
  private(set) var isAtEnd = false
  /// Whether reading failed because the file's bytes are not what they should be.
  private(set) var isDamaged = false
  /// How much of a compressed file is read next: little where only its start is wanted.
  private var pieceBytes = 1 << 14

  private static let pieceBytesMax = 1 << 18

  /// - Parameter member: of an archive, the number of the one to begin with.
  /// - Throws: `.malformed` where the file is of a kind that cannot be read.
  init(_ file: any ReadableFile, ceiling: Int, member: Int = 0, limits: DecoderLimits)
    throws(ConnectorError)
  {
    self.file = file
    self.ceiling = ceiling
    self.limits = limits
    let format = try Self.format(file, ceiling)
    isCompressed = format != nil
    switch format {
    case nil: break
    case .zip:
      archive = try ZipArchive(
        byteCount: ceiling,
        read: { range throws(ConnectorError) in
          try file.read(
            at: range.lowerBound, count: min(range.upperBound, ceiling) - range.lowerBound)
        }, failure: { [unowned self] in broken($0) })
      isArchiveCut = archive == nil
      memberIndex = member
      if !(try openMember()) { isAtEnd = true }
    case let format?:
      stream = try DecompressionStream(
        format, memoryBytesMax: limits.bytesMax,
        source: { [unowned self] () throws(ConnectorError) in try nextPiece() },
        failure: { [unowned self] in broken($0) })
    }
  }

  /// What compresses the file; nil where nothing does.
  private static func format(_ file: any ReadableFile, _ ceiling: Int) throws(ConnectorError)
    -> StreamFormat?
  {
    var place = 0
    for _ in 0..<64 {
      let start = try file.read(at: place, count: min(StreamFormat.startBytes, ceiling - place))
      switch StreamFormat.find(start) {
      case nil: return place == 0 ? nil : .zstd
      case .format(let format): return format
      case .foreign(let name):
        throw ConnectorError(
          .malformed, "the file is packed by \(name), which cannot be read",
          remedy: "Pack it with gzip, zstd, bzip2, xz, lz4 or zip, or add it to 'exclude'.",
          place: file.path)
      // Both zstd and lz4 pass over such frames; the first other one tells.
      case .skippable(let count): place += count
      }
    }
    return .zstd
  }

  /// Whether a compressed file stops in the middle: it may still be written.
  var isCutShort: Bool { isArchiveCut || (archive == nil && stream?.isCutShort == true) }

  /// Whether the bytes read may not be all there will be: the file was cut since the plan.
  var isShorterThanPlanned: Bool { archive == nil && isAtEnd && position < ceiling }

  /// The name of the text that is read, where the file holds several.
  var memberName: String? {
    guard let members = archive?.members, members.indices.contains(memberIndex) else { return nil }
    return members[memberIndex].name
  }

  /// Moves to a place in the text.
  /// - Returns: the last bytes before it, at most 1 KiB, or nil where the text is shorter.
  func skip(to offset: Int) throws(ConnectorError) -> [UInt8]? {
    guard let first = stream else {
      guard offset <= ceiling, !isCompressed || offset == 0 else { return nil }
      let start = max(0, offset - ContentHash.bytesMax)
      let recent = try file.read(at: start, count: offset - start)
      position = offset
      return recent.count == offset - start ? recent : nil
    }
    var left = offset
    var recent: [UInt8] = []
    var stream = first
    while left > 0 {
      let (count, last) = try stream.skip(left, keeping: ContentHash.bytesMax)
      recent = Array((recent + last).suffix(ContentHash.bytesMax))
      left -= count
      if left == 0 { break }
      guard try nextText(), let next = self.stream else { return nil }
      stream = next
    }
    return recent
  }

  /// The bytes of `carry`, and behind them up to `count` of the text; none new only at its end.
  func read(_ carry: ArraySlice<UInt8>, _ count: Int, _ spare: Int) throws(ConnectorError)
    -> [UInt8]
  {
    if let stream {
      return try stream.read(after: carry, count: count, spare: spare)
    }
    let wanted = isCompressed ? 0 : min(count, ceiling - position)
    let bytes = try file.read(after: carry, at: position, count: wanted, spare: spare)
    position += bytes.count - carry.count
    isAtEnd = position == ceiling || bytes.count - carry.count < wanted
    return bytes
  }

  /// Goes on to the next text of the file; false behind the last.
  func nextText() throws(ConnectorError) -> Bool {
    guard archive != nil else { return false }
    memberIndex += 1
    return try openMember()
  }

  private func openMember() throws(ConnectorError) -> Bool {
    guard let members = archive?.members, members.indices.contains(memberIndex) else {
      stream = nil
      return false
    }
    let file = file
    let ceiling = ceiling
    stream = try ZipArchive.stream(
      of: members[memberIndex],
      read: { range throws(ConnectorError) in
        try file.read(
          at: range.lowerBound, count: min(range.upperBound, ceiling) - range.lowerBound)
      }, failure: { [unowned self] in broken($0) })
    return true
  }

  private func nextPiece() throws(ConnectorError) -> [UInt8] {
    let bytes = try file.read(at: position, count: min(pieceBytes, ceiling - position))
    position += bytes.count
    pieceBytes = min(pieceBytes * 4, Self.pieceBytesMax)
    if bytes.isEmpty { isAtEnd = true }
    return bytes
  }

  /// Decompresses all of it, and throws where it is damaged.
  func readThrough() throws(ConnectorError) {
    repeat {
      while try !read([], 1 << 20, 0).isEmpty {}
    } while try nextText()
  }

  private func broken(_ error: CompressionError) -> ConnectorError {
    let path = file.path
    isDamaged = [.corrupt, .sizeMismatch, .truncated].contains(error.kind)
    if error.kind == .tooLarge {
      return ConnectorError(
        .misconfigured, "the file takes more memory to decompress than there is for it",
        remedy: limits.remedy(needed: error.memoryNeeded), place: path, cause: error.finding)
    }
    if error.kind == .unsupported {
      return ConnectorError(
        .malformed, "the compressed file cannot be read",
        remedy: "Compress it anew with common settings, or add it to 'exclude'. Nothing more of it "
          + "is loaded.",
        place: path, cause: error.finding)
    }
    return ConnectorError(
      .malformed, "the compressed file is damaged",
      remedy: Self.damageRemedy, place: path, cause: error.finding)
  }

  static let damageRemedy =
    "Replace it by a whole copy, which is read as soon as it is there, or add it to 'exclude'; with "
    + "'on_damaged: skip' runs only warn of it. Nothing more of it is loaded until it changes."
}
