internal import Compression
internal import Connector
internal import Kernels

/// The text of a file, decompressed, read once from some place on.
///
/// What compresses a file is told by its first bytes, not by its name. An archive holds several
/// texts, one a member; a place in it counts the bytes of all of them, in their order. Text in UTF-16
/// is UTF-8 from here on, and places count the bytes of that.
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
  private var encoding = Encoding.unknown
  /// The first bytes of a decompressed text, until it is read.
  private var head: [UInt8] = []
  /// Characters of UTF-16 that are not yet read.
  private var decoded: ArraySlice<UInt8> = []
  /// Bytes of an uncompressed file in UTF-16 that were read: the first ones, and the last ones.
  private var storedStart: [UInt8] = []
  private var storedRecent: [UInt8] = []
  /// The member that is read.
  private(set) var memberIndex = 0
  private var isArchiveCut = false
  /// Whether all up to the ceiling was read.
  private(set) var isAtEnd = false
  /// Whether reading failed because the file's bytes are not what they should be.
  private(set) var isDamaged = false
  /// How much of a compressed file is read next: little where only its start is wanted.
  private var pieceBytes = 1 << 14

  private enum Encoding {
    case unknown, bytes
    case utf16(UTF16Text)
  }

  private static let pieceBytesMax = 1 << 18

  /// - Parameter member: of an archive, the number of the one to begin with.
  /// - Throws: `.malformed` where the file is of a kind that cannot be read.
  init(_ file: any ReadableFile, ceiling: Int, member: Int = 0, limits: DecoderLimits)
    throws(ConnectorError)
  {
    self.file = file
    self.ceiling = ceiling
    self.limits = limits
    let (format, start) = try Self.format(file, ceiling)
    isCompressed = format != nil
    switch format {
    case nil: encoding = Self.encoding(start[...])
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

  /// What compresses the file, nil where nothing does; and its first bytes.
  private static func format(_ file: any ReadableFile, _ ceiling: Int) throws(ConnectorError)
    -> (StreamFormat?, start: [UInt8])
  {
    var place = 0
    for _ in 0..<64 {
      let start = try file.read(at: place, count: min(StreamFormat.startBytes, ceiling - place))
      switch StreamFormat.find(start) {
      case nil: return (place == 0 ? nil : .zstd, start)
      case .format(let format): return (format, start)
      case .foreign(let name):
        throw ConnectorError(
          .malformed, "the file is packed by \(name), which cannot be read",
          remedy: "Pack it with gzip, zstd, bzip2, xz, lz4 or zip, or add it to 'exclude'.",
          place: file.path)
      // Both zstd and lz4 pass over such frames; the first other one tells.
      case .skippable(let count): place += count
      }
    }
    return (.zstd, [])
  }

  private static func encoding(_ start: ArraySlice<UInt8>) -> Encoding {
    UTF16Text(start: start.prefix(4)).map(Encoding.utf16) ?? .bytes
  }

  /// Whether places in the text are places in the file too.
  var isStoredAsRead: Bool {
    if case .utf16 = encoding { return false }
    return !isCompressed
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
    if offset > 0 { try begin() }
    if case .utf16 = encoding { return try skipDecoded(offset) }
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
      if !head.isEmpty {
        let taken = head.prefix(left)
        recent += taken
        head.removeFirst(taken.count)
        left -= taken.count
        if left == 0 { break }
      }
      let (count, last) = try stream.skip(left, keeping: ContentHash.bytesMax)
      recent = Array((recent + last).suffix(ContentHash.bytesMax))
      left -= count
      if left == 0 { break }
      guard try nextText(), let next = self.stream else { return nil }
      try begin()
      if case .utf16 = encoding {
        return try skipDecoded(left).map { Array((recent + $0).suffix(ContentHash.bytesMax)) }
      }
      stream = next
    }
    return recent
  }

  /// The same, for what must be read to know where it is.
  private func skipDecoded(_ offset: Int) throws(ConnectorError) -> [UInt8]? {
    var left = offset
    var recent: [UInt8] = []
    while left > 0 {
      let piece = try read([], min(left, Self.pieceBytesMax), 0)
      if piece.isEmpty {
        guard try nextText() else { return nil }
        continue
      }
      recent = Array((recent + piece).suffix(ContentHash.bytesMax))
      left -= piece.count
    }
    return recent
  }

  /// Looks at the first bytes of a text, where it has not yet been begun.
  private func begin() throws(ConnectorError) {
    guard case .unknown = encoding, let stream else { return }
    head = try stream.read(after: [], count: 4, spare: 0)
    encoding = Self.encoding(head[...])
  }

  /// The bytes of `carry`, and behind them up to `count` of the text; none new only at its end.
  func read(_ carry: ArraySlice<UInt8>, _ count: Int, _ spare: Int) throws(ConnectorError)
    -> [UInt8]
  {
    try begin()
    guard case .utf16(var text) = encoding else {
      return try readStored(carry, count, spare)
    }
    var output: [UInt8] = []
    output.reserveCapacity(carry.count + count + spare)
    output += carry
    while output.count - carry.count < count {
      if decoded.isEmpty {
        let piece = try readStored([], min(max(count, 4), Self.pieceBytesMax), 0)
        if piece.isEmpty { break }
        if !isCompressed { keep(piece) }
        var characters: [UInt8] = []
        text.decode(piece, into: &characters)
        decoded = characters[...]
        encoding = .utf16(text)
      }
      let taken = decoded.prefix(count - (output.count - carry.count))
      output += taken
      decoded = decoded.dropFirst(taken.count)
    }
    return output
  }

  private func keep(_ piece: [UInt8]) {
    storedStart += piece.prefix(ContentHash.bytesMax - storedStart.count)
    storedRecent = Array((storedRecent + piece).suffix(ContentHash.bytesMax))
  }

  /// Whether what was read of a file in UTF-16 is still there.
  var isStillThere: Bool {
    let place = position - storedRecent.count
    return (try? file.read(at: 0, count: storedStart.count)) == storedStart
      && (try? file.read(at: place, count: storedRecent.count)) == storedRecent
  }

  private func readStored(_ carry: ArraySlice<UInt8>, _ count: Int, _ spare: Int)
    throws(ConnectorError) -> [UInt8]
  {
    if let stream {
      if head.isEmpty { return try stream.read(after: carry, count: count, spare: spare) }
      let begun = carry + head
      head = []
      return try stream.read(
        after: begun, count: max(0, count - (begun.count - carry.count)), spare: spare)
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
    (encoding, head, decoded) = (.unknown, [], [])
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
