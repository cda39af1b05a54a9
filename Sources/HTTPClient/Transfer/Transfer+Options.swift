internal import CCurl

extension Transfer {
  /// Sets every option of the handle. Options that this libcurl does not know are left out.
  func configure(_ easy: UnsafeMutableRawPointer) {
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
    switch settings.version {
    case .automatic: set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    case .one: set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    }
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
