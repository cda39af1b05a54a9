public import Connector
internal import HTTPClient

/// Sources of type `api`: JSON, JSON lines, CSV or XML over HTTP, paged.
public enum APISourceType: SourceType {
  public static let name = "api"

  public static var sourceKeys: [ConfigKey] { APIKeys.source }
  public static var streamKeys: [ConfigKey] { APIKeys.stream }

  public static var isRecordable: Bool { true }

  public static func open(_ configuration: SourceConfiguration, _ context: SourceContext)
    throws(ConnectorError) -> any Source
  {
    try APIService(
      name: configuration.name, settings: try APISettings(configuration.options), context: context)
  }
}
