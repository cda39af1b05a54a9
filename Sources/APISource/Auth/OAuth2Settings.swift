internal import Connector
internal import HTTPClient

/// What `auth: {oauth2: …}` says.
struct OAuth2Settings: Sendable {
  /// How the client proves to the token server who it is.
  enum Style: String, Sendable, CaseIterable {
    /// As fields of the form.
    case body
    /// As user and password.
    case basic
  }

  var tokenURL: HTTPAddress
  var clientID: Secret
  /// nil: a public client, which only refreshes.
  var clientSecret: Secret?
  /// nil: the client's own credentials are the grant.
  var refreshToken: Secret?
  var scope: String?
  var audience: String?
  var style: Style

  init(_ options: ConfigValue) throws(ConnectorError) {
    let value = options["token_url"] ?? options
    guard let url = value.string.flatMap({ HTTPAddress($0) }), !url.hasCredentials else {
      throw misconfigured(
        value, "token_url is not the address of a web server, without credentials",
        remedy: "Write a whole URL such as https://login.example.com/oauth2/token.")
    }
    tokenURL = url
    clientID = try .required(options, "client_id")
    clientSecret = try Secret(options, "client_secret")
    refreshToken = try Secret(options, "refresh_token")
    scope = options["scope"]?.string
    audience = options["audience"]?.string
    style = options["style"]?.string.flatMap(Style.init(rawValue:)) ?? .body
    guard clientSecret != nil || refreshToken != nil else {
      throw misconfigured(
        options, "there is neither a client secret nor a refresh token",
        remedy: "Add client_secret_env, or refresh_token_env or refresh_token_file.")
    }
  }
}
