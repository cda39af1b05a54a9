internal import HTTPClient
public import Storage

/// Where a bucket answers.
public struct S3Endpoint: Hashable, Sendable {
  /// `https://host:port`, without `/` at its end; nil: AWS.
  public var custom: String?
  /// Whether the bucket is part of the path and not of the host's name.
  public var isPathStyle: Bool

  /// - Parameters:
  ///   - custom: the address of a store that is not AWS.
  ///   - isPathStyle: nil decides: path style for stores that are not AWS, and for buckets whose
  ///     dots no certificate covers.
  /// - Throws: `.invalid`.
  public init(custom: String?, isPathStyle: Bool?, bucket: String) throws(StorageError) {
    guard var custom, !custom.isEmpty else {
      self.custom = nil
      self.isPathStyle = isPathStyle ?? bucket.contains(".")
      return
    }
    while custom.hasSuffix("/") { custom.removeLast() }
    guard let address = HTTPAddress(custom), !address.hasCredentials, address.query == nil else {
      throw StorageError(
        .invalid, "the endpoint of S3 is not an address of http or https",
        remedy: "Write it as https://host:port.", place: Redactor(secrets: []).url(custom))
    }
    self.custom = custom
    self.isPathStyle = isPathStyle ?? true
  }

  /// The URL of an object, or of the bucket where there is no key.
  func url(region: String, bucket: String, key: String = "", query: [(name: String, value: String)])
    -> String
  {
    let encoded = PercentEncoding.encode(key, keeping: "/")
    let base = custom ?? "https://s3.\(region).\(AWSRegion.domain(region))"
    var url: String
    if isPathStyle {
      url = "\(base)/\(bucket)" + (key.isEmpty ? "" : "/\(encoded)")
    } else {
      let parts = base.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
      url = "\(parts[0])//\(bucket).\(parts[2])/\(encoded)"
    }
    if !query.isEmpty { url += "?" + PercentEncoding.query(query) }
    return url
  }

  var usesTLS: Bool { custom.map { SplitURL($0).scheme == "https" } ?? true }

  /// `host:port` and whether it is reached by TLS, for others who talk to the store.
  public var hostAndPort: (host: String, usesTLS: Bool)? {
    custom.map { custom in
      let url = SplitURL(custom)
      return (url.host + (url.path == "/" ? "" : url.path), usesTLS)
    }
  }
}
