/// Which files rotation makes of which, by their names alone: `app.log` → `app.log.1`,
/// `app.log-20261121`, `app.log.2.gz`.
enum FileKinship {
  private static let compressedEndings = [".gz", ".zst", ".bz2", ".xz", ".lz4", ".Z"]

  /// The name without what rotation and compression append to it; folders are no part of it, as
  /// rotated files may move to one of their own.
  static func base(_ path: String) -> Substring {
    var name = path[...]
    if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
    if let ending = compressedEndings.first(where: { name.hasSuffix($0) }) {
      name = name.dropLast(ending.count)
    }
    // A number or date behind a separator, as long as a name is left.
    var stem = name
    while let last = stem.last, last.isASCII, last.isNumber || "-_:T".contains(last) {
      stem.removeLast()
    }
    let removed = name.dropFirst(stem.count)
    if stem.last == "." { stem.removeLast() }
    let hasDigits = removed.contains { $0.isNumber }
    let isSeparated = stem.count < name.count - removed.count || removed.first.map { "-_".contains($0) } ?? false
    return hasDigits && isSeparated && !stem.isEmpty ? stem : name
  }

  static func areKin(_ a: String, _ b: String) -> Bool { base(a) == base(b) }
}
