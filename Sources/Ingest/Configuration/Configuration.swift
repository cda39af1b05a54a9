internal import AWS
internal import Base
public import Connector
internal import Foundation
public import Lake
internal import Storage

/// A validated config.
public struct Configuration: Sendable {
  /// The file it was read from.
  public var path: String
  /// The folder that relative paths are relative to.
  public var baseDirectory: String
  /// An absolute path, or `s3://bucket/prefix`.
  public var lakeRoot: String
  public var s3 = S3Options()
  /// Folder and database of each zone: `["raw": "raw", …]`.
  public var zones: [String: String]
  public var state: StateLocation
  public var sources: [SourceEntry]
  public var streams: [StreamEntry]

  public struct SourceEntry: Sendable {
    public var type: any SourceType.Type
    public var configuration: SourceConfiguration
  }

  /// Where the commit log is kept.
  public enum StateLocation: Hashable, Sendable {
    /// In a SQLite file.
    case file(String)
    /// In the lake itself; the file is this machine's cache of it.
    case lake(cache: String)
  }

  /// A stream as configured; its item may hold `*`.
  public struct StreamEntry: Sendable {
    public var source: String
    public var configuration: StreamConfiguration
    public var settings: StreamSettings
  }

  /// How a lake in S3 is reached, where AWS's own settings do not say it.
  public struct S3Options: Hashable, Sendable {
    public var endpoint: String?
    public var region: String?
    public var profile: String?
    public var isPathStyle: Bool?

    public init() {}
  }

  /// Whether the lake lies in S3.
  public var isLakeRemote: Bool { S3Location.isMeant(by: lakeRoot) }

  public static let zoneNames = ["raw", "refined", "forecast"]
}

/// How the engine treats a stream, whatever its source.
public struct StreamSettings: Sendable {
  public var zone = "raw"
  public var partition: [PartitionField] = []
  public var fileBytesTarget = 256_000_000
  /// Whether a run merges small files once there are many.
  public var compactsAutomatically = true
  public var compression = "zstd"
  public var compressionLevel: Int?
  public var newColumn = NewColumnPolicy.add
  public var typeChange = TypeChangePolicy.widen
  /// Whether a column of a declared type becomes text where no other type holds what comes.
  public var makesText = false
  public var retries = 3
  public var timeoutSeconds: Double?
  public var failureCommand: String?
  public var failureWebhookVariable: String?
  public var hasLineage = false

  public enum NewColumnPolicy: String, Sendable { case add, ignore, fail }

  public enum TypeChangePolicy: String, Sendable {
    /// To a type that holds the old values and the new ones: int → bigint → decimal, float → double.
    /// Types that were found out from values also from dates to timestamps, and to text.
    case widen
    /// The same, and dates become timestamps at midnight.
    case widenTime = "widen_time"
    case fail
  }

  public init() {}

  /// Takes over what the values say; the rest stays.
  mutating func apply(_ options: ConfigValue) throws(IngestError) {
    if let files = options["files"] {
      fileBytesTarget = files["target"]?.bytes ?? fileBytesTarget
      compactsAutomatically =
        files["compact"]?.string.map { $0 == "auto" } ?? compactsAutomatically
      compression = files["compression"]?.string ?? compression
      compressionLevel = files["level"]?.integer ?? compressionLevel
    }
    if let schema = options["schema"] {
      newColumn = schema["new_column"]?.string.flatMap(NewColumnPolicy.init(rawValue:)) ?? newColumn
      typeChange =
        schema["type_change"]?.string.flatMap(TypeChangePolicy.init(rawValue:)) ?? typeChange
      makesText = schema["otherwise"]?.string.map { $0 == "text" } ?? makesText
    }
    retries = options["retries"]?.integer ?? retries
    timeoutSeconds = options["timeout"]?.seconds ?? timeoutSeconds
    if let action = options["on_failure"] {
      failureCommand = action["command"]?.string
      failureWebhookVariable = action["webhook_env"]?.string
    }
    hasLineage = options["lineage"]?.boolean ?? hasLineage
    zone = options["zone"]?.string ?? zone
    if let texts = options["partition"]?.strings {
      partition = []
      for text in texts {
        guard let field = PartitionField(parsing: text) else {
          throw IngestError(
            .configuration, "'\(text)' is no partition",
            remedy:
              "Write a column, year(column), month(column), day(column), hour(column), bucket(16, column) or truncate(10, column).",
            place: "line \(options["partition"]?.line ?? 0)")
        }
        partition.append(field)
      }
    }
  }
}

