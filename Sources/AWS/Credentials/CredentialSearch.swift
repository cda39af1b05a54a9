public import Base
public import HTTPClient

/// Finds credentials where AWS's own tools look for them, in their order:
///
/// 1. the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`
///    (left out where a profile is named in the config);
/// 2. the profile's role, assumed with the credentials of its `source_profile` or
///    `credential_source`, or with its web identity token;
/// 3. `AWS_ROLE_ARN` with `AWS_WEB_IDENTITY_TOKEN_FILE`;
/// 4. the profile's keys;
/// 5. the container's metadata: `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `…_FULL_URI`;
/// 6. the instance's metadata, version 2.
///
/// The first that is there decides: one that fails is an error and not passed over.
public struct CredentialSearch: Sendable {
  let environment: AWSEnvironment
  let session: HTTPSession
  let clock: WallClock
  let randomness: Randomness
  /// Named by the config; nil: `AWS_PROFILE`, else `default`.
  let namedProfile: String?
  let profiles: SharedProfiles
  /// Roles assumed with roles, at the most.
  static let chainMax = 5

  public init(
    _ environment: AWSEnvironment, profile: String? = nil, session: HTTPSession,
    clock: WallClock = .system, randomness: Randomness = .system
  ) {
    self.environment = environment
    namedProfile = profile
    self.session = session
    self.clock = clock
    self.randomness = randomness
    profiles = SharedProfiles(environment)
  }

  /// A source that searches on first use, keeps what it found and renews it before it expires.
  public func source() -> any CredentialSource {
    CachedCredentials(clock: clock) { () throws(AWSError) in try find() }
  }

  var profileName: String { namedProfile ?? environment.variable("AWS_PROFILE") ?? "default" }

  /// The region that environment or profile name.
  public var region: String? {
    environment.variable("AWS_REGION") ?? environment.variable("AWS_DEFAULT_REGION")
      ?? profiles.profiles[profileName]?["region"]
  }

  /// A setting of the profile: `endpoint_url`, `s3.addressing_style`.
  func setting(_ name: String) -> String? { profiles.profiles[profileName]?[name] }

  /// Where a service is to be reached instead of AWS's own address, as AWS's tools are told:
  /// `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, then the profile's `services` and `endpoint_url`.
  public func endpoint(of service: String) -> String? {
    if environment.isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") { return nil }
    return environment.variable("AWS_ENDPOINT_URL_\(service.uppercased())")
      ?? environment.variable("AWS_ENDPOINT_URL")
      ?? setting("services").flatMap { profiles.services[$0]?["\(service).endpoint_url"] }
      ?? setting("endpoint_url")
  }

  // MARK: The search

  func find() throws(AWSError) -> AWSCredentials {
    if namedProfile == nil, let found = try fromEnvironment() { return found }
    if let profile = profiles.profiles[profileName] {
      if let found = try fromProfile(profileName, profile, depth: 0) { return found }
    } else if namedProfile != nil || environment.variable("AWS_PROFILE") != nil {
      throw missingProfile(profileName)
    }
    if let found = try webIdentityFromEnvironment() { return found }
    if let found = try fromContainer() { return found }
    if let found = try fromInstance() { return found }
    throw nothingFound()
  }

  func fromEnvironment() throws(AWSError) -> AWSCredentials? {
    let key = environment.variable("AWS_ACCESS_KEY_ID")
    let secret = environment.variable("AWS_SECRET_ACCESS_KEY")
    guard let key, let secret else {
      guard key == nil, secret == nil else {
        let (set, unset) =
          key == nil
          ? ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")
          : ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        throw AWSError(
          .credentials, "\(set) is set and \(unset) is not",
          remedy: "Set both, or neither to have the other places looked at.", place: "environment")
      }
      return nil
    }
    return AWSCredentials(
      accessKeyID: key, secretKey: secret,
      sessionToken: environment.variable("AWS_SESSION_TOKEN"), origin: "the environment")
  }

  private func webIdentityFromEnvironment() throws(AWSError) -> AWSCredentials? {
    guard let role = environment.variable("AWS_ROLE_ARN"),
      let file = environment.variable("AWS_WEB_IDENTITY_TOKEN_FILE")
    else { return nil }
    return try tokenService().assumeRole(
      role, webIdentityFile: file, session: environment.variable("AWS_ROLE_SESSION_NAME"))
  }

  func missingProfile(_ name: String) -> AWSError {
    let near = nearestName(to: name, among: profiles.profiles.keys)
    return AWSError(
      .configuration, "there is no profile '\(name)'",
      remedy: near.map { "Did you mean '\($0)'?" }
        ?? "Add it to \(environment.configPath) or \(environment.credentialsPath).",
      place: "\(environment.configPath), \(environment.credentialsPath)")
  }

  private func nothingFound() -> AWSError {
    func state(_ path: String) -> String {
      environment.file(path) == nil ? "\(path) (not there)" : "\(path)"
    }
    let instance =
      environment.isTrue("AWS_EC2_METADATA_DISABLED")
      ? "instance metadata (off by AWS_EC2_METADATA_DISABLED)"
      : "instance metadata (no answer)"
    let places = [
      namedProfile == nil
        ? "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (not set)"
        : "the environment (passed over: the config names a profile)",
      "the profile '\(profileName)' in \(state(environment.configPath)) and \(state(environment.credentialsPath))",
      "AWS_WEB_IDENTITY_TOKEN_FILE (not set)",
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI (not set)",
      instance,
    ]
    return AWSError(
      .credentials, "no AWS credentials were found. Looked at: " + places.joined(separator: "; "),
      remedy:
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with AWS_PROFILE.",
      place: "credentials")
  }
}
