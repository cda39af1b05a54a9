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

  public var name: String { configuration.name }

  /// The table that it fills.
  public var table: String { LakeLayout.tableName(ofStream: name) }

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
