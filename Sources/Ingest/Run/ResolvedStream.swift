internal import Compression
public import Connector
internal import Lake
internal import Parquet
internal import Records

/// A stream of a run, wildcards expanded, with its source.
public struct ResolvedStream: Sendable {
  public var configuration: StreamConfiguration
  public var settings: StreamSettings
  public var source: any Source
  /// The zone's folder and database.
  public var zone: String

  /// The wildcard of the config that it was found by; nil where it is configured by its name.
  public var pattern: String?

  /// The zone of a trial: a stream of its own that reads what this one would read next.
  public private(set) var trialZone: String?

  public init(
    configuration: StreamConfiguration, settings: StreamSettings, source: any Source, zone: String
  ) {
    self.configuration = configuration
    self.settings = settings
    self.source = source
    self.zone = zone
  }

  /// As the commit log knows it: `shop.orders`, or `shop.orders@forecast` for a trial.
  public var name: String { configuration.name + (trialZone.map { "@\($0)" } ?? "") }

  /// The table that it fills.
  public var table: String { LakeLayout.tableName(ofStream: configuration.name) }

  /// The stream beside the real one: its window, in the tables of another zone.
  func trial(inZone zone: String) -> ResolvedStream {
    var trial = self
    trial.zone = zone
    trial.trialZone = zone
    return trial
  }

  func tableName(_ role: TableRole) -> String {
    switch role {
    case .main: table
    case .side(let name): LakeLayout.sideTableName(table, name)
    }
  }

  /// The columns of its tables as its source knows them: without partition columns and lineage.
  func schemasByRole(_ schemas: [String: Schema]) -> [TableRole: Schema] {
    var result: [TableRole: Schema] = [:]
    if let schema = schemas[table] {
      let data = PartitionSpec(settings.partition).dataSchema(ofTable: schema)
      result[.main] = Schema(
        data.fields.filter { ![Lineage.commitColumn, Lineage.timeColumn].contains($0.name) })
    }
    let prefix = tableName(.side(""))
    for (name, schema) in schemas where name.hasPrefix(prefix) {
      result[.side(String(name.dropFirst(prefix.count)))] = schema
    }
    return result
  }
}

extension StreamSettings {
  var parquetOptions: WriteOptions {
    return WriteOptions(codec: Codec(name: compression) ?? .zstd, level: compressionLevel)
  }
}
