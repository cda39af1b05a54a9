public import Base
internal import Foundation

/// Who holds a lease: a process of a host, told apart from any later one with the same number.
public struct LeaseOwner: Hashable, Sendable {
  public var host: String
  /// Changes when the host restarts.
  public var boot: String
  public var process: Int
  /// When the process started, in the kernel's ticks.
  public var processStart: String
  /// Tells apart two logs opened by one process.
  public var nonce: String

  public init(host: String, boot: String, process: Int, processStart: String, nonce: String) {
    self.host = host
    self.boot = boot
    self.process = process
    self.processStart = processStart
    self.nonce = nonce
  }

  /// This process.
  public static func current(_ randomness: Randomness) -> LeaseOwner {
    let process = Int(ProcessInfo.processInfo.processIdentifier)
    return LeaseOwner(
      host: ProcessInfo.processInfo.hostName, boot: readLine("/proc/sys/kernel/random/boot_id"),
      process: process, processStart: startOfProcess(process) ?? "",
      nonce: String(randomness.next(), radix: 36))
  }

  /// Seconds after which a holder on another host that gave no sign of life loses its lease.
  public static let silenceSecondsMax = 10.0

  var token: String { [host, boot, String(process), processStart, nonce].joined(separator: " ") }

  private init?(token: String) {
    let parts = token.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, let process = Int(parts[2]) else { return nil }
    self.init(
      host: parts[0], boot: parts[1], process: process, processStart: parts[3], nonce: parts[4])
  }

  static func describe(_ token: String) -> String {
    LeaseOwner(token: token).map { "process \($0.process) on \($0.host)" } ?? "an unknown process"
  }

  /// Whether the holder is dead for sure, or silent for too long.
  /// - Parameter silence: seconds without a sign of life; asked only where it matters.
  func mayTake(from token: String, silence: () throws -> Double) rethrows -> Bool {
    guard let holder = LeaseOwner(token: token) else { return true }
    if holder == self { return true }
    if holder.host == host {
      if holder.boot != boot { return true }
      return Self.startOfProcess(holder.process) != holder.processStart
    }
    return try silence() > Self.silenceSecondsMax
  }

  private static func readLine(_ path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.filter { !$0.isWhitespace }
  }

  /// Field 22 of /proc/PID/stat; nil where there is no such process, or it is a zombie.
  private static func startOfProcess(_ process: Int) -> String? {
    guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = stat.lastIndex(of: ")")
    else { return nil }
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z" else { return nil }
    return String(fields[19])
  }
}
