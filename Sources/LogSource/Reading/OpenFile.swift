internal import Base
internal import Connector
internal import Formats
internal import Kernels

/// A file while its new lines are read.
///
/// Files may be renamed, cut and written at any time. What was read counts only where the file is
/// still the planned one and its bytes are still there when it ends: otherwise it is left to the
/// next run, or, when rows of it have gone out already, the split is given up and read anew.
final class OpenFile {
  let task: FileTask
  let path: String
  private let session: LogSession
  private let blockBytes: Int
  /// nil where the file is no longer the planned one.
  private var opened: Opened?
  private var isTailTaken = false
  /// Bytes that must still be there at the end, each before its offset: those before the first
  /// read, and those of the first block. A file that was cut and grew again has others there.
  private var checkpoints: [(offset: Int, bytes: [UInt8])] = []
  /// The file's first bytes, where they were kept.
  private var start: [UInt8]?
  private var isFoundDamaged = false

  private struct Opened {
    let file: any ReadableFile
    let content: FileContent
    /// Of the text that is read: of an archive, its member.
    var splitter: LineSplitter<ConnectorError>
    /// What the texts before it came to.
    var offset: Int
    var lines: Int
  }

  init(_ task: FileTask, _ session: LogSession, blockBytes: Int) throws(ConnectorError) {
    self.task = task
    self.session = session
    path = session.place.root + task.file.path
    self.blockBytes = blockBytes
    opened = try Self.open(task, session, blockBytes)
    if let opened {
      checkpoints = [(task.offset, opened.splitter.recent)]
    } else {
      session.context.notify(
        "\(task.file.path) changed since the run was planned; the next run reads it")
    }
  }

  private static func open(
    _ task: FileTask, _ session: LogSession, _ blockBytes: Int
  ) throws(ConnectorError) -> Opened? {
    guard let file = try session.place.open(task.file, for: .reading(from: task.offset)),
      try file.status().size >= task.file.status.size
    else { return nil }
    let content = try FileContent(
      file, ceiling: task.file.status.size, limits: session.decoderLimits)
    guard let recent = try content.skip(to: task.offset),
      task.known.map({ ContentHash(recent) == $0.anchor }) ?? true
    else { return nil }
    let lines = task.known?.lines ?? 0
    let isMember = content.memberName != nil
    let splitter = splitter(
      content, firstLine: isMember ? 1 : lines + 1, recent: recent,
      isAtStart: task.offset == 0, session, blockBytes)
    return Opened(
      file: file, content: content, splitter: splitter, offset: task.offset,
      lines: isMember ? lines : 0)
  }

  private static func splitter(
    _ content: FileContent, firstLine: Int, recent: [UInt8], isAtStart: Bool,
    _ session: LogSession, _ blockBytes: Int
  ) -> LineSplitter<ConnectorError> {
    LineSplitter<ConnectorError>(
      firstLine: firstLine, recent: recent, isAtStart: isAtStart, blockBytes: blockBytes,
      lineBytesMax: session.settings.lineBytesMax, framing: session.settings.framing
    ) { carry, count, spare throws(ConnectorError) in
      try content.read(carry, count, spare)
    }
  }

  /// Whether reading failed because of the file's bytes.
  var isDamaged: Bool { isFoundDamaged || opened?.content.isDamaged == true }

  /// Reads all of a compressed file beforehand.
  /// - Throws: what reading it would.
  func verify() throws(ConnectorError) {
    guard let opened, opened.content.isCompressed else { return }
    let content = try FileContent(
      opened.file, ceiling: task.file.status.size, limits: session.decoderLimits)
    defer { isFoundDamaged = content.isDamaged }
    try content.readThrough()
  }

  /// The number of the line that comes next.
  var nextLine: Int { opened?.splitter.line ?? 1 }

  /// The path under which lines are known: of a member of an archive, with its name.
  var textPath: String {
    opened?.content.memberName.map { "\(task.file.path)/\($0)" } ?? task.file.path
  }

  /// Goes on to the next text of the file, once the one before is through; false behind the last.
  func nextText() throws(ConnectorError) -> Bool {
    guard var opened, try opened.content.nextText() else { return false }
    opened.offset += opened.splitter.consumedCount
    opened.lines += opened.splitter.line - 1
    opened.splitter = Self.splitter(
      opened.content, firstLine: 1, recent: opened.splitter.recent, isAtStart: true, session,
      blockBytes)
    self.opened = opened
    isTailTaken = false
    return true
  }

  /// Which part of the file is read, 0…1.
  var share: Double {
    guard let opened, task.file.status.size > 0 else { return 1 }
    return min(1, Double(opened.content.position) / Double(task.file.status.size))
  }

