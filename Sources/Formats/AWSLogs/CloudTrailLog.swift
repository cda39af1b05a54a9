internal import Kernels
public import Records

/// The logs of CloudTrail: documents `{"Records": [event, …]}`, on one line or over many.
///
/// A row for each event; `_line` is the line on which its document begins. Columns are inferred as
/// for `json`, except that `eventTime` is a timestamp, and that what differs from service to service
/// is JSON text: `requestParameters`, `responseElements`, `additionalEventData`,
/// `serviceEventDetails`, `resources`. The stream's `columns` may declare others. A document without
/// `Records` is an event itself, where it has an `eventTime` or an `eventVersion`. One that is larger than `line_max` is a reject.
///
/// - SeeAlso: AWS CloudTrail User Guide, "CloudTrail record contents".
public enum CloudTrailLog: LineFormat {
  public static let name = "cloudtrail"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func framing(_ options: LineOptions) throws(FormatError) -> (any RecordFraming)? {
    JSONDocumentFraming()
  }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    var declared = options.declared
    for field in fields where !declared.contains(where: { $0.name == field.name }) {
      declared.append(field)
    }
    let rows = JSONRowOptions(
      flattens: options.flattens, takesLists: options.takesLists, declared: declared,
      times: try options.declaredTimes(),
      reservedNames: options.reservedNames, mergesCase: options.mergesCase)
    let builder = try JSONRowsBuilder(options: rows, knownSchema: knownSchema)
    builder.sharedKeys = options.keys
    return CloudTrailParser(builder)
  }

  private static let fields = [
    Field("eventTime", .timestamp(.microseconds, isUTC: true)),
    Field("requestParameters", .json), Field("responseElements", .json),
    Field("additionalEventData", .json), Field("serviceEventDetails", .json),
    Field("resources", .json),
  ]
}

/// Documents to rows, some events a step.
final class CloudTrailParser: LineParser {
  private let builder: JSONRowsBuilder
  private var block = LineBlock([])
  private var position = 0
  private var line = 0
  /// The events of the document at hand that are not yet rows, and its line.
  private var events: [JSONCursor] = []
  private var eventsTaken = 0
  private var eventsLine = 0

  init(_ builder: JSONRowsBuilder) { self.builder = builder }

  var rowCount: Int { builder.rowCount }
  var byteCount: Int { builder.byteCount }
  func finish() -> Batch { builder.finish() }

  func begin(_ block: LineBlock) throws(FormatError) {
    self.block = block
    position = 0
    line = block.firstLine
    events = []
    eventsTaken = 0
  }

  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool {
    if eventsTaken == events.count { nextDocument(&outcome) }
    let end = min(events.count, eventsTaken + builder.stepRows)
    while eventsTaken < end {
      let event = events[eventsTaken]
      eventsTaken += 1
      if let problem = try builder.append(event) {
        outcome.rejects.append(
          LineReject(line: eventsLine, bytes: Array(event.text.utf8), reason: problem))
      } else {
        outcome.rowLines.append(eventsLine)
      }
    }
    return eventsTaken < events.count || position < block.count
  }

  private func nextDocument(_ outcome: inout LineOutcome) {
    events = []
    eventsTaken = 0
    let count = block.count
    var start = position
    while start < count, JSONDocumentFraming.isBlank(block.bytes[start]) {
      if block.bytes[start] == 0x0A { line += 1 }
      start += 1
    }
    guard start < count else { return position = count }
    let end =
      block.bytes.withUnsafeBufferPointer { JSONDocumentFraming.end($0, start, count) } ?? count
    eventsLine = line
    line += scanNewlineCount(block.bytes, start..<end)
    position = end
    let bytes = block.bytes[start..<end]
    var text = Array(bytes)
    if !TextValidation.isUTF8(text.span, 0..<text.count) {
      text = Array(String(decoding: text, as: UTF8.self).utf8)
      outcome.repairedCount += 1
    }
    do {
      let root = try JSONDocument(parsing: text).root
      if let records = root["Records"], records.kind == .array {
        events = Array(records.elements)
      } else if root["eventVersion"] != nil || root["eventTime"] != nil {
        events = [root]
      } else {
        outcome.rejects.append(
          LineReject(
            line: eventsLine, bytes: text,
            reason: "no CloudTrail log: expected an object with Records, or an event with eventTime"
          ))
      }
    } catch {
      let place = error.place.map { " at \($0)" } ?? ""
      while text.last.map(JSONDocumentFraming.isBlank) ?? false { text.removeLast() }
      outcome.rejects.append(
        LineReject(
          line: eventsLine, bytes: text, reason: "no CloudTrail log: \(error.message)\(place)"))
    }
  }
}
