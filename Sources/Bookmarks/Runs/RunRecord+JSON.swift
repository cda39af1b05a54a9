public import Base

extension StreamOutcome {
  /// The shape that `tidemark run --json` prints, with `counts` and `remedy` besides.
  public var json: JSONValue {
    [
      "stream": .string(stream), "status": .string(status.rawValue), "rows": .init(rows),
      "bytes": .init(bytes), "files": .init(files), "commits": .init(commits),
      "seconds": .double((seconds * 1000).rounded() / 1000), "from": .init(from), "to": .init(to),
      "error": .init(error), "remedy": .init(remedy),
      "counts": .object(
        counts.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .init($0.value)) }),
    ]
  }

  public init?(json: JSONValue) {
    guard let stream = json["stream"]?.string,
      let status = json["status"]?.string.flatMap(Status.init(rawValue:))
    else { return nil }
    self.init(stream: stream, status: status)
    func count(_ key: String) -> Int { Int(json[key]?.integer ?? 0) }
    rows = count("rows")
    bytes = count("bytes")
    files = count("files")
    commits = count("commits")
    seconds = json["seconds"]?.number ?? 0
    from = json["from"]?.string
    to = json["to"]?.string
    error = json["error"]?.string
    remedy = json["remedy"]?.string
    for member in json["counts"]?.members ?? [] {
      counts[member.key] = Int(member.value.integer ?? 0)
    }
  }
}

extension RunRecord {
  var json: JSONValue {
    [
      "run": .string(id), "started_at": .integer(startedAt.microseconds),
      "ended_at": endedAt.map { .integer($0.microseconds) } ?? .null,
      "command": .string(command), "host": .string(host),
    ]
  }

  init?(json: JSONValue) {
    guard let id = json["run"]?.string, let started = json["started_at"]?.integer else {
      return nil
    }
    self.init(
      id: id, startedAt: Instant(microseconds: started),
      endedAt: json["ended_at"]?.integer.map { Instant(microseconds: $0) },
      command: json["command"]?.string ?? "", host: json["host"]?.string ?? "")
  }
}
