internal import Base
internal import Connector
internal import Crypto
internal import Foundation
internal import HTTPClient
internal import Synchronization

/// What `auth: {hmac: …}` says.
struct SignatureSettings: Sendable {
  enum Algorithm: String, Sendable, CaseIterable { case sha256, sha1, sha512 }
  enum Encoding: String, Sendable, CaseIterable { case hex, base64 }
  enum Stamp: String, Sendable, CaseIterable {
    case unix
    case unixMilliseconds = "unix_ms"
    case iso, http
  }

  var secret: Secret
  /// nil: the secret's text is the key.
  var secretEncoding: Encoding?
  var keyID: Secret?
  var algorithm: Algorithm
  var encoding: Encoding
  var stamp: Stamp
  var message: SignatureTemplate
  var headers: [(name: String, value: SignatureTemplate)]

  init(_ options: ConfigValue) throws(ConnectorError) {
    secret = try .required(options, "secret")
    keyID = try Secret(options, "key_id")
    secretEncoding = options["secret_encoding"]?.string.flatMap(Encoding.init(rawValue:))
    algorithm = options["algorithm"]?.string.flatMap(Algorithm.init(rawValue:)) ?? .sha256
    encoding = options["encoding"]?.string.flatMap(Encoding.init(rawValue:)) ?? .hex
    stamp = options["timestamp"]?.string.flatMap(Stamp.init(rawValue:)) ?? .unix
    var places = SignatureTemplate.Place.allCases
    if keyID == nil { places.removeAll { $0 == .keyID } }
    message = try SignatureTemplate(
      options["sign"] ?? options, places: places.filter { $0 != .signature })
    headers = []
    for entry in options["headers"]?.entries ?? [] {
      let template = try SignatureTemplate(entry.value, places: places.filter { $0 != .body })
      headers.append((entry.key, template))
    }
    guard headers.contains(where: { $0.value.uses(.signature) }) else {
      throw misconfigured(
        options["headers"] ?? options, "no header carries the signature",
        remedy: "Add one such as headers: {X-Signature: \"{signature}\"}.")
    }
  }
}

/// Signs each request with a secret that both sides know (HMAC, RFC 2104).
final class RequestSignature: HTTPAuthorizer {
  private let settings: SignatureSettings
  private let key: SymmetricKey
  private let keyID: String
  private let clock: WallClock
  private let randomness: Randomness
  private let skew = Mutex(ClockSkew())
  let secrets: [String]

  init(_ settings: SignatureSettings, _ reader: SecretReader, _ context: SourceContext)
    throws(ConnectorError)
  {
    self.settings = settings
    let secret = try reader.read(settings.secret)
    keyID = try settings.keyID.map { (id) throws(ConnectorError) in try reader.read(id) } ?? ""
    secrets = [secret, keyID]
    clock = context.clock
    randomness = context.randomness
    let bytes: [UInt8]? =
      switch settings.secretEncoding {
      case nil: Array(secret.utf8)
      case .hex: Self.bytes(hex: secret)
      case .base64: Data(base64Encoded: secret).map { Array($0) }
      }
    guard let bytes, !bytes.isEmpty else {
      throw ConnectorError(
        .misconfigured,
        "the secret of auth.hmac is not \(settings.secretEncoding?.rawValue ?? "there")",
        remedy: "Check the secret and auth.hmac.secret_encoding.")
    }
    key = SymmetricKey(data: bytes)
  }

  func authorize(_ request: inout HTTPRequest, _ cancellation: Cancellation?) throws(HTTPError) {
    guard let address = HTTPAddress(request.url) else { return }
    let body = request.body?.segments.flatMap(\.self) ?? []
    let method = request.method.name
    let stamp = stamp(skew.withLock { $0 }.now(clock))
    let nonce = Self.hex((0..<16).map { _ in UInt8(truncatingIfNeeded: randomness.next()) })
    var signature = ""
    func value(_ place: SignatureTemplate.Place) -> [UInt8] {
      switch place {
      case .method: Array(method.utf8)
      case .host: Array(address.host.utf8)
      case .path: Array(address.path.utf8)
      case .query: Array((address.query ?? "").utf8)
      case .target: Array((address.path + (address.query.map { "?\($0)" } ?? "")).utf8)
      case .body: body
      case .bodyHash: Array(encoded(hash(body)).utf8)
      case .timestamp: Array(stamp.utf8)
      case .nonce: Array(nonce.utf8)
      case .keyID: Array(keyID.utf8)
      case .signature: Array(signature.utf8)
      }
    }
    signature = encoded(mac(settings.message.fill(value)))
    for (name, template) in settings.headers {
      let text = String(decoding: template.fill(value), as: UTF8.self)
      request.headers.removeAll { $0.name.lowercased() == name.lowercased() }
      request.headers.append(
        HTTPHeader(
          name, text, isSensitive: template.uses(.signature) || template.uses(.keyID) ? true : nil))
    }
  }

  func renew(refused request: HTTPRequest, _ head: HTTPHead) -> Bool {
    skew.withLock { $0.correct(by: head, clock) }
  }

  private func stamp(_ now: Instant) -> String {
    switch settings.stamp {
    case .unix: String(now.microseconds.floorDivided(by: 1_000_000))
    case .unixMilliseconds: String(now.microseconds.floorDivided(by: 1000))
    case .iso: TimeFormat.iso.text(TimeFormat.iso.floor(now))
    case .http: HTTPDate.text(now)
    }
  }

  // MARK: Hashes

  private func mac(_ message: [UInt8]) -> [UInt8] {
    switch settings.algorithm {
    case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
    case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
    case .sha512: Array(HMAC<SHA512>.authenticationCode(for: message, using: key))
    }
  }

  private func hash(_ body: [UInt8]) -> [UInt8] {
    switch settings.algorithm {
    case .sha256: Array(SHA256.hash(data: body))
    case .sha1: Array(Insecure.SHA1.hash(data: body))
    case .sha512: Array(SHA512.hash(data: body))
    }
  }

  private func encoded(_ bytes: [UInt8]) -> String {
    switch settings.encoding {
    case .hex: Self.hex(bytes)
    case .base64: Data(bytes).base64EncodedString()
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func bytes(hex text: String) -> [UInt8]? {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
