internal import Base
internal import CCurl

/// One attempt at a request, redirects included, on a libcurl handle. Only the loop's thread
/// touches it after it was started.
final class Transfer: @unchecked Sendable {
  /// Where the body goes.
  enum Sink {
    case collect
    case stream(ResponseBuffer)
  }

  typealias Completion = @Sendable (Result<HTTPResponse, HTTPError>) -> Void

  /// What is being asked now: after a redirect, not what the caller asked.
  private(set) var request: HTTPRequest
  let redactor: Redactor
  private let sink: Sink
  let settings: HTTPSession.Settings
  private var completion: Completion?

  /// Set while the transfer runs.
  private(set) var easy: UnsafeMutableRawPointer?
  var headerList: UnsafeMutablePointer<curl_slist>?
  let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  private var status = 0
  private var headers: [HTTPHeader] = []
  private var headerBytes = 0
  private var isHeadComplete = false
  private var body: [UInt8] = []
  /// What a callback found wrong; libcurl's own code then only says that a callback gave up.
  private var failure: HTTPError?
  private var redirectsFollowed = 0
  private var segment = 0
  private var segmentOffset = 0

  init(
    _ request: HTTPRequest, sink: Sink, settings: HTTPSession.Settings,
    completion: @escaping Completion
  ) {
    self.request = request
    self.sink = sink
    self.settings = settings
    self.completion = completion
    redactor = request.redactor
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    release()
    errorText.deallocate()
  }

  /// Makes the handle, ready to run.
  func prepare() throws(HTTPError) -> UnsafeMutableRawPointer {
    if let problem = request.headers.lazy.compactMap(\.problem).first {
      throw error(.invalidRequest, problem)
    }
    guard HTTPAddress(request.url) != nil else {
      throw error(
        .invalidRequest, "the URL is not one of http or https",
        remedy: "Write a whole URL such as https://api.example.com/v1.")
    }
    guard let easy = easy ?? curl_easy_init() else {
      throw error(.closed, "libcurl has no memory for a handle")
    }
    self.easy = easy
    reset()
    configure(easy)
    return easy
  }

  private func reset() {
    status = 0
    headers = []
    headerBytes = 0
    isHeadComplete = false
    body = []
    segment = 0
    segmentOffset = 0
    errorText[0] = 0
    if let easy { curl_easy_reset(easy) }
    curl_slist_free_all(headerList)
    headerList = nil
  }

  private func release() {
    if let easy { curl_easy_cleanup(easy) }
    easy = nil
    curl_slist_free_all(headerList)
    headerList = nil
  }

  /// Hands the outcome over, once, and lets go of the handle.
  func finish(_ result: Result<HTTPResponse, HTTPError>) {
    release()
    guard let completion else { return }
    self.completion = nil
    if case .stream(let buffer) = sink { buffer.finish(result.map(\.head)) }
    completion(result)
  }

  func error(_ kind: HTTPError.Kind, _ message: String, remedy: String? = nil) -> HTTPError {
    HTTPError(
      kind, redactor.clean(message), remedy: remedy,
      place: "\(request.method) \(redactor.url(request.url))", status: status == 0 ? nil : status)
  }

  // MARK: What libcurl calls

