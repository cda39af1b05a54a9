internal import Base
internal import Connector

/// A window that holds more than the server gives at once: it is halved, down to the finest step
/// that a request can name.
struct TooMuch {
  private let endpoint: EndpointSettings
  private let window: ReadWindow
  private let why: String
  /// The server's own words, where it refused.
  private let refusal: ConnectorError?

  init(
    _ endpoint: EndpointSettings, _ window: ReadWindow, _ why: String, _ refusal: ConnectorError?
  ) {
    self.endpoint = endpoint
    self.window = window
    self.why = why
    self.refusal = refusal
  }

  var isCuttable: Bool { (try? halves()) != nil }

  /// The two halves, in their order: together they are the window, with the time before it in
  /// which late records are looked for.
  func halves() throws(ConnectorError) -> (TimeWindow, TimeWindow) {
    guard case .time(let span) = window, case .time(let time) = endpoint.progress,
      endpoint.template.uses("from"), endpoint.template.uses("to")
    else {
      if let refusal { throw refusal }
      throw problem(
        "and the stream has no window of time to cut",
        "Add bookmark: {by: …} and the parameters {from} and {to}, by which the server filters.")
    }
    guard let start = span.lateFrom ?? span.from else {
      throw problem(
        "and the first run has no beginning from which to cut its window",
        "Add start: 2024-01-01 under bookmark.")
    }
    let step = time.format.stepMicroseconds
    let (length, isOverflow) = span.to.microseconds.subtractingReportingOverflow(start.microseconds)
    guard !isOverflow, length > step else {
      throw problem(
        "in one \(time.format.stepName), from \(start) to \(span.to)",
        "Ask for less by another parameter of the request, or by several streams; or have who runs "
          + "the API raise its limit, and then paginate.cap.")
    }
    let middle = max(
      time.format.floor(Instant(microseconds: start.microseconds + length / 2)),
      Instant(microseconds: start.microseconds + step))
    guard let from = span.from, middle < from else {
      return (
        TimeWindow(from: span.from, to: middle, lateFrom: span.lateFrom, isWhole: false),
        TimeWindow(from: middle, to: span.to, lateFrom: nil, isWhole: false)
      )
    }
    // The first half is late records alone.
    return (
      TimeWindow(from: middle, to: middle, lateFrom: span.lateFrom, isWhole: false),
      TimeWindow(from: from, to: span.to, lateFrom: middle, isWhole: false)
    )
  }

  private func problem(_ detail: String, _ remedy: String) -> ConnectorError {
    ConnectorError(
      .refused, "\(why), \(detail)", remedy: remedy, place: refusal?.place ?? endpoint.name,
      cause: refusal?.message)
  }
}
