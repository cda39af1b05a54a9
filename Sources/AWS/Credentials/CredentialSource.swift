internal import Base
internal import Synchronization

/// Where credentials come from. Safe for several threads.
public protocol CredentialSource: Sendable {
  /// Credentials that work now.
  func credentials() throws(AWSError) -> AWSCredentials

  /// Says that the service has refused these as expired.
  /// - Returns: whether asking again may bring others.
  func discard(_ credentials: AWSCredentials) -> Bool
}

/// Credentials that never change.
public struct FixedCredentials: CredentialSource {
  private let fixed: AWSCredentials

  public init(_ credentials: AWSCredentials) { fixed = credentials }

  public func credentials() throws(AWSError) -> AWSCredentials { fixed }
  public func discard(_ credentials: AWSCredentials) -> Bool { false }
}

/// Keeps what another place gives out, and asks it again before that expires: from five minutes
/// before; whoever comes first asks, and the others wait for what it gets.
final class CachedCredentials: CredentialSource {
  /// How long before they expire new ones are asked for.
  static let refreshSeconds = 300.0
  /// How long before they expire they are no longer given out.
  static let unusableSeconds = 15.0

  private let load: @Sendable () throws(AWSError) -> AWSCredentials
  private let clock: WallClock
  private let cached = Mutex<AWSCredentials?>(nil)

  init(clock: WallClock, load: @escaping @Sendable () throws(AWSError) -> AWSCredentials) {
    self.clock = clock
    self.load = load
  }

  func credentials() throws(AWSError) -> AWSCredentials {
    let now = clock.now
    // Under the lock: those who come meanwhile take what the first has fetched.
    return try cached.withLock { (cached) throws(AWSError) in
      let left = cached?.expiration.map { $0.seconds(since: now) } ?? .infinity
      if let cached, left > Self.refreshSeconds { return cached }
      do throws(AWSError) {
        let fresh = try load()
        cached = fresh
        return fresh
      } catch {
        if let cached, left > Self.unusableSeconds { return cached }
        throw error
      }
    }
  }

  func discard(_ credentials: AWSCredentials) -> Bool {
    cached.withLock { cached in
      // Another thread may have fetched new ones already.
      if cached == credentials { cached = nil }
      return true
    }
  }
}
