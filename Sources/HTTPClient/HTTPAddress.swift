internal import CCurl

/// The parts of an absolute `http` or `https` URL, as libcurl itself takes them apart: what is
/// checked here is what is connected to.
public struct HTTPAddress: Hashable, Sendable {
  /// In lower case.
  public let scheme: String
  /// In lower case, IPv6 in brackets.
  public let host: String
  /// The scheme's own where the URL names none.
  public let port: Int
  /// Begins with `/`.
  public let path: String
  public let query: String?
  public let hasCredentials: Bool
  /// The whole URL, spaces and other characters that a URL may not have percent-encoded.
  public let text: String

  /// nil where the text is no such URL.
  public init?(_ text: String) { self.init([text]) }

  /// The URL that a reference in a document at `self` means; nil where it means none.
  public func resolving(_ reference: String) -> HTTPAddress? { HTTPAddress([text, reference]) }

  /// Scheme, host and port: who is trusted with the request's secrets.
  public var origin: String { "\(scheme)://\(host):\(port)" }

  /// The same path and query at the origin of another address.
  public func moved(toOriginOf other: HTTPAddress) -> HTTPAddress? {
    let rest = text.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" && $0 != "?" && $0 != "#" }
    return HTTPAddress("\(other.origin)\(rest)")
  }

  private init?(_ references: [String]) {
    guard let handle = curl_url() else { return nil }
    defer { curl_url_cleanup(handle) }
    let flags = UInt32(CURLU_URLENCODE)
    for reference in references {
      guard !reference.utf8.contains(0), reference.utf8.count <= 65_536,
        curl_url_set(handle, CURLUPART_URL, reference, flags) == CURLUE_OK
      else { return nil }
    }
    func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
      var value: UnsafeMutablePointer<CChar>?
      guard curl_url_get(handle, part, &value, UInt32(flags)) == CURLUE_OK, let value else {
        return nil
      }
      defer { curl_free(value) }
      return String(cString: value)
    }
    guard let scheme = part(CURLUPART_SCHEME)?.lowercased(), scheme == "http" || scheme == "https",
      let host = part(CURLUPART_HOST)?.lowercased(), !host.isEmpty,
      let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }),
      let text = part(CURLUPART_URL)
    else { return nil }
    self.scheme = scheme
    self.host = host
    self.port = port
    path = part(CURLUPART_PATH) ?? "/"
    query = part(CURLUPART_QUERY)
    hasCredentials = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
    self.text = text
  }
}
