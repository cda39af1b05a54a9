internal import Base
internal import Connector
internal import Formats
internal import Foundation
internal import Records

/// What the config says about one stream of log files, checked.
struct LogSettings: Sendable {
  let streamName: String
  /// The patterns as the config writes them: what the stream is bound to.
  let patternText: String
  /// Where the files lie, of the bucket where there is one.
  let pattern: GlobPattern
  /// nil: on this machine.
  let bucket: BucketAddress?
  let excluded: ExcludedPaths
  let format: any LineFormat.Type
  /// Whether the files are Parquet, which have rows and no lines.
  let readsParquet: Bool
  let lineOptions: LineOptions
  /// Whether several parsers may share the blocks of a file.
  var parsesBlocksApart: Bool { format.parsesBlocksApart(lineOptions) }
  /// Whether what is known of a file includes its parser's state.
  var keepsFileState: Bool { format.keepsFileState(lineOptions) }
  /// Where records end; nil where each line is one.
  let framing: (any RecordFraming)?
  let rejectsMax: Int?
  /// As a part of 1.
  let rejectsShareMax: Double?
  let onOverwrite: OverwritePolicy
  let onDamaged: DamagePolicy
  let closeAfterSeconds: Double
  let lineBytesMax: Int

  static let fileColumn = "_file"
  static let lineColumn = "_line"

  /// The columns without the two that say where a line stood.
  static func withoutPlace(_ fields: [Field]) -> [Field] {
    fields.filter { $0.name != fileColumn && $0.name != lineColumn }
  }

  init(
    _ source: SourceConfiguration, _ stream: StreamConfiguration, _ context: SourceContext
  ) throws(ConnectorError) {
    streamName = stream.name
    let options = stream.options
    guard let path = source.options["path"]?.string, !path.isEmpty else {
      throw ConnectorError(
        .misconfigured, "the source has no path",
        remedy: "Add 'path', such as /var/log/nginx/**/*.log*.", place: source.name)
    }
    let (whole, bucketName) = try Self.absolute(path, in: context.baseDirectory)
    if bucketName == nil, source.options["s3"] != nil {
      throw ConnectorError(
        .misconfigured, "'s3' says how a bucket is reached, but the path is a folder",
        remedy: "Write the path as s3://bucket/prefix/*.log, or remove 's3'.", place: source.name)
    }
    bucket = bucketName.map { BucketAddress(bucket: $0, source.options["s3"]) }
    if let narrowing = options["path"]?.string {
      let root = GlobPattern.escaped(try GlobPattern(whole).root)
      pattern = try GlobPattern(try Self.absolute(narrowing, in: root).path)
      patternText = path + " / " + narrowing
    } else {
      pattern = try GlobPattern(whole)
      patternText = path
    }
    excluded = try ExcludedPaths(
      (source.options["exclude"]?.strings ?? []) + (options["exclude"]?.strings ?? []),
      root: pattern.root)
    let chosen = try FormatChoice(
      options["parse"], place: stream.name, baseDirectory: context.baseDirectory)
    format = chosen.format
    readsParquet = format == ParquetRows.self
    try Self.checkKeys(of: stream, readsParquet: readsParquet)
    let declared = try Self.declared(options["columns"], stream.name)
    lineBytesMax = (options["line_max"] ?? source.options["line_max"])?.bytes ?? 16 << 20
    lineOptions = LineOptions(
      format: chosen.options,
      zone: (options["time_zone"] ?? source.options["time_zone"])?.string ?? "UTC",
      flattens: options["flatten"]?.boolean ?? false,
      takesLists: options["arrays"]?.string != "json",
      declared: declared.fields, timePatterns: declared.timePatterns,
      reservedNames: [Self.fileColumn, Self.lineColumn],
      mergesCase: options["merge_case"]?.boolean ?? false,
      multiline: try MultilineChoice.multiline(
        options["multiline"], of: format, lineBytesMax: lineBytesMax, place: stream.name))
    rejectsMax = options["rejects"]?["max"]?.integer
    rejectsShareMax = try Self.share(options["rejects"]?["share"])
    onOverwrite =
      options["on_overwrite"]?.string.flatMap(OverwritePolicy.init(rawValue:)) ?? .append
    onDamaged = options["on_damaged"]?.string.flatMap(DamagePolicy.init(rawValue:)) ?? .fail
    closeAfterSeconds =
      (options["close_after"] ?? source.options["close_after"])?.seconds ?? 600
    do {
      _ = try lineOptions.declaredTimes()
      framing = try format.recordFraming(lineOptions)
    } catch {
      throw ConnectorError(error, place: stream.name)
    }
    guard (1024...64 << 20).contains(lineBytesMax) else {
      throw ConnectorError(
        .misconfigured, "'line_max' is \(lineBytesMax) bytes",
        remedy: "Use a size from 1KiB to 64MiB.", place: stream.name)
    }
  }

