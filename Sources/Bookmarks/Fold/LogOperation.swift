internal import Base

/// One thing that can happen to a commit log. It does the same wherever it is applied again in
/// the same order, and either applies whole or is refused and changes nothing.
enum LogOperation: Hashable, Sendable {
  /// Gives the stream to a writer; `epoch` is one more than the last one's.
  case takeLease(stream: String, epoch: Int, owner: String, at: Instant)
  /// Nothing where the lease was lost meanwhile.
  case releaseLease(Lease)
  case append(Commit, under: Lease)
  case markPublished(stream: String, version: Int)
  case beginRun(RunRecord)
  case recordOutcome(StreamOutcome, run: String)
  case endRun(String, at: Instant)
  /// A change of the catalog that belongs to no commit.
  case changeCatalog(JSONValue)
}

extension LogOperation {
  var json: JSONValue {
    switch self {
    case .takeLease(let stream, let epoch, let owner, let at):
      [
        "do": "take-lease", "stream": .string(stream), "epoch": .init(epoch),
        "owner": .string(owner), "at": .integer(at.microseconds),
      ]
    case .releaseLease(let lease):
      ["do": "release-lease", "stream": .string(lease.stream), "epoch": .init(lease.epoch)]
    case .append(let commit, let lease):
      ["do": "append", "epoch": .init(lease.epoch), "commit": commit.json]
    case .markPublished(let stream, let version):
      ["do": "mark-published", "stream": .string(stream), "version": .init(version)]
    case .beginRun(let run): ["do": "begin-run", "run": run.json]
    case .recordOutcome(let outcome, let run):
      ["do": "record-outcome", "run": .string(run), "outcome": outcome.json]
    case .endRun(let run, let at):
      ["do": "end-run", "run": .string(run), "at": .integer(at.microseconds)]
    case .changeCatalog(let change): ["do": "change-catalog", "change": change]
    }
  }

  /// - Throws: `.corrupt` where it is none that this Tidemark knows.
  init(json: JSONValue) throws(BookmarksError) {
    func text(_ key: String) throws(BookmarksError) -> String {
      guard let text = json[key]?.string else { throw Self.unknown(json) }
      return text
    }
    func number(_ key: String) throws(BookmarksError) -> Int {
      guard let number = json[key]?.integer else { throw Self.unknown(json) }
      return Int(number)
    }
    func time() throws(BookmarksError) -> Instant {
      Instant(microseconds: Int64(try number("at")))
    }
    switch json["do"]?.string {
    case "take-lease":
      self = .takeLease(
        stream: try text("stream"), epoch: try number("epoch"), owner: try text("owner"),
        at: try time())
    case "release-lease":
      self = .releaseLease(Lease(stream: try text("stream"), epoch: try number("epoch")))
    case "append":
      let commit = try Commit(json: json["commit"] ?? .null)
      self = .append(commit, under: Lease(stream: commit.stream, epoch: try number("epoch")))
    case "mark-published":
      self = .markPublished(stream: try text("stream"), version: try number("version"))
    case "begin-run":
      guard let run = json["run"].flatMap(RunRecord.init(json:)) else { throw Self.unknown(json) }
      self = .beginRun(run)
    case "record-outcome":
      guard let outcome = json["outcome"].flatMap(StreamOutcome.init(json:)) else {
        throw Self.unknown(json)
      }
      self = .recordOutcome(outcome, run: try text("run"))
    case "end-run": self = .endRun(try text("run"), at: try time())
    case "change-catalog": self = .changeCatalog(json["change"] ?? .null)
    default: throw Self.unknown(json)
    }
  }

  private static func unknown(_ json: JSONValue) -> BookmarksError {
    BookmarksError(
      .corrupt, "the log holds what this Tidemark does not know: \(json.text().prefix(120))",
      remedy: "A newer Tidemark wrote it: use that one. Nothing was changed.")
  }
}
