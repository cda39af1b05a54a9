public import Connector

/// MySQL and MariaDB servers, and what speaks their protocol: `type: mysql`.
public enum MySQLSourceType: SourceType {
  public static let name = "mysql"

  public static var sourceKeys: [ConfigKey] { ConfigKeys.source }

  public static var streamKeys: [ConfigKey] { ConfigKeys.stream }

  public static func open(
    _ configuration: SourceConfiguration, _ context: SourceContext
  ) throws(ConnectorError) -> any Source {
    Database(
      endpoint: try Endpoint(configuration, context), context: context,
      name: configuration.name)
  }

  public static let urlSchemes = ["mysql", "mariadb", "mysql2"]

  public static func propose(
    url: String, _ context: SourceContext
  ) throws(ConnectorError) -> Proposal {
    try Discovery.propose(url: url, context)
  }
}
