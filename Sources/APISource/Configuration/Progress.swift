internal import Base
internal import Connector
internal import Formats

/// By what a stream knows how far it has read: what `bookmark:` of the config says.
enum Progress: Sendable {
  /// Everything is read every time.
  case full
  case time(TimeProgress)
  case id(IDProgress)
  /// The last response of a run holds the token for the next run.
  case token(JSONPath, start: String?)

  init(_ options: ConfigValue?, format: TimeFormat, times: RecordTimes)
    throws(ConnectorError)
  {
    guard let options else {
      self = .full
      return
    }
    if try options.only(of: ["by", "cursor"]) == "cursor" {
      try Self.refuse(["kind", "window", "settle", "lookback", "overlap", "nulls"], in: options)
      guard let path = try options["cursor"]?.jsonPath() else {
        throw misconfigured(
          options, "cursor holds no path", remedy: "Write a path such as $.sync_token.")
      }
      self = .token(path, start: options["start"]?.string)
      return
    }
    guard let value = options["by"], let by = value.string else {
      throw misconfigured(
        options, "the bookmark does not say by what new records are known",
        remedy: "Add 'by', a field of the records such as updated_at, or 'cursor'.")
    }
    let path = try value.jsonPath()
    let dropsNulls = options["nulls"]?.string == "drop"
    if Self.isID(by, options) {
      try Self.refuse(["window", "settle", "lookback", "overlap"], in: options)
      self = .id(
        IDProgress(
          field: by, path: path, dropsNulls: dropsNulls, start: options["start"]?.string))
    } else {
      self = .time(
        try TimeProgress(
          field: by, path: path, dropsNulls: dropsNulls, options, format, times))
    }
  }

  private static func isID(_ by: String, _ options: ConfigValue) -> Bool {
    if let kind = options["kind"]?.string { return kind == "id" }
    if ["window", "settle", "lookback", "overlap"].contains(where: { options[$0] != nil }) {
      return false
    }
    if let start = options["start"]?.string { return Instant(start) == nil }
    let name = by.split(separator: ".").last.map(String.init) ?? by
    return name.lowercased() == "id" || name.hasSuffix("_id") || name.hasSuffix("Id")
      || name.hasSuffix("ID")
  }

  private static func refuse(_ keys: [String], in options: ConfigValue) throws(ConnectorError) {
    for key in keys {
      if let value = options[key] {
        throw misconfigured(
          value, "'\(key)' has no meaning for a bookmark that is not a time",
          remedy: "Remove it, or name a field that holds a time under 'by'.")
      }
    }
  }

  var kind: Bookmark.Kind {
    switch self {
    case .full: .full
    case .time: .time
    case .id, .token: .opaque
    }
  }

  /// What must not change under a bookmark.
  var binding: JSONValue {
    switch self {
    case .full: nil
    case .time(let time): time.binding
    case .id(let id): ["by": .string(id.field), "kind": "id"]
    case .token(let path, _): ["cursor": .string(path.description)]
    }
  }
}

/// New records are known by a time.
struct TimeProgress: Sendable {
  var field: String
  var path: JSONPath
  var dropsNulls: Bool
  /// nil: one window for everything.
  var windowSeconds: Double?
  var start: Instant?
  var settleSeconds: Double
  var lookbackSeconds: Double
  var overlapSeconds: Double
  var format: TimeFormat
  /// How records write the field.
  var times: RecordTimes

  /// More windows than this in one run are taken for a mistake.
  static let windowsMax = 200_000

  init(
    field: String, path: JSONPath, dropsNulls: Bool, _ options: ConfigValue, _ format: TimeFormat,
    _ times: RecordTimes
  ) throws(ConnectorError) {
    self.field = field
    self.path = path
    self.dropsNulls = dropsNulls
    self.format = format
    self.times = times
    windowSeconds = options["window"]?.seconds
    settleSeconds = options["settle"]?.seconds ?? 5
    lookbackSeconds = options["lookback"]?.seconds ?? 0
    overlapSeconds = options["overlap"]?.seconds ?? format.overlapSeconds(zone: times.zone)
    let step = Double(format.stepMicroseconds) / 1_000_000
    if let window = windowSeconds,
      window < step || window.truncatingRemainder(dividingBy: step) != 0
    {
      throw misconfigured(
        options["window"] ?? options,
        "the window is not a whole number of \(format.stepName)s",
        remedy: format.namesDays
          ? "Write whole days such as 1d, or another request.time_format."
          : "Write a window such as 1h.")
    }
    if let value = options["start"], let text = value.string {
      guard let instant = Instant(text) else {
        throw misconfigured(
          value, "'\(text)' is not a point in time",
          remedy: "Write a date such as 2024-01-01 or a time such as 2024-01-01T12:00:00Z; for a "
            + "bookmark by id, add kind: id.")
      }
      start = format.floor(instant)
    }
  }

  /// What must not change under a bookmark.
  var binding: JSONValue {
    var members: [JSONValue.Member] = [
      .init(key: "by", value: .string(field)), .init(key: "kind", value: "time"),
    ]
    if !times.zone.isUTC { members.append(.init(key: "zone", value: .string(times.zone.name))) }
    return .object(members)
  }

  /// Where a window may end: behind it nothing comes any more that lies before it.
  /// - Parameter settled: the server's time, less what it needs to settle.
  func ceiling(_ settled: Instant) -> Instant {
    let seconds = settled.microseconds.floorDivided(by: 1_000_000)
    // Of the hour that a zone's clocks show twice, records are known by the first time.
    let calm = times.zone.settled(atUTC: seconds)
    var end = calm < seconds ? Instant(microseconds: calm * 1_000_000) : settled
    if format.namesDays {
      // A day may still go on in the zone of those who write dates.
      let offset = Double(times.zone.offsetSeconds(atUTC: seconds))
      end = min(end, settled.advanced(seconds: offset))
    }
    return format.floor(end)
  }
}

/// New records are known by an id that grows.
struct IDProgress: Sendable {
  var field: String
  var path: JSONPath
  var dropsNulls: Bool
  var start: String?
}
