internal import Connector

extension APIKeys {
  /// `<name>_env` and `<name>_file`.
  private static func secret(_ name: String, _ what: String) -> [ConfigKey] {
    [
      ConfigKey("\(name)_env", .string, "The environment variable that holds \(what)."),
      ConfigKey("\(name)_file", .string, "The file that holds \(what), instead."),
    ]
  }

  static let auth: [ConfigKey] =
    secret("bearer", "a bearer token") + [
      ConfigKey(
        "header",
        .map(
          [ConfigKey("name", .string, isRequired: true, "The header.")]
            + secret("value", "its value")),
        "A header of one's own, such as X-Api-Key."),
      ConfigKey(
        "basic",
        .map(
          [ConfigKey("user", .string, isRequired: true, "The user.")]
            + secret("password", "the password")), "User and password."),
      ConfigKey(
        "query",
        .map(
          [ConfigKey("name", .string, isRequired: true, "The parameter.")]
            + secret("value", "its value")), "A parameter of the query string."),
      ConfigKey(
        "oauth2", .map(oauth2),
        "OAuth 2: tokens by the client's credentials, or by a refresh token."),
      ConfigKey("hmac", .map(hmac), "A signature over each request with a shared secret."),
      ConfigKey("sigv4", .map(sigv4), "AWS Signature Version 4, with AWS's own credentials."),
    ]

  private static let oauth2: [ConfigKey] =
    [
      ConfigKey("token_url", .string, isRequired: true, "The address that gives out tokens.")
    ]
    + secret("client_id", "the client's id") + secret("client_secret", "the client's secret")
    + [
      ConfigKey(
        "refresh_token_env", .string,
        "The environment variable that holds a refresh token; with one, it is the grant."),
      ConfigKey(
        "refresh_token_file", .string,
        "The file that holds it, instead; a new one that the server hands out is written there."),
      ConfigKey("scope", .string, "The scopes to ask for, with spaces between."),
      ConfigKey("audience", .string, "The audience to ask for, where the server wants one."),
      ConfigKey(
        "style", .choice(OAuth2Settings.Style.allCases.map(\.rawValue)),
        "Whether id and secret are fields of the form (body) or user and password (basic); body."),
    ]

  private static let hmac: [ConfigKey] =
    secret("secret", "the shared secret") + secret("key_id", "the name of the key")
    + [
      ConfigKey(
        "secret_encoding", .choice(SignatureSettings.Encoding.allCases.map(\.rawValue)),
        "Where the key is the secret decoded; by default it is the text itself."),
      ConfigKey(
        "algorithm", .choice(SignatureSettings.Algorithm.allCases.map(\.rawValue)),
        "The hash; sha256 by default."),
      ConfigKey(
        "sign", .string, isRequired: true,
        "What is signed: a text with {method}, {host}, {path}, {query}, {target}, {timestamp}, "
          + "{nonce}, {body_hash}, {body} and {key_id}."),
      ConfigKey(
        "timestamp", .choice(SignatureSettings.Stamp.allCases.map(\.rawValue)),
        "How {timestamp} is written; unix by default."),
      ConfigKey(
        "encoding", .choice(SignatureSettings.Encoding.allCases.map(\.rawValue)),
        "How {signature} and {body_hash} are written; hex by default."),
      ConfigKey(
        "headers", .dictionary(.string), isRequired: true,
        "The headers that carry it: {X-Signature: \"{signature}\", X-Timestamp: \"{timestamp}\"}."),
    ]

  private static let sigv4: [ConfigKey] = [
    ConfigKey(
      "service", .string, isRequired: true, "The service as signatures name it: execute-api."),
    ConfigKey("region", .string, "The region; by default as AWS_REGION or the profile says."),
    ConfigKey("profile", .string, "The profile of AWS's files; by default as AWS_PROFILE says."),
  ]
}
