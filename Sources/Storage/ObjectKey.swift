/// The rules for keys, and where data that are being staged belong.
///
///     raw/shop_orders/created_at_day=2026-11-21/x.parquet            a key
///     raw/shop_orders                                                its table's folder
///     raw/shop_orders/_staged/<owner>/created_at_day=2026-11-21/x.parquet
///
/// The table's folder is the first two names of a key of three or more, the first name of a key
/// of two, and the root for a single name. `_staged` belongs to the stores: no key may contain it.
public enum ObjectKey {
  /// The folder that staged data lie in.
  public static let stagedFolder = "_staged"
  /// What S3 allows.
  public static let byteCountMax = 1024
  /// What file systems allow.
  public static let nameByteCountMax = 255

  /// - Throws: `.invalid` where the key is not a plain relative path.
  public static func validate(_ key: String) throws(StorageError) {
    _ = try names(key, in: key)
  }

  /// - Throws: `.invalid` where the owner is not a single name.
  public static func validate(owner: String) throws(StorageError) {
    if owner.utf8.contains(UInt8(ascii: "/")) {
      throw invalid(owner, "an owner is one name, without '/'")
    }
    _ = try names(owner, in: owner)
  }

  /// Checks the start of a key; the last name may be cut off anywhere.
  /// - Throws: `.invalid`.
  public static func validate(prefix: String) throws(StorageError) {
    let (folder, name) = splitLast(prefix)
    if !folder.isEmpty { _ = try names(folder, in: prefix) }
    if prefix.utf8.first == UInt8(ascii: "/") {
      throw invalid(prefix, "a prefix does not begin with '/'")
    }
    if name.utf8.contains(0) { throw invalid(prefix, "a key holds no NUL character") }
  }

  /// Where the object lies while it is staged.
  /// - Precondition: key and owner are valid.
  static func stagedKey(_ key: String, owner: String) -> String {
    let folder = tableFolder(key)
    let rest = folder.isEmpty ? key : String(key.utf8.dropFirst(folder.utf8.count + 1)) ?? key
    return join(folder, "\(stagedFolder)/\(owner)/\(rest)")
  }

  static func tableFolder(_ key: String) -> String {
    let names = key.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 2).dropLast()
    return names.prefix(2).map { String($0) ?? "" }.joined(separator: "/")
  }

  /// `a/b/c` into `a/b` and `c`.
  static func splitLast(_ key: String) -> (folder: String, name: String) {
    guard let slash = key.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", key) }
    return (String(key[..<slash]), String(key[key.utf8.index(after: slash)...]))
  }

  static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : "\(folder)/\(name)"
  }

  private static func names(_ path: String, in key: String) throws(StorageError) -> Int {
    if path.isEmpty { throw invalid(key, "a key is not empty") }
    if path.utf8.count > byteCountMax {
      throw invalid(key, "a key of \(path.utf8.count) bytes; at most \(byteCountMax) are possible")
    }
    let names = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for name in names {
      if name.isEmpty { throw invalid(key, "a key has no empty names and no '/' at its ends") }
      if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) {
        throw invalid(key, "a key has no '.' and no '..' among its names")
      }
      if name.contains(0) { throw invalid(key, "a key holds no NUL character") }
      if name.count > nameByteCountMax {
        throw invalid(
          key, "a name of \(name.count) bytes; at most \(nameByteCountMax) are possible")
      }
      if name.elementsEqual(stagedFolder.utf8) {
        throw invalid(key, "'\(stagedFolder)' is reserved for data that are not yet committed")
      }
    }
    return names.count
  }

  static func invalid(_ place: String, _ message: String) -> StorageError {
    let shown = place.replacing("\0", with: "\\0")
    return StorageError(
      .invalid, message, remedy: "use a relative path of plain names joined by '/'",
      place: shown.utf8.count > 300 ? String(shown.prefix(100)) + "…" : shown)
  }
}

extension String {
  /// Whether `self` is before `other` byte by byte, as object stores order keys.
  func precedesBytewise(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

  func hasBytePrefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }
}
