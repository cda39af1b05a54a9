internal import Base
internal import Connector
internal import HTTPClient

/// By what a server knows the response that it gave last: it then says 304 where there is no other
/// (RFC 9110, 13.1). Only for endpoints that are read whole in one response.
///
///     {"etag": "…", "last_modified": "…", "config": "…"}     in the bookmark's state
struct Validators: Hashable, Sendable {
  private var etag: String?
  private var lastModified: String?
  /// Of the stream's config: the same response makes other rows under another one.
  private var config: String

  /// A validator is a few bytes; a larger one is not worth keeping.
  private static let bytesMax = 1024
  /// What was changed just before it was read may be changed again within the same second.
  private static let settledSeconds = 60.0

  /// What a response says of itself; nil where it says nothing that can be relied on.
  /// - Parameter redactor: knows the secrets, which no bookmark may hold.
  init?(_ head: HTTPHead, config: String, _ redactor: Redactor) {
    self.config = config
    func kept(_ name: String) -> String? {
      guard let value = head.header(name), !value.isEmpty, value.utf8.count <= Self.bytesMax,
        redactor.clean(value) == value
      else { return nil }
      return value
    }
    etag = kept("etag")
    if let text = kept("last-modified"), let modified = HTTPDate.parse(text), let date = head.date,
      date.seconds(since: modified) >= Self.settledSeconds
    {
      lastModified = text
    }
    if etag == nil && lastModified == nil { return nil }
  }

  /// What a bookmark holds; nil where it is none of this config's.
  init?(_ bookmark: Bookmark?, config: String) {
    guard let state = bookmark?.state, state["config"]?.string == config else { return nil }
    self.config = config
    etag = state["etag"]?.string
    lastModified = state["last_modified"]?.string
    if etag == nil && lastModified == nil { return nil }
  }

  var headers: [HTTPHeader] {
    [
      etag.map { HTTPHeader("If-None-Match", $0) },
      lastModified.map { HTTPHeader("If-Modified-Since", $0) },
    ].compactMap(\.self)
  }

  var state: JSONValue {
    [
      "etag": .init(etag), "last_modified": .init(lastModified), "config": .string(config),
    ]
  }
}