  /// What the parser is told before the first block.
  func text() throws(ConnectorError) -> TextFile {
    var text = TextFile(
      path: textPath,
      modified: Instant(microseconds: task.file.status.modified / 1000),
      isAtStart: task.offset == 0, state: task.known?.parserState)
    if opened?.content.memberName != nil {
      // Archives are read on behind whole members.
      text.isAtStart = true
      text.state = nil
    }
    if let opened, session.settings.format.needsHead {
      let content = try FileContent(
        opened.file, ceiling: task.file.status.size, member: opened.content.memberIndex,
        limits: session.decoderLimits)
      while text.head.count < TextFile.headBytesMax {
        let more = try content.read(text.head[...], TextFile.headBytesMax - text.head.count, 0)
        if more.count == text.head.count { break }
        text.head = more
      }
    }
    return text
  }

  /// The next lines; nil at the ceiling, when a last line without newline has come too, where
  /// nobody will write on it.
  func next() throws(ConnectorError) -> LineSplitter<ConnectorError>.Piece? {
    guard let opened, !isTailTaken else { return nil }
    var piece = try opened.splitter.next()
    if piece == nil { piece = try takeTail(opened) }
    if checkpoints.count == 1 {
      keepStart(piece)
      addCheckpoint(opened)
    }
    return piece
  }

  private func addCheckpoint(_ opened: Opened) {
    let offset = opened.offset + opened.splitter.consumedCount
    if checkpoints.last?.offset == offset { return }
    checkpoints.append((offset, opened.splitter.recent))
  }

  /// Keeps the first bytes of a file that is read from its start, for its fingerprint.
  private func keepStart(_ piece: LineSplitter<ConnectorError>.Piece?) {
    guard task.offset == 0, let opened, case .block(let block) = piece,
      // Neither zeros nor a byte order mark were taken away.
      opened.splitter.consumedCount == block.count, block.bytes.first != 0
    else { return }
    start = Array(block.bytes[..<min(block.count, ContentHash.bytesMax)])
  }

  private func takeTail(_ opened: Opened) throws(ConnectorError)
    -> LineSplitter<ConnectorError>.Piece?
  {
    guard opened.splitter.hasTail else { return nil }
    let isWhole =
      opened.content.isCompressed ? !opened.content.isCutShort : task.isClosed
    guard isWhole, try opened.file.status().size == task.file.status.size else { return nil }
    isTailTaken = true
    return opened.splitter.takeTail()
  }

  /// What is known of the generation now; nil where nothing was read.
  /// - Throws: `.interrupted` where the bytes read are no longer there: what went out may be torn.
  /// - Parameter parserState: what the parser needs to go on behind what it was given.
  func finish(_ parserState: JSONValue?) throws(ConnectorError) -> Generation? {
    guard let opened else {
      try checkReplacement()
      return nil
    }
    let offset = opened.offset + opened.splitter.consumedCount
    let hasRead = offset > task.offset
    let status = try opened.file.status()
    if status.size < task.file.status.size || opened.content.isShorterThanPlanned
      || !isStillThere(opened)
    {
      if !hasRead {
        try checkReplacement()
        return nil
      }
      throw ConnectorError(
        .interrupted, "the file was cut or written anew while it was read",
        remedy: "Run again; nothing of this commit was kept.", place: path)
    }
    if opened.content.isCutShort {
      session.context.notify(
        "\(task.file.path) ends in the middle of its compressed data; the rest is read when it "
          + "has come")
    }
    if offset == 0 { return nil }
    var generation = Generation(
      path: task.file.path, identity: task.file.identity,
      isCompressed: !opened.content.isStoredAsRead, size: 0, modified: 0, changed: 0, born: 0,
      fingerprint: try fingerprint(offset, opened.file),
      anchor: ContentHash(opened.splitter.recent), offset: offset,
      lines: opened.lines + opened.splitter.line - 1, status: .open, parserState: parserState)
    generation.hasTail =
      opened.splitter.hasTail && !isTailTaken && !opened.content.isCompressed
      && !opened.content.isStoredAsRead
    // As planned, not as now: what was written since has not been looked at.
    generation.saw(task.file.status)
    generation.versionID = opened.file.versionID
    return generation
  }

  /// Old rows must not go where what comes in their place could not be read.
  private func checkReplacement() throws(ConnectorError) {
    guard task.replaced != nil else { return }
    throw ConnectorError(
      .interrupted, "the overwritten file changed once more since the run was planned",
      remedy: "Run again; nothing of this commit was kept.", place: path)
  }

  private func isStillThere(_ opened: Opened) -> Bool {
    if opened.content.isCompressed || opened.file.isOneVersion { return true }
    if !opened.content.isStoredAsRead { return opened.content.isStillThere }
    addCheckpoint(opened)
    return checkpoints.allSatisfy { offset, bytes in
      (try? opened.file.read(at: offset - bytes.count, count: bytes.count)) == bytes
    }
  }

  private func fingerprint(_ offset: Int, _ file: any ReadableFile) throws(ConnectorError)
    -> ContentHash
  {
    if let known = task.known, known.fingerprint.count == min(offset, ContentHash.bytesMax) {
      return known.fingerprint
    }
    if let start, start.count == min(offset, ContentHash.bytesMax) { return ContentHash(start) }
    let content = try FileContent(
      file, ceiling: task.file.status.size, limits: session.decoderLimits)
    return ContentHash(try FileProbe.start(of: content).prefix(offset))
  }
}
