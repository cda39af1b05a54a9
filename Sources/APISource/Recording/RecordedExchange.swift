internal import Base
internal import HTTPClient

/// One attempt as a file holds it, readable and without secrets.
///
///     GET https://api.example.com/contacts?page=2
///     Accept: application/json
///     Authorization: •••
///
///     HTTP 200
///     Date: Sat, 21 Nov 2026 07:00:00 GMT
///     Content-Type: application/json
///
///     {"data": [ …
///
/// A request with a body has a `Content-Length`, and the body behind its headers. Where there was
/// no response, `ERROR timeout` stands for the status, and the message for the body.
struct RecordedExchange {
  var request: RecordedRequest
  var outcome: Result<HTTPResponse, HTTPError>

  /// Where the response came from after redirects, as a header of the file's own.
  private static let locationName = "Recorded-Location"
  /// Of the bytes as they came over the wire, or for one time only.
  private static let leftOut: Set<String> = [
    "content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive",
    "set-cookie", "authorization", "proxy-authenticate", "alt-svc",
  ]

  /// The file's bytes.
  static func bytes(
    _ request: RecordedRequest, _ outcome: Result<HTTPResponse, HTTPError>, _ redactor: Redactor
  ) -> [UInt8] {
    var bytes = request.bytes
    switch outcome {
    case .success(let response):
      var head = "HTTP \(response.status)\n"
      for header in response.head.headers where !leftOut.contains(header.name.lowercased()) {
        head += "\(header.name): \(RecordedRequest.oneLine(redactor.clean(header.value)))\n"
      }
      let location = RecordedRequest.url(response.head.url, redactor)
      if location != request.url { head += "\(locationName): \(location)\n" }
      bytes += Array((head + "\n").utf8) + redactor.clean(response.body)
    case .failure(let error):
      let text = "ERROR \(error.kind.rawValue)\n\n\(redactor.clean(error.message))\n"
      bytes += Array(text.utf8)
    }
    return bytes
  }

  /// - Throws: what is wrong with the file, in words.
  init(parsing bytes: [UInt8]) throws(RecordingProblem) {
    var lines = LineCursor(bytes)
    request = try RecordedRequest(&lines)
    let status = lines.next() ?? ""
    let words = status.split(separator: " ", maxSplits: 1)
    let headers = lines.headers()
    let body = lines.rest
    switch words.first {
    case "HTTP":
      guard let number = words.last.flatMap({ Int($0.prefix { $0.isNumber }) }),
        (200...599).contains(number)
      else { throw RecordingProblem("'\(status.prefix(40))' is no status such as 'HTTP 200'") }
      let url = headers.first(Self.locationName) ?? request.url
      let kept = headers.filter { $0.name != Self.locationName }
      outcome = .success(
        HTTPResponse(head: HTTPHead(status: number, headers: kept, url: url), body: Array(body)))
    case "ERROR":
      guard let kind = words.last.flatMap({ HTTPError.Kind(rawValue: String($0)) }) else {
        throw RecordingProblem("'\(status.prefix(40))' is no error such as 'ERROR timeout'")
      }
      let text = String(decoding: body, as: UTF8.self)
      let message = String(text.reversed().drop { $0.isNewline }.reversed())
      outcome = .failure(
        HTTPError(
          kind, message, place: "\(request.method) \(Redactor(secrets: []).url(request.url))"))
    default:
      throw RecordingProblem(
        "'\(status.prefix(40))' stands where 'HTTP 200' or 'ERROR timeout' was expected")
    }
  }
}

/// A request as recordings know it again.
struct RecordedRequest: Hashable {
  var method: String
  /// Without secrets.
  var url: String
  /// Those that the config or the way of paging chose, in the order of their names.
  var headers: [HTTPHeader]
  var body: [UInt8]

  init(_ request: HTTPRequest, _ redactor: Redactor) {
    method = request.method.name
    url = Self.url(request.url, redactor)
    headers = request.headers.map { header in
      HTTPHeader(
        header.name,
        header.isSensitive ? Redactor.mask : Self.oneLine(redactor.clean(header.value)),
        isSensitive: false)
    }.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
    body = redactor.clean(request.body?.segments.flatMap(\.self) ?? [])
  }

  init(_ lines: inout LineCursor) throws(RecordingProblem) {
    let line = lines.next() ?? ""
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard words.count == 2, words[1].contains("://") else {
      throw RecordingProblem("'\(line.prefix(40))' is no request such as 'GET https://…'")
    }
    (method, url) = (words[0], words[1])
    headers = lines.headers().map { HTTPHeader($0.name, $0.value, isSensitive: false) }
    let length = headers.first(Self.lengthName).flatMap { Int($0) } ?? 0
    headers.removeAll { $0.name == Self.lengthName }
    guard let bytes = lines.take(length) else {
      throw RecordingProblem("the request's body is shorter than its \(Self.lengthName)")
    }
    body = Array(bytes)
    if length > 0 { _ = lines.next() }
  }

  private static let lengthName = "Content-Length"

  var bytes: [UInt8] {
    var text = "\(method) \(url)\n"
    for header in headers { text += "\(header.name): \(header.value)\n" }
    if body.isEmpty { return Array((text + "\n").utf8) }
    return Array((text + "\(Self.lengthName): \(body.count)\n\n").utf8) + body + [0x0A]
  }

  /// What is the same of equal requests.
  var key: Hash128 { Hash128(bytes[...]) }

  /// The whole URL without what is secret. By name only what is never a cursor.
  static func url(_ url: String, _ redactor: Redactor) -> String {
    let parts = redactor.clean(url).split(
      separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return String(parts.first ?? "") }
    let query = parts[1].split(separator: "&", omittingEmptySubsequences: false).map { parameter in
      guard let equals = parameter.firstIndex(of: "="),
        secretNames.contains(parameter[..<equals].lowercased())
      else { return String(parameter) }
      return parameter[...equals] + Redactor.mask
    }
    // The mask as it comes back where a server's URL held it.
    return (parts[0] + "?" + query.joined(separator: "&"))
      .replacing(PercentEncoding.encode(Redactor.mask), with: Redactor.mask)
  }

  private static let secretNames: Set<String> = [
    "api_key", "api-key", "apikey", "access_token", "auth_token", "client_secret", "password",
    "secret", "signature", "sig",
  ]

  static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}

/// What is wrong with a file of a recording.
struct RecordingProblem: Error {
  var message: String
  init(_ message: String) { self.message = message }
}

/// Reads a file's lines, and then its rest.
struct LineCursor {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// The next line without its end; nil at the end.
  mutating func next() -> String? {
    if rest.isEmpty { return nil }
    let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
    let line = rest[..<end]
    rest = rest[end...].dropFirst()
    return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
  }

  /// Lines up to an empty one.
  mutating func headers() -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    while let line = next(), !line.isEmpty {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      headers.append(HTTPHeader(String(line[..<colon]), String(value)))
    }
    return headers
  }

  /// So many bytes; nil where there are fewer.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
