import Base
import Foundation
import HTTPClient
import S3Server
import Testing

@testable import AWS

@Suite struct CredentialTests {
  private static let proxy = Result { () throws(S3Problem) in try FaultyProxy() }

  private func search(
    _ environment: AWSEnvironment, profile: String? = nil, clock: WallClock = .system
  ) -> CredentialSearch {
    CredentialSearch(
      environment, profile: profile, session: session, clock: clock, randomness: .seeded(1))
  }

  /// Without the last place, which would be asked over the network.
  private let noInstance = ["AWS_EC2_METADATA_DISABLED": "true"]

  private func find(
    _ variables: [String: String], files: [String: String] = [:], profile: String? = nil
  ) throws -> AWSCredentials {
    try search(
      machine(noInstance.merging(variables) { $1 }, files: files), profile: profile
    ).find()
  }

  private func failure(_ body: () throws -> Void) -> AWSError? {
    do { try body() } catch { return error as? AWSError }
    return nil
  }

  private let files = [
    "/home/me/.aws/config": """
    # a comment
    [default]
    region = eu-central-1
    s3 =
      addressing_style = virtual
      max_concurrent_requests = 20
    output = json   # another

    [profile lake]
    region=eu-west-3
    aws_access_key_id = overridden
    aws_secret_access_key = overridden
    endpoint_url = http://store:9000
    services = local

    [profile role]
    role_arn = arn:aws:iam::123456789012:role/lake
    source_profile = lake
    external_id = for tidemark

    [profile twice]
    role_arn = arn:aws:iam::123456789012:role/second
    source_profile = role

    [profile from-environment]
    role_arn = arn:aws:iam::123456789012:role/lake
    credential_source = Environment

    [profile circle]
    role_arn = arn:aws:iam::123456789012:role/lake
    source_profile = ring
    [profile ring]
    role_arn = arn:aws:iam::123456789012:role/lake
    source_profile = circle

    [profile process]
    credential_process = /bin/keys
    [profile mfa]
    role_arn = arn:aws:iam::123456789012:role/lake
    source_profile = lake
    mfa_serial = arn:aws:iam::123456789012:mfa/me
    [profile half]
    aws_access_key_id = AKID

    [services local]
    s3 =
      endpoint_url = http://s3.local:9000
    """,
    "/home/me/.aws/credentials": """
    [default]
    aws_access_key_id = AKIDEFAULT
    aws_secret_access_key = default/secret+with=signs
    [lake]
    aws_access_key_id=AKILAKE
    aws_secret_access_key=lake secret
    aws_session_token=lake token
    """,
  ]

