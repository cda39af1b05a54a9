public import Storage

/// A place in S3: a bucket and a path in it.
public struct S3Location: Hashable, Sendable, CustomStringConvertible {
  public var bucket: String
  /// Without `/` at its ends; empty for the bucket as a whole.
  public var prefix: String

  /// Whether the text is meant as a place in S3, right or wrong.
  public static func isMeant(by text: String) -> Bool {
    text.hasPrefix("s3://") || text.hasPrefix("s3a://") || text.hasPrefix("s3n://")
  }

  /// Parses `s3://bucket/prefix`.
  /// - Throws: `.invalid`.
  public init(_ text: String) throws(StorageError) {
    guard text.hasPrefix("s3://") else {
      throw Self.problem(text, "a place in S3 is written s3://bucket/prefix")
    }
    let rest = text.dropFirst("s3://".count)
    bucket = String(rest.prefix { $0 != "/" })
    var path = rest.dropFirst(bucket.count)
    while path.first == "/" { path = path.dropFirst() }
    while path.last == "/" { path = path.dropLast() }
    prefix = String(path)
    guard Self.isValid(bucket: bucket) else {
      throw Self.problem(
        text,
        bucket.isEmpty
          ? "the bucket is missing" : "'\(bucket)' is no name of a bucket")
    }
    if !prefix.isEmpty { try ObjectKey.validate(prefix) }
  }

  /// 3 to 63 letters, digits, dots and hyphens: it becomes part of a host's name.
  private static func isValid(bucket: String) -> Bool {
    func isPlain(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
    guard (3...63).contains(bucket.utf8.count), let first = bucket.utf8.first,
      let last = bucket.utf8.last, isPlain(first), isPlain(last)
    else { return false }
    return bucket.utf8.allSatisfy { isPlain($0) || $0 == 0x2D || $0 == 0x2E }
      && !bucket.contains("..")
  }

  private static func problem(_ text: String, _ message: String) -> StorageError {
    StorageError(
      .invalid, message,
      remedy:
        "Write s3://bucket/prefix; buckets have 3 to 63 small letters, digits, dots and hyphens.",
      place: text)
  }

  public var description: String { "s3://\(bucket)" + (prefix.isEmpty ? "" : "/\(prefix)") }

  /// The whole key of an object of the store.
  func fullKey(_ key: String) -> String { prefix.isEmpty ? key : "\(prefix)/\(key)" }

  /// The store's key of an object; nil where it lies elsewhere.
  func key(of fullKey: String) -> String? {
    if prefix.isEmpty { return fullKey }
    guard fullKey.utf8.starts(with: "\(prefix)/".utf8) else { return nil }
    return String(fullKey.utf8.dropFirst(prefix.utf8.count + 1))
  }
}
