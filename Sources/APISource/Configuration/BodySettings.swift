internal import Base
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
  /// How CSV is read.
  var csv: CSVDocument
  /// Whether a response without a body has no records, or is an error.
  var mayBeEmpty: Bool

  /// What `body` may be: a form, or one with its options.
  static let schema = ConfigSchema.oneOf([
    .choice(BodyForm.allCases.map(\.rawValue)),
    .map([
      ConfigKey(
        "csv",
        .oneOf([
          .string,
          .map(CSVText.options.map { ConfigKey($0.name, $0.kind.schema, $0.summary) }),
        ]), "Fields separated by commas or another character.")
    ]),
  ])

  init(_ options: ConfigValue) throws(ConnectorError) {
    let body = options["body"]
    form = (body?.string ?? body?.entries.first?.key).flatMap(BodyForm.init(rawValue:))
    csv = try Self.csv(body?["csv"])
    mayBeEmpty = options["allow_empty"]?.boolean ?? false
    if let value = options["charset"] {
      encoding = TextEncoding(name: value.string ?? "")
      guard encoding != nil else {
        throw misconfigured(
          value, "'\(value.string ?? "")' is no encoding that is known here",
          remedy: "Use one of \(TextEncoding.names).")
      }
    }
  }

  private static func csv(_ value: ConfigValue?) throws(ConnectorError) -> CSVDocument {
    var members: [JSONValue.Member] = []
    if let text = value?.string, let short = CSVText.shortOption {
      members = [.init(key: short, value: .string(text))]
    }
    for option in CSVText.options {
      guard let given = value?[option.name], let json = option.kind.json(given) else { continue }
      members.append(.init(key: option.name, value: json))
    }
    do throws(FormatError) {
      return try CSVDocument(FormatOptions(.object(members)))
    } catch {
      throw misconfigured(value ?? ConfigValue(.null), error.message, remedy: error.remedy)
    }
  }
}

extension FormatOption.Kind {
  fileprivate var schema: ConfigSchema {
    switch self {
    case .text, .file: .string
    case .flag: .boolean
    case .number(let range): .integer(range)
    case .choice(let words): .choice(words)
    case .texts: .oneOf([.string, .list(.string)])
    case .dictionary: .dictionary(.string)
    }
  }

  /// The value of an option as `FormatOptions` holds it; nil for kinds that bodies do not have.
  fileprivate func json(_ value: ConfigValue) -> JSONValue? {
    switch self {
    case .text, .choice: value.string.map { .string($0) }
    case .flag: value.boolean.map { .boolean($0) }
    case .number: value.integer.map { .integer(Int64($0)) }
    case .texts: .array((value.strings ?? []).map { .string($0) })
    case .dictionary, .file: nil
    }
  }
}