  @Test func looksInTheOrderOfAWS() throws {
    let keys = [
      "AWS_ACCESS_KEY_ID": "AKIENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
    ]
    let fromEnvironment = try find(keys, files: files)
    #expect(fromEnvironment.accessKeyID == "AKIENV")
    #expect(fromEnvironment.sessionToken == "t")
    let fromDefault = try find([:], files: files)
    #expect(fromDefault.accessKeyID == "AKIDEFAULT")
    #expect(fromDefault.secretKey == "default/secret+with=signs")
    #expect(fromDefault.sessionToken == nil)
    let fromProfile = try find(["AWS_PROFILE": "lake"], files: files)
    #expect(fromProfile.accessKeyID == "AKILAKE")
    #expect(fromProfile.sessionToken == "lake token")
    #expect(fromProfile.origin == "the profile 'lake'")
    // A profile that the config names goes before the environment.
    #expect(try find(keys, files: files, profile: "lake").accessKeyID == "AKILAKE")
    #expect(
      try find(
        ["AWS_SHARED_CREDENTIALS_FILE": "/elsewhere", "AWS_CONFIG_FILE": "/none"],
        files: ["/elsewhere": "[default]\naws_access_key_id=A\naws_secret_access_key=B"]
      ).accessKeyID == "A")
  }

  @Test func findsRegionAndEndpoint() {
    let plain = search(machine(files: files))
    #expect(plain.region == "eu-central-1")
    #expect(plain.setting("s3.addressing_style") == "virtual")
    #expect(plain.setting("output") == "json")
    #expect(plain.endpoint(of: "s3") == nil)
    let lake = search(machine(files: files), profile: "lake")
    #expect(lake.region == "eu-west-3")
    #expect(lake.endpoint(of: "s3") == "http://s3.local:9000")
    #expect(lake.endpoint(of: "sts") == "http://store:9000")
    let variables = [
      "AWS_REGION": "us-west-2", "AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b",
    ]
    let environment = search(machine(variables, files: files))
    #expect(environment.region == "us-west-2")
    #expect(environment.endpoint(of: "s3") == "http://b")
    #expect(environment.endpoint(of: "sts") == "http://a")
    let ignoring = variables.merging(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"]) { $1 }
    #expect(search(machine(ignoring)).endpoint(of: "s3") == nil)
  }

  @Test func saysEverywhereItLooked() {
    let nothing = failure { _ = try find([:]) }
    #expect(nothing?.kind == .credentials)
    for place in [
      "AWS_ACCESS_KEY_ID", "'default'", "~/.aws/config (not there)", "~/.aws/credentials",
      "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
      "instance metadata (off",
    ] { #expect(nothing?.message.contains(place) == true, "\(place)") }
    #expect(nothing?.remedy.contains("AWS_PROFILE") == true)

    let half = failure { _ = try find(["AWS_ACCESS_KEY_ID": "A"]) }
    #expect(half?.message == "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
    let unknown = failure { _ = try find(["AWS_PROFILE": "lakes"], files: files) }
    #expect(unknown?.remedy == "Did you mean 'lake'?")
  }

  @Test(arguments: [
    ("circle", "roles are assumed one with the other"), ("process", "credential_process"),
    ("mfa", "MFA"), ("half", "only one of"), ("from-environment", "has no credentials"),
  ])
  func refusesProfilesThatCannotBeUsed(_ profile: String, _ words: String) {
    let error = failure { _ = try find([:], files: files, profile: profile) }
    #expect(error?.kind == .credentials)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "none")")
  }

  @Test func assumesRoles() throws {
    let moto = try MotoServer.shared.get()
    let variables = [
      "AWS_ENDPOINT_URL_STS": moto.endpoint, "AWS_ACCESS_KEY_ID": "AKI",
      "AWS_SECRET_ACCESS_KEY": "secret",
    ]
    for profile in ["role", "twice", "from-environment"] {
      let found = try find(variables, files: files, profile: profile)
      #expect(found.accessKeyID.hasPrefix("ASIA"))
      #expect(found.sessionToken?.isEmpty == false)
      #expect(found.origin.hasPrefix("the role arn:aws:iam::123456789012:role/"))
      let expiration = try #require(found.expiration)
      #expect((3000...3700).contains(expiration.seconds(since: WallClock.system.now)))
    }
  }

  @Test func assumesRolesByWebIdentity() throws {
    let moto = try MotoServer.shared.get()
    let found = try find(
      [
        "AWS_ENDPOINT_URL_STS": moto.endpoint, "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/web", "AWS_ROLE_SESSION_NAME": "nightly",
      ], files: ["/token": "a.web.token\n"])
    #expect(found.accessKeyID.hasPrefix("ASIA"))
    let missing = failure {
      _ = try find(["AWS_WEB_IDENTITY_TOKEN_FILE": "/none", "AWS_ROLE_ARN": "arn"])
    }
    #expect(missing?.place == "/none")
  }

  @Test func keepsTheTokenOutOfErrors() throws {
    let proxy = try FaultyProxy()
    try proxy.fail([
      .init(
        "answer", "POST", times: 100, status: 403,
        body:
          "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no, a.web.token</Message></Error></ErrorResponse>"
      )
    ])
    let error = failure {
      _ = try find(
        [
          "AWS_ENDPOINT_URL_STS": proxy.endpoint, "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
          "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/web",
        ], files: ["/token": "a.web.token"])
    }
    #expect(error?.code == "AccessDenied")
    #expect(error?.description.contains("a.web.token") == false)
  }

  @Test func asksTheContainer() throws {
    let proxy = try Self.proxy.get()
    let url = "\(proxy.endpoint)/_meta/container"
    let found = try find([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a token",
    ])
    #expect(found.accessKeyID.hasPrefix("container-"))
    #expect(found.sessionToken?.hasPrefix("session-token-") == true)
    let byFile = try find(
      [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": url,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token",
      ], files: ["/token": "a token\n"])
    #expect(byFile.accessKeyID.hasPrefix("container-"))
    let refused = failure {
      _ = try find([
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong one",
      ])
    }
    #expect(refused?.kind == .credentials)
    #expect(refused?.message.contains("401") == true)
    #expect(refused?.message.contains("wrong one") == false)
  }

  @Test(arguments: [
    "http://example.com/keys", "http://169.254.170.2.example.com/", "ftp://127.0.0.1/",
  ])
  func asksNoStrangers(_ url: String) {
    let error = failure { _ = try find(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]) }
    #expect(error?.message.contains("gets no credentials asked of it") == true)
  }

  @Test func asksTheInstance() throws {
    let proxy = try Self.proxy.get()
    let environment = machine([
      "AWS_EC2_METADATA_SERVICE_ENDPOINT": "\(proxy.endpoint)/_meta/instance/"
    ])
    let found = try search(environment).find()
    #expect(found.accessKeyID.hasPrefix("instance-"))
    #expect(found.origin == "the instance's role 'lake-writer'")
  }

  @Test func renewsBeforeTheyExpire() throws {
    let clock = WallClock.manual(start: Instant(seconds: 1_000_000))
    let count = Counter()
    let source = CachedCredentials(clock: clock) { () throws(AWSError) in
      let number = count.next()
      if number == 3 {
        throw AWSError(.credentials, "no answer", remedy: "", place: "there")
      }
      return AWSCredentials(
        accessKeyID: "\(number)", secretKey: "s", expiration: clock.now.advanced(seconds: 3600))
    }
    #expect(try source.credentials().accessKeyID == "1")
    clock.sleep(seconds: 3000)
    #expect(try source.credentials().accessKeyID == "1")
    clock.sleep(seconds: 310)
    #expect(try source.credentials().accessKeyID == "2")
    // While the old ones work, that new ones cannot be had is no error.
    clock.sleep(seconds: 3400)
    #expect(try source.credentials().accessKeyID == "2")
    #expect(try source.credentials().accessKeyID == "4")
    #expect(source.discard(try source.credentials()))
    #expect(try source.credentials().accessKeyID == "5")
  }

  @Test func asksOnceForAll() async throws {
    let count = Counter()
    let source = CachedCredentials(clock: .system) { () throws(AWSError) in
      WallClock.system.sleep(seconds: 0.05)
      return AWSCredentials(accessKeyID: "\(count.next())", secretKey: "s")
    }
    await withTaskGroup(of: String?.self) { group in
      for _ in 0..<8 { group.addTask { try? source.credentials().accessKeyID } }
      for await found in group { #expect(found == "1") }
    }
  }
}

private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  func next() -> Int {
    lock.withLock {
      count += 1
      return count
    }
  }
}