extension Configuration {
  /// Checks a file against what may stand in it and types it.
  /// - Throws: one error that lists every problem with its line and remedy.
  public init(_ file: ConfigurationFile, keys: ConfigurationKeys) throws(IngestError) {
    let root = file.root
    var problems = ConfigSchema.map(keys.root).problems(in: root)
    var sources: [SourceEntry] = []
    for entry in root["sources"]?.entries ?? [] {
      guard let type = Self.sourceType(of: entry, keys, &problems) else { continue }
      problems += ConfigSchema.map(keys.keys(ofSource: type)).problems(in: entry.value)
      sources.append(
        SourceEntry(type: type, configuration: .init(name: entry.key, options: entry.value)))
    }
    let entries = root["streams"]?.entries ?? []
    let typed = entries.map { ($0, Self.source(ofStream: $0, sources, &problems)) }
    for case (let entry, let source?) in typed where !entry.value.isNull {
      problems += ConfigSchema.map(keys.keys(ofStream: source.type)).problems(in: entry.value)
    }
    try Self.report(problems, file.path)

    path = file.path
    baseDirectory =
      URL(fileURLWithPath: file.path).deletingLastPathComponent().standardizedFileURL.path
    let lake = root["lake"]
    lakeRoot = try Self.root(lake, in: baseDirectory)
    if let options = lake?["s3"] {
      s3.endpoint = options["endpoint"]?.string
      s3.region = options["region"]?.string
      s3.profile = options["profile"]?.string
      s3.isPathStyle = options["path_style"]?.boolean
    }
    if lake?["state"]?.string == "lake" {
      state = .lake(
        cache: try Self.localPath(".tidemark/cache.db", in: baseDirectory, key: "lake.state"))
    } else {
      state = .file(
        try Self.localPath(
          lake?["state"]?.string ?? ".tidemark/state.db", in: baseDirectory, key: "lake.state"))
    }
    zones = Dictionary(
      uniqueKeysWithValues: Self.zoneNames.map { ($0, lake?["zones"]?[$0]?.string ?? $0) })
    self.sources = sources
    streams = []
    for case (let entry, let source?) in typed {
      var settings = StreamSettings()
      if let defaults = root["defaults"] { try settings.apply(defaults) }
      try settings.apply(entry.value)
      guard zones[settings.zone] != nil else {
        throw IngestError(
          .configuration, "\(entry.key): there is no zone '\(settings.zone)'",
          remedy: "The zones are raw, refined and forecast.", place: file.path)
      }
      let sourceName = source.configuration.name
      streams.append(
        StreamEntry(
          source: sourceName,
          configuration: StreamConfiguration(
            name: entry.key, item: String(entry.key.dropFirst(sourceName.count + 1)),
            key: entry.value["key"]?.strings ?? [], options: entry.value),
          settings: settings))
    }
  }

  private static func report(_ problems: [ConfigProblem], _ path: String) throws(IngestError) {
    let ordered = problems.sorted { $0.line < $1.line }
    guard let first = ordered.first else { return }
    if ordered.count == 1 {
      throw IngestError(.configuration, first.description, remedy: first.remedy, place: path)
    }
    let lines = ordered.map { "\n  \($0.description). \($0.remedy)" }.joined()
    throw IngestError(
      .configuration, "\(ordered.count) problems:\(lines)", remedy: "Mend them and run again.",
      place: path)
  }

  private static func sourceType(
    of entry: ConfigValue.Entry, _ keys: ConfigurationKeys, _ problems: inout [ConfigProblem]
  ) -> (any SourceType.Type)? {
    if zoneNames.contains(entry.key) || entry.key.contains(".") || entry.key.isEmpty {
      problems.append(
        ConfigProblem(
          at: entry.value, "a source may not be named '\(entry.key)'",
          remedy: "Choose a name without '.', and not that of a zone."))
    }
    let names = keys.sourceTypes.map { $0.name }
    guard let name = entry.value["type"]?.string else {
      problems.append(
        ConfigProblem(
          at: entry.value, "the key 'type' is missing",
          remedy: "Add 'type': one of \(names.joined(separator: ", "))."))
      return nil
    }
    guard let type = keys.sourceType(named: name) else {
      let near = nearestName(to: name, among: names)
      problems.append(
        ConfigProblem(
          at: entry.value["type"] ?? entry.value, "there is no source type '\(name)'",
          remedy: near.map { "Did you mean '\($0)'?" } ?? "Types: \(names.joined(separator: ", "))."
        ))
      return nil
    }
    return type
  }

  private static func source(
    ofStream entry: ConfigValue.Entry, _ sources: [SourceEntry], _ problems: inout [ConfigProblem]
  ) -> SourceEntry? {
    let parts = entry.key.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let source = sources.first { $0.configuration.name == parts[0] }
    if let source, parts.count == 2, !parts[1].isEmpty { return source }
    let near = nearestName(to: String(parts[0]), among: sources.map(\.configuration.name))
    problems.append(
      ConfigProblem(
        at: entry.value,
        parts.count < 2
          ? "the stream '\(entry.key)' does not name its source"
          : "the stream '\(entry.key)' names a source that is not there",
        remedy: parts.count < 2
          ? "Write it as SOURCE.ITEM."
          : near.map { "Did you mean '\($0).\(parts[1])'?" } ?? "Add it under 'sources'."))
    return nil
  }

  private static func root(_ lake: ConfigValue?, in base: String) throws(IngestError) -> String {
    let text = lake?["root"]?.string ?? ""
    guard S3Location.isMeant(by: text) else {
      if let options = lake?["s3"] {
        throw IngestError(
          .configuration,
          "lake.s3 says how a lake in S3 is reached, but lake.root is a folder",
          remedy: "Write lake.root as s3://bucket/prefix, or remove lake.s3.",
          place: "line \(options.line)")
      }
      return try localPath(text, in: base, key: "lake.root")
    }
    do { return try S3Location(text).description } catch {
      throw IngestError(
        .configuration, "lake.root: \(error.message)", remedy: error.remedy, place: text)
    }
  }

  private static func localPath(_ text: String, in base: String, key: String) throws(IngestError)
    -> String
  {
    guard !text.contains("://") else {
      throw IngestError(
        .configuration, "\(key): '\(text)' is not a local path",
        remedy: key == "lake.root"
          ? "Write a folder or s3://bucket/prefix." : "Write the path of a file.")
    }
    return URL(fileURLWithPath: text, relativeTo: URL(fileURLWithPath: base, isDirectory: true))
      .standardizedFileURL.path
  }
}
