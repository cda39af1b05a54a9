internal import Connector
internal import Kernels

/// Looks into a listed file to tell whose content it holds. Keeps what it found.
final class FileProbe {
  private let place: any FilePlace
  private let limits: DecoderLimits
  let file: ListedFile
  /// Kept where opening costs a request.
  private var opened: (any ReadableFile)?
  private var head: [UInt8]?
  private var answers: [ContentHash: Bool] = [:]
  /// Why the file cannot be read, where it cannot.
  private(set) var problem: ConnectorError?

  init(_ place: any FilePlace, _ file: ListedFile, _ limits: DecoderLimits) {
    self.place = place
    self.limits = limits
    self.file = file
  }

  /// Whether its first bytes were read.
  var hasLooked: Bool { head != nil }

  /// The first bytes of the text, at most 1 KiB; none where the file cannot be read.
  func start() -> [UInt8] {
    if let head { return head }
    let found = reading { content throws(ConnectorError) in try Self.start(of: content) } ?? []
    head = found
    return found
  }

  static func start(of content: FileContent) throws(ConnectorError) -> [UInt8] {
    var start: [UInt8] = []
    while start.count < ContentHash.bytesMax {
      let more = try content.read(start[...], ContentHash.bytesMax - start.count, 0)
      if more.count == start.count {
        guard try content.nextText() else { break }
      }
      start = more
    }
    return start
  }

  /// Whether the file begins with all that was read of a generation.
  func holds(_ generation: Generation) -> Bool {
    // The version says that it is the same content, whatever the key.
    if place.isRemote, file.identity == generation.identity, file.status.size == generation.size {
      return true
    }
    guard generation.offset > 0, hasStart(of: generation) else { return false }
    if let answer = answers[generation.anchor], generation.offset <= ContentHash.bytesMax {
      return answer
    }
    let recent = reading { content throws(ConnectorError) in
      try content.skip(to: generation.offset)
    }
    let answer = recent.flatMap { $0 }.map { ContentHash($0) == generation.anchor } ?? false
    answers[generation.anchor] = answer
    return answer
  }

  /// Whether the file's first bytes are those of the generation.
  func hasStart(of generation: Generation) -> Bool {
    let start = start()
    let count = generation.fingerprint.count
    return start.count >= count && ContentHash(start.prefix(count)) == generation.fingerprint
  }

  /// nil where the file is gone, is another by now, or is broken; where it may not be read,
  /// `problem` says so.
  private func reading<Result>(_ body: (FileContent) throws(ConnectorError) -> Result) -> Result? {
    do throws(ConnectorError) {
      guard let opened = try open() else { return nil }
      let size = try opened.status().size
      return try body(
        try FileContent(opened, ceiling: min(file.status.size, size), limits: limits))
    } catch {
      // What is broken shows when it is read.
      if error.kind != .malformed { problem = error }
      return nil
    }
  }

  private func open() throws(ConnectorError) -> (any ReadableFile)? {
    if let opened { return opened }
    let found = try place.open(file, for: .looking)
    if place.isRemote { opened = found }
    return found
  }
}
