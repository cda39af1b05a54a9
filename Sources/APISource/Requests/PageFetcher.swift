internal import Base
internal import Connector
internal import HTTPClient

/// Gets the pages of one stream.
struct PageFetcher: Sendable {
  var builder: RequestBuilder
  var endpoint: EndpointSettings
  var http: HTTPSession

  enum Answer: Sendable {
    case page(Page)
    /// There is no such page: the one before was the last.
    case pastEnd
    /// The server will not give so much at once, as the error says.
    case tooMuch(ConnectorError)
    /// The response is still the one that its validators stand for.
    case unchanged
  }

  /// Statuses by which servers say that they will not give so much.
  private static let tooMuchStatuses: Set<Int> = [413, 422]

  /// - Parameters:
  ///   - validators: of a response that need not come again.
  ///   - isEnd: whether a refusal by this status only says that the last page was the last.
  func fetch(
    _ texts: WindowTexts, _ place: PagePlace, responseBytesMax: Int, cancellation: Cancellation?,
    validators: Validators? = nil, isEnd: (Int) -> Bool = { _ in false }
  ) throws(ConnectorError) -> Answer {
    var request = try builder.request(texts, place)
    request.responseBytesMax = responseBytesMax
    if let validators {
      let names = validators.headers.map { $0.name.lowercased() }
      request.headers.removeAll { names.contains($0.name.lowercased()) }
      request.headers += validators.headers
    }
    // A document that breaks off though the response came whole is asked for once more.
    for isLastTry in [false, true] {
      let response = try send(request, cancellation)
      if isEnd(response.status) { return .pastEnd }
      if response.status == 304, validators != nil { return .unchanged }
      do throws(HTTPError) {
        try response.requireSuccess(of: request)
      } catch {
        if Self.tooMuchStatuses.contains(response.status) {
          return .tooMuch(ConnectorError(error))
        }
        throw ConnectorError(error)
      }
      do throws(ConnectorError) {
        return .page(try Page(response, of: request, endpoint))
      } catch {
        if isLastTry { throw error }
      }
    }
    return .pastEnd
  }

  /// Knows all secrets of the stream's requests.
  var redactor: Redactor {
    Redactor(
      secrets: builder.credentials.secrets + (builder.credentials.authorizer?.secrets ?? []))
  }

  func send(_ request: HTTPRequest, _ cancellation: Cancellation?)
    throws(ConnectorError) -> HTTPResponse
  {
    do {
      return try http.send(request, cancellation: cancellation)
    } catch {
      throw ConnectorError(error)
    }
  }
}
