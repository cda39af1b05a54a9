internal import Base

/// Whether rotation is at work around a path, and what it may have taken before it was read.
struct Rotation {
  /// Whether the path is a log with rotated ones beside it, or one of those.
  let isAtWork: Bool
  /// Whether the name is the one that the log is written under.
  private let isWritten: Bool

  init(_ matching: GenerationMatching, _ path: String) {
    let base = FileKinship.base(path)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    isWritten = path == folder + base
    // Rotation gives its files another name; one of the same name in another folder is a log, or a
    // part of an export, by itself.
    isAtWork =
      isWritten
      ? matching.paths(ofBase: base).contains { !$0.hasSuffix("/" + base) && $0 != base }
      : matching.file(at: folder + base) != nil
  }

  /// What a person should know of a generation that is in no file any more: how far it was read,
  /// and what may have been lost. nil where it had been rotated when it was last read, after which
  /// nobody writes, or where nothing speaks of rotation: then somebody removed it.
  func loss(of generation: Generation) -> String? {
    guard isAtWork, isWritten else { return nil }
    let written = Instant(microseconds: generation.modified / 1000)
    return
      "\(generation.path) was rotated away, and is in none of the files: of the content that it had "
      + "at \(written), \(Units.describe(generation.lines, "line")) "
      + "(\(generation.offset) bytes) were read; what was written to it later is lost unless it "
      + "turns up again (run more often, or let rotation keep more files)"
  }
}