  /// The path from the root of the file system, or of a bucket.
  private static func absolute(_ path: String, in folder: String) throws(ConnectorError) -> (
    path: String, bucket: String?
  ) {
    if path.hasPrefix("s3://") {
      let bucket = String(path.dropFirst(5).prefix { $0 != "/" })
      let rest = String(path.dropFirst(5 + bucket.count))
      guard !bucket.isEmpty, rest.count > 1 else {
        throw ConnectorError(
          .misconfigured, "the path '\(path)' names no objects",
          remedy: "Write s3://bucket/prefix/**/*.log or the like.")
      }
      return (rest, bucket)
    }
    if path.contains("://") {
      throw ConnectorError(
        .misconfigured,
        "log files are read from folders of this machine and from s3://, not "
          + "from '\(path)'",
        remedy: "Mount or copy the files to a folder here, and name that.")
    }
    if path.hasPrefix("/") { return (path, nil) }
    let whole = folder + (folder.hasSuffix("/") ? "" : "/") + path
    let isWhole = whole.hasPrefix("/")
    return (isWhole ? whole : FileManager.default.currentDirectoryPath + "/" + whole, nil)
  }

  /// Reaches nothing yet.
  func place(_ context: SourceContext, isPatient: Bool = true) throws(ConnectorError)
    -> any FilePlace
  {
    guard let bucket else {
      return LocalPlace(pattern: pattern, excluded: excluded, clock: context.clock)
    }
    return ObjectPlace(try bucket.open(context, isPatient: isPatient), pattern, excluding: excluded)
  }

  /// Parquet files say themselves what is in them.
  private static func checkKeys(of stream: StreamConfiguration, readsParquet: Bool)
    throws(ConnectorError)
  {
    guard readsParquet else { return }
    for key in ["columns", "flatten", "arrays", "merge_case", "rejects"]
    where stream.options[key] != nil {
      throw ConnectorError(
        .misconfigured, "'\(key)' is about lines, and Parquet files have none",
        remedy: "Remove '\(key)'; the files' own columns and types are taken.", place: stream.name)
    }
  }

  private static func declared(_ columns: ConfigValue?, _ stream: String) throws(ConnectorError)
    -> (fields: [Field], timePatterns: [String: String])
  {
    var fields: [Field] = []
    var timePatterns: [String: String] = [:]
    for entry in columns?.entries ?? [] {
      let text = entry.value.string ?? ""
      guard let (type, timePattern) = ColumnTypeText.parse(text) else {
        throw ConnectorError(
          .misconfigured, "the column '\(entry.key)' has no known type: '\(text)'",
          remedy: "Use \(ColumnTypeText.names), in quotes where there are commas; how times are "
            + "written goes in brackets, such as timestamp(%d/%b/%Y:%H:%M:%S %z) or "
            + "timestamp(epoch_ms).",
          place: stream)
      }
      fields.append(Field(entry.key, type))
      timePatterns[entry.key] = timePattern
    }
    return (fields, timePatterns)
  }

  private static func share(_ value: ConfigValue?) throws(ConnectorError) -> Double? {
    guard let text = value?.string else { return nil }
    let isPercent = text.hasSuffix("%")
    guard let number = Double(isPercent ? String(text.dropLast()) : text), number >= 0,
      number <= (isPercent ? 100 : 1)
    else {
      throw ConnectorError(
        .misconfigured, "'\(text)' is no share of lines",
        remedy: "Write a percentage such as 1%, or a number from 0 to 1.", place: value?.path)
    }
    return isPercent ? number / 100 : number
  }
}

extension ConnectorError {
  /// A format's error at a place of the source.
  init(_ error: FormatError, place: String) {
    let kind: Kind =
      switch error.kind {
      case .unknownFormat, .invalidOption: .misconfigured
      case .malformed, .nameCollision, .tooManyColumns: .malformed
      case .outOfMemory: .interrupted
      }
    self.init(
      kind, error.message, remedy: error.remedy,
      place: error.place.map { "\(place), \($0)" } ?? place)
  }
}
