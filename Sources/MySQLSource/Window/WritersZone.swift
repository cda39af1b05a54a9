internal import Base
internal import Connector
internal import Foundation

/// The zone of the clocks that write DATETIME and DATE values.
///
/// The server converts, with its own tables of zones; where it has none, this machine's.
struct WritersZone: Sendable {
  /// `SYSTEM`, `+02:00`, `Europe/Berlin`.
  let name: String
  private let fallback: TimeZone?

  /// The configured zone, or else the one that the server's sessions begin with.
  static func name(
    _ configured: String?, _ connection: Connection
  ) throws(ServerError) -> String {
    if let configured { return configured }
    return try ServerVariables(connection)["time_zone"] ?? "SYSTEM"
  }

  /// - Throws: `.misconfigured` where neither the server nor this machine knows the zone.
  init(
    _ name: String, _ connection: Connection, place: String
  ) throws(ConnectorError) {
    self.name = name
    do throws(ServerError) {
      try connection.run([
        "SET time_zone = \(SQLText.literal(name))", "SET time_zone = '+00:00'",
      ])
      fallback = nil
    } catch {
      guard error.code == 1298 else { throw error.connectorError(place: place) }
      guard let zone = TimeZone(identifier: name), name.contains("/") || name == "UTC" else {
        throw ConnectorError(
          .misconfigured, "the server does not know the zone '\(name)'",
          remedy: "Write `zone:` as an offset such as +02:00, or load the server's zones with "
            + "mariadb-tzinfo-to-sql.",
          place: place)
      }
      fallback = zone
    }
  }

  /// The local time that no clock in the zone will show again, as microseconds of a calendar
  /// without a zone: what is written from `instant` on carries this time or a later one.
  ///
  /// In the hour before clocks are set back it stands still at the time they are set back to.
  func ceiling(
    at instant: Instant, _ connection: Connection
  ) throws(ServerError) -> Int64 {
    // Zones change at whole quarters of an hour, and go back by three hours at the most. The
    // second before each quarter tells whether they change right at it.
    let quarter: Int64 = 900_000_000
    let first = (instant.microseconds.floorDivided(by: quarter) + 1) * quarter
    var points = [instant.microseconds]
    for point in (0..<16).map({ first + $0 * quarter }) {
      if point - 1_000_000 > instant.microseconds { points.append(point - 1_000_000) }
      points.append(point)
    }
    let locals = try localTimes(points, connection)
    var lowest = locals[0]
    for index in 1..<points.count {
      let before = locals[index - 1] - points[index - 1]
      let now = locals[index] - points[index]
      if now < before {
        let isExact = points[index] - points[index - 1] <= 1_000_000
        lowest = min(lowest, isExact ? locals[index] : points[index - 1] + now)
      }
    }
    return lowest
  }

  /// The local time now, without a look at what clocks will do.
  func localTime(
    at instant: Instant, _ connection: Connection
  ) throws(ServerError) -> Int64 {
    try localTimes([instant.microseconds], connection)[0]
  }

  private func localTimes(
    _ points: [Int64], _ connection: Connection
  ) throws(ServerError) -> [Int64] {
    if let fallback {
      return points.map { point in
        let date = Date(timeIntervalSince1970: Double(point.floorDivided(by: 1_000_000)))
        return point + Int64(fallback.secondsFromGMT(for: date)) * 1_000_000
      }
    }
    let columns = points.map { point in
      let seconds = point.floorDivided(by: 1_000_000)
      return "FROM_UNIXTIME(\(seconds).\(padded(Int(point - seconds * 1_000_000), 6)))"
    }
    try connection.run(["SET time_zone = \(SQLText.literal(name))"])
    let row = try connection.rows("SELECT " + columns.joined(separator: ", ")).first ?? []
    try connection.run(["SET time_zone = '+00:00'"])
    let times = row.compactMap { $0.flatMap { CivilTime.parse($0) } }
    guard times.count == points.count else {
      throw ServerError(code: 2027, message: "the server cannot tell local times in '\(name)'")
    }
    return times
  }
}
