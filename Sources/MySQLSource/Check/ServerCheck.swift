internal import Base
internal import Connector

/// Looks for what concerns every stream of a server alike.
struct ServerCheck {
  let facts: ServerFacts
  let database: String

  /// Reads shorter than this end before anything is slow.
  private static let patienceSecondsMin = 60.0

  var findings: [Finding] {
    [
      Finding(
        .fact, "\(facts.label), database \(database), as \(facts.account)", code: "server"),
      Finding(
        .fact,
        "\(roleText); zone \(facts.zoneText); named zones "
          + (facts.knowsZones ? "loaded" : "not loaded")
          + (facts.allowsZeroDates ? "; dates 0000-00-00 can be written" : ""),
        code: "role"),
    ] + replicationFindings + limitFindings
  }

  private var roleText: String {
    guard let replication = facts.replication else {
      return facts.isReadOnly ? "read-only" : "takes writes"
    }
    if replication.isReplica {
      let lag = replication.lagSeconds.map { "\(Units.describe(seconds: $0)) behind" }
      return "a replica, \(lag ?? "its replication stopped")"
    }
    return facts.isReadOnly ? "read-only, no replica" : "takes writes, no replica"
  }

  private var replicationFindings: [Finding] {
    if let replication = facts.replication {
      guard replication.isReplica, replication.lagSeconds == nil else { return [] }
      return [
        Finding(
          .error, "the server is a replica whose replication has stopped: nothing new would come",
          remedy: facts.isMariaDB
            ? "See SHOW ALL SLAVES STATUS, then START ALL SLAVES."
            : "See SHOW REPLICA STATUS, then START REPLICA.",
          code: "replication_stopped")
      ]
    }
    let message =
      "the user may not see whether the server is a replica and how far it is behind"
    return [
      facts.isReadOnly
        ? Finding(
          .warning, message + "; it is read-only, as replicas are, and its lag is not allowed for",
          remedy: facts.replicationGrant, code: "replication_hidden")
        : Finding(
          .note, message, remedy: "Where it is one: \(facts.replicationGrant)",
          code: "replication_hidden")
    ]
  }

  // MARK: Limits

  private func seconds(_ name: String, perUnit: Double = 1) -> Double? {
    facts.variables[name].flatMap(Double.init).map { $0 * perUnit }
  }

  private var limitFindings: [Finding] {
    var findings: [Finding] = []
    for (name, unit) in [("max_statement_time", 1.0), ("max_execution_time", 0.001)] {
      guard let limit = seconds(name, perUnit: unit), limit > 0 else { continue }
      findings.append(
        Finding(
          .warning,
          "the server ends statements after \(Units.describe(seconds: limit)) (\(name)): long reads"
            + " break off",
          remedy: "Set it to 0 for the user that Tidemark reads as.", code: "statement_limit"))
    }
    for name in [
      "idle_transaction_timeout", "idle_readonly_transaction_timeout",
      "innodb_kill_idle_transaction", "kill_idle_transaction",
    ] {
      guard let limit = seconds(name), limit > 0, limit < 10 * Self.patienceSecondsMin else {
        continue
      }
      findings.append(
        Finding(
          .warning,
          "the server ends transactions that idle for \(Units.describe(seconds: limit)) (\(name)):"
            + " a read that waits for the lake breaks off",
          remedy: "Set it to 0, or to 10 minutes and more.", code: "idle_limit"))
    }
    for name in ["net_write_timeout", "wait_timeout"] {
      guard let limit = seconds(name), limit < Self.patienceSecondsMin else { continue }
      findings.append(
        Finding(
          .warning,
          "the server gives up a connection that waits for \(Units.describe(seconds: limit))"
            + " (\(name))",
          remedy: "Set it to 60 or more.", code: "connection_limit"))
    }
    return findings
  }
}

extension ServerFacts {
  static let zonesRemedy =
    "Load them: mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql (mariadb-tzinfo-to-sql with"
    + " MariaDB)."
}
