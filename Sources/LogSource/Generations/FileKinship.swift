/// Which files rotation makes of which, by their names alone: `app.log` → `app.log.1`,
/// `app.log-20261121`, `app.log.2.gz`.
enum FileKinship {
  static let compressedEndings = [
    ".gz", ".zst", ".bz2", ".xz", ".lz4", ".lzma", ".zip", ".Z",
  ]

  /// Whether the name says that the file is compressed; what it really is its content says.
  static func isCompressed(_ path: String) -> Bool {
    compressedEndings.contains { path.utf8.count > $0.utf8.count && path.hasSuffix($0) }
  }

  /// The name without what rotation and compression append to it; folders are no part of it, as
  /// rotated files may move to one of their own.
  static func base(_ path: String) -> String {
    var name = Array(path.utf8)[...]
    if let slash = name.lastIndex(of: UInt8(ascii: "/")) { name = name[(slash + 1)...] }
    for ending in compressedEndings where name.count > ending.utf8.count {
      if name.suffix(ending.utf8.count).elementsEqual(ending.utf8) {
        name = name.dropLast(ending.utf8.count)
        break
      }
    }
    return String(decoding: withoutNumber(name), as: UTF8.self)
  }

  /// The name without a number or date behind a dot, hyphen or underscore, as long as some name
  /// is left.
  private static func withoutNumber(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var stem = name
    var digits = 0
    while let last = stem.last, (0x30...0x39).contains(last) || "-_:T".utf8.contains(last) {
      if last <= 0x39, last >= 0x30 { digits += 1 }
      stem.removeLast()
    }
    guard digits > 0, !stem.isEmpty else { return name }
    if stem.last == UInt8(ascii: ".") {
      stem.removeLast()
    } else if let first = name[stem.endIndex...].first, !"-_".utf8.contains(first) {
      return name
    }
    return stem.isEmpty ? name : stem
  }

  static func areKin(_ a: String, _ b: String) -> Bool { base(a) == base(b) }
}
