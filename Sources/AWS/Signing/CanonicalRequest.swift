internal import HTTPClient

/// A request in the one form that both sides hash (AWS Signature Version 4).
struct CanonicalRequest {
  /// How the path of the URL becomes the path that is signed.
  enum PathRule: Hashable, Sendable {
    /// As it is sent: S3, whose keys may hold empty names and dots.
    case asSent
    /// Normalised, and percent-encoded once more: every other service.
    case normalizedAndEncoded
  }

  let text: String
  /// `host;x-amz-date`.
  let signedHeaders: String

  /// - Parameters:
  ///   - url: absolute; what is percent-encoded stays so.
  ///   - headers: all that are to be signed, without `host`.
  ///   - payload: the hash of the body as it is named in the request.
  init(
    method: String, url: SplitURL, headers: [HTTPHeader], payload: String, pathRule: PathRule
  ) {
    let lines = Self.lines(headers + [HTTPHeader("host", url.host)])
    signedHeaders = lines.map(\.name).joined(separator: ";")
    let path =
      switch pathRule {
      case .asSent: url.path
      case .normalizedAndEncoded:
        PercentEncoding.encode(Self.normalized(url.path), keeping: "/")
      }
    text = [
      method, path, Self.query(url.query),
      lines.map { "\($0.name):\($0.value)\n" }.joined(), signedHeaders, payload,
    ].joined(separator: "\n")
  }

  /// Names in lower case and in order, values trimmed and their runs of spaces made one; headers
  /// of one name become one.
  private static func lines(_ headers: [HTTPHeader]) -> [(name: String, value: String)] {
    var order: [String] = []
    var values: [String: [String]] = [:]
    for header in headers {
      let name = header.name.lowercased()
      if values[name] == nil { order.append(name) }
      let words = header.value.split { $0 == " " || $0 == "\t" || $0.isNewline }
      values[name, default: []].append(words.joined(separator: " "))
    }
    return order.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map {
      ($0, values[$0, default: []].joined(separator: ","))
    }
  }

  /// Parameters by name and value, each percent-encoded in the one way that counts.
  private static func query(_ query: Substring) -> String {
    let parameters = query.split(separator: "&").map { parameter in
      let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = PercentEncoding.encode(PercentDecoding.decode(parts[0]))
      let value = parts.count > 1 ? PercentEncoding.encode(PercentDecoding.decode(parts[1])) : ""
      return (name: name, value: value)
    }
    return parameters.sorted { a, b in
      a.name == b.name
        ? a.value.utf8.lexicographicallyPrecedes(b.value.utf8)
        : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }

  /// Without `.`, `..` and empty names (RFC 3986, 5.2.4).
  private static func normalized(_ path: String) -> String {
    var names: [Substring] = []
    for name in path.split(separator: "/") where name != "." {
      if name == ".." { _ = names.popLast() } else { names.append(name) }
    }
    let isFolder = path.hasSuffix("/") || path.hasSuffix("/.") || path.hasSuffix("/..")
    return "/" + names.joined(separator: "/") + (isFolder && !names.isEmpty ? "/" : "")
  }
}

/// The parts of an absolute URL, each as it is written.
struct SplitURL {
  var scheme: String
  /// With the port where it is not the scheme's own: what the `Host` header says.
  var host: String
  /// Begins with `/`.
  var path: String
  var query: Substring

  init(_ url: String) {
    var rest = url[...]
    scheme = "https"
    if let end = rest.firstRange(of: "://") {
      scheme = rest[..<end.lowerBound].lowercased()
      rest = rest[end.upperBound...]
    }
    var authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    rest = rest[authority.endIndex...].prefix { $0 != "#" }
    if let at = authority.lastIndex(of: "@") {
      authority = authority[authority.index(after: at)...]
    }
    let ownPort = scheme == "http" ? ":80" : ":443"
    host = String(authority.hasSuffix(ownPort) ? authority.dropLast(ownPort.count) : authority)
    let path = rest.prefix { $0 != "?" }
    self.path = path.isEmpty ? "/" : String(path)
    query = rest[path.endIndex...].dropFirst()
  }
}

/// Undoes percent-encoding; what is not two hexadecimal digits after a `%` stays.
enum PercentDecoding {
  static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
    // Most texts have nothing to decode.
    if !text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) {
      return String(text)
    }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = Hashing.bytes(hex: String(decoding: rest.prefix(2), as: UTF8.self))
      {
        bytes += value
        rest = rest.dropFirst(2)
      } else {
        bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
