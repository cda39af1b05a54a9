public import Base
public import Connector

/// What may stand in `tidemark.yaml`, apart from what each type of source adds.
public struct ConfigurationKeys: Sendable {
  public var sourceTypes: [any SourceType.Type]

  public init(sourceTypes: [any SourceType.Type]) { self.sourceTypes = sourceTypes }

  static let files = ConfigSchema.map([
    ConfigKey("target", .bytes, "Size that data files aim at; 256MB unless said otherwise."),
    ConfigKey(
      "compression", .choice(["zstd", "snappy", "gzip", "none"]),
      "How pages are compressed; zstd unless said otherwise."),
    ConfigKey("level", .integer(1...22), "The compression level of zstd (3) or gzip (6)."),
    ConfigKey(
      "compact", .choice(["auto", "off"]),
      "Whether a run merges small files once a partition has many; auto unless said otherwise."),
  ])

  static let schemaPolicy = ConfigSchema.map([
    ConfigKey(
      "new_column", .choice(["add", "ignore", "fail"]), "What a new column does to the table."),
    ConfigKey(
      "type_change", .choice(["widen", "widen_time", "fail"]),
      "What a changed type does; widen_time also makes timestamps of dates. Types that were found out from values widen to timestamps and to text by themselves, unless it is fail."
    ),
    ConfigKey(
      "otherwise", .choice(["fail", "text"]),
      "What any other change of a declared type does: text makes a column of text of it."),
  ])

  static let onFailure = ConfigSchema.map([
    ConfigKey(
      "command", .string,
      "A shell command to run when the stream has failed; it finds TIDEMARK_STREAM, TIDEMARK_RUN and TIDEMARK_ERROR in its environment."
    ),
    ConfigKey(
      "webhook_env", .string,
      "The environment variable with a URL that is sent the failure as JSON."),
  ])

  /// Keys that stand under a stream and, as its default, under `defaults`.
  static let shared: [ConfigKey] = [
    ConfigKey("files", files, "How data files are written."),
    ConfigKey("schema", schemaPolicy, "What happens when the source's columns change."),
    ConfigKey(
      "retries", .integer(0...100), "How often a failed stream is tried again within a run."),
    ConfigKey("timeout", .duration, "How long a stream may take."),
    ConfigKey("on_failure", onFailure, "Whom to tell when a stream has failed."),
    ConfigKey("lineage", .boolean, "Adds the columns _commit and _ingested_at to the table."),
  ]

  static let stream: [ConfigKey] =
    [
      ConfigKey("key", .oneOf([.string, .list(.string)]), "The columns that identify a row."),
      ConfigKey(
        "partition", .oneOf([.string, .list(.string)]),
        "Columns, or day(column), hour(), month(), year(), bucket(16, column) or truncate(10, column) of one, that the table is split by."
      ),
      ConfigKey("zone", .string, "The zone of the stream's table; raw unless said otherwise."),
    ] + shared

  static let s3 = ConfigSchema.map([
    ConfigKey(
      "endpoint", .string,
      "The address of a store that is not AWS: https://host:port; AWS_ENDPOINT_URL_S3 unless given."
    ),
    ConfigKey("region", .string, "The bucket's region; AWS_REGION or the profile's unless given."),
    ConfigKey("profile", .string, "The profile of AWS's shared files; AWS_PROFILE unless given."),
    ConfigKey(
      "path_style", .boolean,
      "Whether the bucket is part of the path; true for stores that are not AWS unless given."),
  ])

  static let lake: [ConfigKey] = [
    ConfigKey(
      "root", .string, isRequired: true, "The folder that the lake lies in, or s3://bucket/prefix."),
    ConfigKey("s3", s3, "How a lake in S3 is reached, where AWS's own settings do not say it."),
    ConfigKey(
      "zones",
      .map(
        ["raw", "refined", "forecast"].map {
          ConfigKey($0, .string, "The folder and database of the \($0) zone.")
        }),
      "Names of the zones' folders and databases."),
    ConfigKey("catalog", .choice(["embedded"]), "Where tables are registered."),
    ConfigKey(
      "state", .string,
      "Where the commit log is kept: 'lake' for the lake itself, or a file; .tidemark/state.db unless said otherwise."
    ),
  ]

  var root: [ConfigKey] {
    [
      ConfigKey("version", .integer(1...1), isRequired: true, "The version of this format: 1."),
      ConfigKey("lake", .map(Self.lake), isRequired: true, "Where data goes."),
      ConfigKey(
        "defaults", .map(Self.shared), "What holds for every stream that does not say otherwise."),
      ConfigKey(
        "sources", .dictionary(.any), isRequired: true, "The systems that data comes from, by name."
      ),
      ConfigKey(
        "streams", .dictionary(.any), isRequired: true, "What is taken from them: SOURCE.ITEM."),
    ]
  }

  func keys(ofSource type: any SourceType.Type) -> [ConfigKey] {
    [ConfigKey("type", .choice([type.name]), isRequired: true, "The kind of source.")]
      + type.sourceKeys
  }

  func keys(ofStream type: any SourceType.Type) -> [ConfigKey] { Self.stream + type.streamKeys }

  func sourceType(named name: String) -> (any SourceType.Type)? {
    sourceTypes.first { $0.name == name }
  }

  /// The JSON Schema that `tidemark config schema` prints.
  public var jsonSchema: JSONValue {
    let sources = sourceTypes.map { ConfigSchema.map(keys(ofSource: $0)) }
    let streams = sourceTypes.map { ConfigSchema.map(keys(ofStream: $0)) }
    let variants = ["sources": sources, "streams": streams]
    let all = root.map { key in
      variants[key.name].map {
        ConfigKey(key.name, .dictionary(.oneOf($0)), isRequired: true, key.summary)
      }
        ?? key
    }
    var members: [JSONValue.Member] = [
      .init(key: "$schema", value: "https://json-schema.org/draft/2020-12/schema"),
      .init(key: "title", value: "tidemark.yaml"),
    ]
    members += ConfigSchema.map(all).jsonSchema.members ?? []
    return .object(members)
  }
}
