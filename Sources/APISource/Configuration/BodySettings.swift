internal import Connector
internal import Formats

/// What a response's body is written in.
enum BodyForm: String, Sendable, CaseIterable {
  case json, jsonl, csv, xml

  private static let lineTypes: Set<String> = [
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines",
    "application/json-lines", "application/x-jsonlines", "application/json-seq", "text/jsonl",
    "text/x-ndjson",
  ]
  private static let csvTypes: Set<String> = [
    "text/csv", "application/csv", "text/tab-separated-values", "text/x-csv",
  ]
  /// JSON, or what may well be JSON: some servers do not know what they send.
  private static let plainTypes: Set<String> = [
    "application/json", "text/plain", "application/octet-stream", "text/json",
  ]

  /// The form that a content type says; nil where it says none of these.
  init?(contentType type: String) {
    if Self.lineTypes.contains(type) {
      self = .jsonl
    } else if Self.csvTypes.contains(type) {
      self = .csv
    } else if type == "application/xml" || type == "text/xml"
      || (type.hasSuffix("+xml") && type != "application/xhtml+xml")
    {
      self = .xml
    } else if Self.plainTypes.contains(type) || type.hasSuffix("+json") || type.hasSuffix("/json")
      || type.hasSuffix("javascript")
    {
      self = .json
    } else {
      return nil
    }
  }

  /// Whether its values are all texts, whose types are found out.
  var holdsTexts: Bool { self == .csv || self == .xml }

  /// As a message says it.
  var title: String {
    switch self {
    case .json: "JSON"
    case .jsonl: "JSON lines"
    case .csv: "CSV"
    case .xml: "XML"
    }
  }

  /// What requests say that they would like.
  var acceptedTypes: String {
    switch self {
    case .json: "application/json"
    case .jsonl: "application/x-ndjson, application/jsonl, application/json"
    case .csv: "text/csv"
    case .xml: "application/xml, text/xml"
    }
  }
}

/// What the config says of the bodies of responses.
struct BodySettings: Sendable {
  /// nil: what each response says of itself.
  var form: BodyForm?
  /// nil: what the response says, a byte order mark, or UTF-8.
  var encoding: TextEncoding?
  /// Of CSV; nil: found out.
  var delimiter: UInt8?
  /// Whether a response without a body has no records, or is an error.
  var mayBeEmpty: Bool

  init(_ options: ConfigValue) throws(ConnectorError) {
    form = options["body"]?.string.flatMap(BodyForm.init(rawValue:))
    mayBeEmpty = options["allow_empty"]?.boolean ?? false
    if let value = options["charset"] {
      encoding = TextEncoding(name: value.string ?? "")
      guard encoding != nil else {
        throw misconfigured(
          value, "'\(value.string ?? "")' is no encoding that is known here",
          remedy: "Use one of \(TextEncoding.names).")
      }
    }
    if let value = options["delimiter"] {
      let text = value.string == "\\t" ? "\t" : value.string ?? ""
      guard let byte = text.utf8.first, text.utf8.count == 1, byte != UInt8(ascii: "\""),
        byte == 0x09 || byte >= 0x20
      else {
        throw misconfigured(
          value, "'\(text)' is no delimiter", remedy: "Write one character such as ';' or \"\\t\".")
      }
      delimiter = byte
    }
  }
}
