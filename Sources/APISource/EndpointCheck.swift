internal import Base
internal import Connector
internal import Formats
internal import HTTPClient

/// Asks an endpoint for one page, and says what would make runs fail, slow or inexact.
struct EndpointCheck {
  private let fetcher: PageFetcher
  private let context: SourceContext

  init(_ fetcher: PageFetcher, _ context: SourceContext) {
    self.fetcher = fetcher
    self.context = context
  }

  private var endpoint: EndpointSettings { fetcher.endpoint }

  func findings() -> [Finding] {
    let window = sampleWindow()
    let place = PageSequence(endpoint.pagination).next ?? .parameters([])
    let page: Page
    do throws(ConnectorError) {
      let answer = try fetcher.fetch(
        WindowTexts(window, endpoint.progress), place,
        responseBytesMax: fetcher.builder.settings.responseBytesMax, cancellation: nil)
      switch answer {
      case .page(let first): page = first
      case .pastEnd, .unchanged: return []
      case .tooMuch(let error): throw error
      }
    } catch {
      return [
        Finding(
          .error, error.description, remedy: error.remedy,
          isUnreachable: error.kind == .unreachable || error.kind == .interrupted)
      ]
    }
    return clockFindings(page) + keyFindings(page) + progressFindings(page, window)
      + pagingFindings(page)
  }

  /// The last day, or one window, by this machine's clock.
  private func sampleWindow() -> ReadWindow {
    switch endpoint.progress {
    case .full: return .full
    case .id(let id): return .id(after: id.start.flatMap { RecordID($0) })
    case .token(_, let start): return .token(start)
    case .time(let time):
      let to = time.format.floor(context.clock.now.advanced(seconds: -time.settleSeconds))
      let from = to.advanced(seconds: -(time.windowSeconds ?? 86_400))
      return .time(TimeWindow(from: from, to: to, lateFrom: nil, isWhole: false))
    }
  }

  private func clockFindings(_ page: Page) -> [Finding] {
    guard case .time(let time) = endpoint.progress else { return [] }
    guard let date = page.head.date else {
      let settle = max(time.settleSeconds, ServerClock.unknownSettleSeconds)
      return [
        Finding(
          .warning,
          "the server sends no Date header, so windows follow this machine's clock and stay "
            + "\(Units.describe(seconds: settle)) behind it",
          remedy: "Keep this machine's clock right, or raise bookmark.settle.")
      ]
    }
    let skew = date.seconds(since: context.clock.now)
    guard abs(skew) > 300 else { return [] }
    return [
      Finding(
        .note,
        "the server's clock is \(Units.describe(seconds: abs(skew))) "
          + "\(skew > 0 ? "ahead of" : "behind") this machine's; windows follow the server's")
    ]
  }

  private func keyFindings(_ page: Page) -> [Finding] {
    guard !endpoint.key.isEmpty else {
      return [
        Finding(
          .warning,
          "no key is declared: records that come twice are known by their whole content, "
            + "so that two equal ones count as one",
          remedy: "Add key: [id], or whatever identifies a record.")
      ]
    }
    guard let sample = page.records.first else { return [] }
    return endpoint.key.compactMap { name in
      let value = (try? JSONPath(parsing: name)).flatMap { sample.value(at: $0) }
      if let value, !value.isNull { return nil }
      return Finding(
        .error, "a record has no '\(name)', which the key names", remedy: namesRemedy(sample))
    }
  }

  private func namesRemedy(_ sample: JSONCursor) -> String {
    "The records have: " + sample.members.prefix(20).map(\.key).joined(separator: ", ") + "."
  }

  private func progressFindings(_ page: Page, _ window: ReadWindow) -> [Finding] {
    if page.records.isEmpty {
      return [Finding(.note, "the endpoint answered without records for \(sampleText(window))")]
    }
    var filter = WindowFilter(endpoint.progress, window, endpoint.template)
    var outside = 0
    for record in page.records {
      do {
        if try filter.verdict(record, place: page.place) == .outside { outside += 1 }
      } catch {
        return [
          Finding(.error, error.message, remedy: "\(error.remedy) \(namesRemedy(record))")
        ]
      }
    }
    var findings: [Finding] = []
    if outside > 0 {
      findings.append(
        Finding(
          .warning,
          "\(outside) of \(page.records.count) records lie outside \(sampleText(window)): "
            + "the server does not filter as the request asks, and every run reads more than it "
            + "keeps",
          remedy: "Check the names and the time_format of request.params."))
    }
    if case .id(let id) = endpoint.progress {
      findings.append(
        Finding(
          .note,
          "'\(id.field)' is taken for an id that only grows; a record that appears later than "
            + "one with a larger id is missed",
          remedy: "Where that happens, use a bookmark by time."))
    }
    if case .time(let time) = endpoint.progress, !endpoint.template.uses("from") {
      findings.append(
        Finding(
          .warning, "the request does not mention {from}, so that every run reads everything",
          remedy: "Add a parameter such as since: \"{from}\" under request.params, by which the "
            + "server filters '\(time.field)'."))
    }
    return findings
  }

  private func sampleText(_ window: ReadWindow) -> String {
    if case .time(let span) = window { return "\(span.from?.description ?? "…") to \(span.to)" }
    return "the request"
  }

  private func pagingFindings(_ page: Page) -> [Finding] {
    guard case .single = endpoint.pagination.way else { return [] }
    if let total = page.total, total > page.records.count {
      return [
        Finding(
          .error,
          "the server counts \(total) records and sent \(page.records.count), and nothing "
            + "says how to get the others",
          remedy: "Add paginate to the stream.")
      ]
    }
    if LinkHeader.next(page.head.headers.all("link")) != nil {
      return [
        Finding(
          .error, "the response has a Link header to a next page, and nothing follows it",
          remedy: "Add paginate: {link: header} to the stream.")
      ]
    }
    return []
  }
}