  /// One header line, or the empty line after them. Informational responses, redirects and
  /// proxies come as heads of their own, each beginning with a status line.
  func receive(headerLine line: UnsafeRawBufferPointer) -> Bool {
    headerBytes += line.count
    guard headerBytes <= 256 << 10 else {
      failure = error(.malformed, "the response's headers take more than 256 KiB")
      return false
    }
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      headers = []
      let words = text.split(separator: " ", maxSplits: 2)
      status = words.count > 1 ? Int(words[1].prefix { $0.isNumber }) ?? 0 : 0
    } else if text.allSatisfy(\.isNewline) {
      if status >= 200 && !isRedirect {
        isHeadComplete = true
        if case .stream(let buffer) = sink { buffer.begin(head) }
      }
    } else if let colon = text.firstIndex(of: ":") {
      let value = text[text.index(after: colon)...].filter { !$0.isNewline }
      headers.append(HTTPHeader(text[..<colon].trimmingSpaces, value.trimmingSpaces))
    }
    return true
  }

  enum Receipt { case taken, pause, fail }

  func receive(body bytes: UnsafeRawBufferPointer) -> Receipt {
    if isRedirect { return .taken }
    switch sink {
    case .stream(let buffer): return buffer.offer(bytes) ? .taken : .pause
    case .collect:
      if body.isEmpty { body.reserveCapacity(min(announcedBytes, request.responseBytesMax)) }
      guard max(announcedBytes, body.count + bytes.count) <= request.responseBytesMax else {
        failure = error(
          .tooLarge,
          "the response has more than \(Units.describe(bytes: request.responseBytesMax))")
        return .fail
      }
      body.append(contentsOf: bytes)
      return .taken
    }
  }

  /// What `Content-Length` says, before decompression; 0 where it says nothing.
  private var announcedBytes: Int {
    var length: curl_off_t = 0
    guard let easy,
      ccurl_get_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK
    else { return 0 }
    return max(0, Int(length))
  }

  /// Fills the buffer from the request's body.
  func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var filled = 0
    let segments = request.body?.segments ?? []
    while filled < buffer.count, segment < segments.count {
      let rest = segments[segment].dropFirst(segmentOffset)
      let count = min(rest.count, buffer.count - filled)
      rest.prefix(count).withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[..<count]))
      }
      filled += count
      segmentOffset += count
      if count == rest.count {
        segment += 1
        segmentOffset = 0
      }
    }
    return filled
  }

  /// Goes to another place of the request's body, to send it again.
  func seek(to offset: Int) -> Bool {
    var left = offset
    let segments = request.body?.segments ?? []
    for index in segments.indices {
      if left < segments[index].count {
        segment = index
        segmentOffset = left
        return left >= 0
      }
      left -= segments[index].count
    }
    segment = segments.count
    segmentOffset = 0
    return left == 0
  }

  // MARK: The end of a transfer

  private var head: HTTPHead { HTTPHead(status: status, headers: headers, url: request.url) }

  private var isRedirect: Bool {
    request.redirectsMax > 0 && [301, 302, 303, 307, 308].contains(status)
      && headers.first("location") != nil
  }

  enum Outcome {
    case result(Result<HTTPResponse, HTTPError>)
    /// The request is now for another address: run it again.
    case again
  }

  func outcome(of code: CURLcode) -> Outcome {
    if let failure { return .result(.failure(failure)) }
    guard code == CURLE_OK else { return .result(.failure(failure(of: code))) }
    guard isRedirect else {
      // A status of an unknown kind or none: what came was no answer.
      guard isHeadComplete, (200...599).contains(status) else {
        return .result(.failure(error(.malformed, "the server's answer has no valid status line")))
      }
      return .result(.success(HTTPResponse(head: head, body: body)))
    }
    do throws(HTTPError) {
      try follow()
      return .again
    } catch {
      return .result(.failure(error))
    }
  }

  private func follow() throws(HTTPError) {
    guard redirectsFollowed < request.redirectsMax else {
      throw error(.redirect, "more than \(request.redirectsMax) redirects")
    }
    guard let here = HTTPAddress(request.url),
      let target = headers.first("location").flatMap(here.resolving)
    else {
      throw error(.redirect, "a redirect to an address that is not one of http or https")
    }
    guard here.scheme == "http" || target.scheme == "https" else {
      throw error(.redirect, "a redirect from https to http, which would lay the request open")
    }
    redirectsFollowed += 1
    if target.origin != here.origin { request.headers.removeAll(where: \.isSensitive) }
    let becomesGet =
      status == 303 && request.method != .head
      || (status == 301 || status == 302) && request.method == .post
    if becomesGet {
      request.method = .get
      request.body = nil
      request.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
    }
    request.url = target.text
  }

  private func failure(of code: CURLcode) -> HTTPError {
    let text = String(cString: errorText)
    let reason = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
    return error(.init(curl: code, message: reason), reason)
  }
}
