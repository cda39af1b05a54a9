internal import Compression
public import Connector
internal import Lake
internal import Parquet

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
}

extension StreamSettings {
  var parquetOptions: WriteOptions {
    return WriteOptions(codec: Codec(name: compression) ?? .zstd, level: compressionLevel)
  }
}
