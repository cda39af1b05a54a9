internal import Base
internal import Connector
internal import Formats
internal import HTTPClient

/// One API: its settings, its connections, and the budget of calls that its streams share.
struct APIService: Source {
  let name: String
  let settings: APISettings
  let context: SourceContext
  private let http: HTTPSession

  init(name: String, settings: APISettings, context: SourceContext) {
    self.name = name
    self.settings = settings
    self.context = context
    var session = HTTPSession.Settings()
    session.proxy = .environment(context.environment)
    session.certificateBundlePath = context.environment("SSL_CERT_FILE")
    session.retry = RetryPolicy(retriesMax: settings.retries)
    session.pacer = RequestPacer(perMinute: settings.requestsPerMinute)
    session.clock = context.clock
    session.randomness = context.randomness
    http = HTTPSession(session)
  }

  func streams(matching stream: StreamConfiguration) throws(ConnectorError) -> [StreamConfiguration]
  {
    guard !stream.item.contains("*") else {
      throw misconfigured(
        stream.options, "'\(stream.name)' has a '*', and an API does not list its endpoints",
        remedy: "Name each endpoint as a stream of its own.")
    }
    return [stream]
  }

  func open(_ stream: StreamConfiguration) throws(ConnectorError) -> any StreamSession {
    let fetcher = try fetcher(stream)
    do throws(FormatError) {
      _ = try JSONRowsBuilder(options: fetcher.endpoint.rows)
      for child in ChildRows(fetcher.endpoint).tables {
        _ = try JSONRowsBuilder(options: child.rows)
      }
    } catch {
      throw ConnectorError(error, place: stream.name)
    }
    return APIStreamSession(fetcher, context)
  }

  func check(_ stream: StreamConfiguration) -> [Finding] {
    do {
      return EndpointCheck(try fetcher(stream), context).findings()
    } catch {
      return [Finding(.error, error.description, remedy: error.remedy)]
    }
  }

  private func fetcher(_ stream: StreamConfiguration) throws(ConnectorError) -> PageFetcher {
    let endpoint = try EndpointSettings(stream)
    let credentials = try settings.auth.credentials(context.environment)
    let builder = RequestBuilder(
      settings: settings, template: endpoint.template, credentials: credentials,
      fixedParameters: endpoint.pagination.fixedParameters,
      accepts: (endpoint.body.form ?? .json).acceptedTypes)
    return PageFetcher(builder: builder, endpoint: endpoint, http: http)
  }
}
