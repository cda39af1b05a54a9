internal import Base

extension CredentialSearch {
  /// nil where the profile says nothing of credentials.
  func fromProfile(_ name: String, _ profile: [String: String], depth: Int)
    throws(AWSError) -> AWSCredentials?
  {
    // At the end of a chain a profile that is its own source gives its keys.
    if let role = profile["role_arn"], depth == 0 || profile["source_profile"] != name {
      return try assumed(role, name, profile, depth: depth)
    }
    if let key = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"] {
      return AWSCredentials(
        accessKeyID: key, secretKey: secret, sessionToken: profile["aws_session_token"],
        origin: "the profile '\(name)'")
    }
    for unsupported in ["credential_process", "sso_session", "sso_start_url", "login_session"]
    where profile[unsupported] != nil {
      throw AWSError(
        .credentials,
        "the profile '\(name)' gets its credentials by \(unsupported), which Tidemark does not do",
        remedy:
          "Run: eval \"$(aws configure export-credentials --profile \(name) --format env)\"",
        place: environment.configPath)
    }
    guard profile["aws_access_key_id"] == nil, profile["aws_secret_access_key"] == nil else {
      throw AWSError(
        .credentials,
        "the profile '\(name)' has only one of aws_access_key_id and aws_secret_access_key",
        remedy: "Give it both.", place: environment.credentialsPath)
    }
    return nil
  }

  private func assumed(_ role: String, _ name: String, _ profile: [String: String], depth: Int)
    throws(AWSError) -> AWSCredentials
  {
    guard depth < Self.chainMax else {
      throw problem(
        name, "more than \(Self.chainMax) roles are assumed one with the other",
        "Look for profiles whose source_profile leads back to themselves.")
    }
    if let file = profile["web_identity_token_file"] {
      return try tokenService().assumeRole(
        role, webIdentityFile: file, session: profile["role_session_name"])
    }
    guard profile["mfa_serial"] == nil else {
      throw problem(
        name, "its role wants a code of an MFA device (mfa_serial)",
        "Nobody is there to type it in: use a role without mfa_serial, or export a session.")
    }
    let base: AWSCredentials
    if let source = profile["source_profile"] {
      guard let settings = profiles.profiles[source] else { throw missingProfile(source) }
      guard let found = try fromProfile(source, settings, depth: depth + 1) else {
        throw problem(
          name, "its source_profile '\(source)' has no credentials", "Give that profile keys.")
      }
      base = found
    } else if let source = profile["credential_source"] {
      base = try credentials(of: source, name)
    } else {
      throw problem(
        name, "it has role_arn but neither source_profile nor credential_source",
        "Say with whose credentials the role is to be assumed.")
    }
    return try tokenService().assumeRole(
      role, with: base, session: profile["role_session_name"],
      externalID: profile["external_id"],
      durationSeconds: profile["duration_seconds"].flatMap { Int($0) })
  }

  private func credentials(of source: String, _ profile: String)
    throws(AWSError) -> AWSCredentials
  {
    let found: AWSCredentials?
    switch source {
    case "Environment": found = try fromEnvironment()
    case "EcsContainer": found = try fromContainer()
    case "Ec2InstanceMetadata": found = try fromInstance()
    default:
      throw problem(
        profile, "its credential_source '\(source)' is not one",
        "Write Environment, EcsContainer or Ec2InstanceMetadata.")
    }
    guard let found else {
      throw problem(profile, "its credential_source '\(source)' has no credentials", "Mend it.")
    }
    return found
  }

  private func problem(_ profile: String, _ message: String, _ remedy: String) -> AWSError {
    AWSError(
      .credentials, "the profile '\(profile)' cannot be used: \(message)", remedy: remedy,
      place: environment.configPath)
  }

  func tokenService() -> TokenService {
    let region = region ?? "us-east-1"
    let endpoint = endpoint(of: "sts")
    return TokenService(
      session: session, environment: environment, region: region,
      endpoint: endpoint ?? "https://sts.\(region).\(AWSRegion.domain(region))", clock: clock,
      randomness: randomness)
  }
}
