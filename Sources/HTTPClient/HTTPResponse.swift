public import Base

/// The status line and headers of a response, after redirects.
public struct HTTPHead: Sendable {
  public var status: Int
  public var headers: [HTTPHeader]
  /// Where the response came from, as it was asked for: it may hold secrets. Not for people.
  public var url: String

  public init(status: Int, headers: [HTTPHeader], url: String) {
    self.status = status
    self.headers = headers
    self.url = url
  }

  /// The value of the first header of that name, whatever its case.
  public func header(_ name: String) -> String? { headers.first(name) }

  /// 200 to 299.
  public var isSuccess: Bool { (200...299).contains(status) }

  /// What the server's clock said when it answered.
  public var date: Instant? { header("date").flatMap(HTTPDate.parse) }

  /// `application/json` of `application/json; charset=utf-8`, in lower case.
  public var contentType: String? {
    header("content-type").map {
      String($0.prefix { $0 != ";" && $0 != "," && $0 != " " }).lowercased()
    }
  }

  /// 429, and the 403 by which some servers say that the budget of calls is spent.
  public var isThrottled: Bool {
    status == 429
      || (status == 403 && (header("retry-after") != nil || RateLimit(headers)?.remaining == 0))
  }

  /// Seconds to wait before the next request, where the server asks for that: `Retry-After` as
  /// seconds or as a date, else the reset of a spent rate limit.
  /// - Parameter now: stands in where the response has no date of its own to measure from.
  public func secondsToWait(now: Instant) -> Double? {
    let now = date ?? now
    if let text = header("retry-after")?.trimmingSpaces {
      if let seconds = Double(text), seconds.isFinite, seconds >= 0 { return seconds }
      if let date = HTTPDate.parse(text) { return max(0, date.seconds(since: now)) }
    }
    guard isThrottled, let limit = RateLimit(headers), limit.remaining ?? 0 == 0 else { return nil }
    return limit.secondsToReset(now: now)
  }
}

/// A whole response, whatever its status.
public struct HTTPResponse: Sendable {
  public var head: HTTPHead
  public var body: [UInt8]

  public init(head: HTTPHead, body: [UInt8]) {
    self.head = head
    self.body = body
  }

  public var status: Int { head.status }
  public var isSuccess: Bool { head.isSuccess }
  public func header(_ name: String) -> String? { head.header(name) }

  /// Throws where the status is not 200 to 299.
  /// - Parameter request: what was asked: its secrets are kept out of the error.
  @discardableResult
  public func requireSuccess(of request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    if isSuccess { return self }
    throw HTTPError(status: self, of: request)
  }
}

extension StringProtocol {
  /// Without spaces and tabs at both ends.
  var trimmingSpaces: String {
    let front = drop { $0 == " " || $0 == "\t" }
    guard let last = front.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return String(front[...last])
  }
}
