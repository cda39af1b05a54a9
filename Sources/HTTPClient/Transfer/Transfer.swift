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
  private let settings: HTTPSession.Settings
  private var completion: Completion?

  /// Set while the transfer runs.
  private(set) var easy: UnsafeMutableRawPointer?
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

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

extension Transfer {
  /// Sets every option of the handle. Options that this libcurl does not know are left out.
  private func configure(_ easy: UnsafeMutableRawPointer) {
    let this = Unmanaged.passUnretained(self).toOpaque()
    func set(_ option: CURLoption, _ value: Int) { ccurl_set_long(easy, option, value) }
    func set(_ option: CURLoption, _ value: String) { ccurl_set_text(easy, option, value) }
    func set(_ option: CURLoption, seconds: Double) {
      // libcurl takes 0 for "no bound".
      ccurl_set_long(easy, option, Int(max(1, min(seconds, 1e6) * 1000)))
    }
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    if let path = settings.certificateBundlePath { set(CURLOPT_CAINFO, path) }
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_BUFFERSIZE, 128 << 10)
    set(CURLOPT_UPLOAD_BUFFERSIZE, 128 << 10)
    set(CURLOPT_USERAGENT, settings.userAgent)
    // On a kept connection that turns out to be dead libcurl sends again by itself, whatever the
    // method: what must not be sent twice gets a connection of its own.
    if !request.isIdempotent { set(CURLOPT_FRESH_CONNECT, 1) }
    if request.acceptsCompression { set(CURLOPT_ACCEPT_ENCODING, "") }

    let proxy = settings.proxy.settings(for: request.url)
    set(CURLOPT_PROXY, proxy.proxy)
    set(CURLOPT_NOPROXY, proxy.except)

    set(CURLOPT_CONNECTTIMEOUT_MS, seconds: request.timeouts.connectSeconds)
    if let total = request.timeouts.totalSeconds { set(CURLOPT_TIMEOUT_MS, seconds: total) }
    if let stalled = request.timeouts.stalledSeconds {
      set(CURLOPT_LOW_SPEED_LIMIT, 1)
      set(CURLOPT_LOW_SPEED_TIME, Int(max(1, min(stalled, 1e6))))
    }

    ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    ccurl_set_pointer(easy, CURLOPT_PRIVATE, this)
    ccurl_set_pointer(easy, CURLOPT_WRITEDATA, this)
    ccurl_set_pointer(easy, CURLOPT_HEADERDATA, this)
    ccurl_set_data_function(easy, CURLOPT_WRITEFUNCTION, receiveBody)
    ccurl_set_data_function(easy, CURLOPT_HEADERFUNCTION, receiveHeader)
    configureMethod(easy, this)

    for header in request.headers {
      // libcurl drops a header that ends with its colon, and sends one that ends with `;` empty.
      let line = header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
      headerList = curl_slist_append(headerList, line) ?? headerList
    }
    // Without this, large bodies wait a second for a `100 Continue` that many servers never send.
    headerList = curl_slist_append(headerList, "Expect:") ?? headerList
    ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerList)
  }

  private func configureMethod(
    _ easy: UnsafeMutableRawPointer, _ this: UnsafeMutableRawPointer
  ) {
    let takesBody = request.method == .put || request.method == .post || request.method == .patch
    if request.body != nil || takesBody {
      ccurl_set_long(easy, CURLOPT_UPLOAD, 1)
      ccurl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(request.body?.count ?? 0))
      ccurl_set_pointer(easy, CURLOPT_READDATA, this)
      ccurl_set_data_function(easy, CURLOPT_READFUNCTION, sendBody)
      ccurl_set_pointer(easy, CURLOPT_SEEKDATA, this)
      ccurl_set_seek_function(easy, seekBody)
      ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method.name)
    } else if request.method == .head {
      ccurl_set_long(easy, CURLOPT_NOBODY, 1)
    } else if request.method == .get {
      ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
    } else {
      ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method.name)
    }
  }
}

// MARK: The functions that libcurl calls, always on the loop's thread

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
  context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private let receiveHeader: ccurl_data_function = { bytes, size, count, context in
  guard let transfer = transfer(context) else { return 0 }
  let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
  return transfer.receive(headerLine: line) ? line.count : 0
}

private let receiveBody: ccurl_data_function = { bytes, size, count, context in
  guard let transfer = transfer(context) else { return 0 }
  let body = UnsafeRawBufferPointer(start: bytes, count: size * count)
  switch transfer.receive(body: body) {
  case .taken: return body.count
  case .pause: return Int(CURL_WRITEFUNC_PAUSE)
  // Anything but the count is the end; the count itself may be 0.
  case .fail: return body.count + 1
  }
}

private let sendBody: ccurl_data_function = { bytes, size, count, context in
  guard let transfer = transfer(context) else { return Int(CURL_READFUNC_ABORT) }
  return transfer.send(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
}

private let seekBody: ccurl_seek_function = { context, offset, origin in
  guard origin == 0, let transfer = transfer(context), transfer.seek(to: Int(offset)) else {
    return CURL_SEEKFUNC_FAIL
  }
  return CURL_SEEKFUNC_OK
}
