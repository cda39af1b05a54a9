internal import Base
public import Connector

/// What `check` found about a source and its streams.
public struct SourceCheck: Sendable {
  public struct Stream: Sendable {
    public var name: String
    /// The wildcard of the config that it was found by.
    public var pattern: String?
    public var findings: [Finding]
  }

  public var source: String
  /// About what its streams have in common.
  public var findings: [Finding]
  public var streams: [Stream]
}

extension Engine {
  /// Reaches every source and says what is wrong, source by source and stream by stream.
  public func check(_ selection: [String]) throws(IngestError) -> [SourceCheck] {
    var checks: [SourceCheck] = []
    for entry in try streams.select(selection) {
      let name = String(entry.name.prefix { $0 != "." })
      let index: Int
      if let known = checks.firstIndex(where: { $0.source == name }) {
        index = known
      } else {
        index = checks.count
        checks.append(SourceCheck(source: name, findings: [], streams: []))
        // The source itself, once, through the first of its streams.
        if case .resolved(let stream) = entry { checks[index].findings = stream.source.check() }
      }
      checks[index].streams.append(check(entry, isReached: checks[index].isReached))
    }
    return checks
  }

  private func check(_ entry: StreamSelection.Entry, isReached: Bool) -> SourceCheck.Stream {
    switch entry {
    case .failed(let name, let error):
      SourceCheck.Stream(
        name: name,
        findings: [
          Finding(
            .error, error.description, remedy: error.remedy,
            isUnreachable: error.kind == .unreachable)
        ])
    case .resolved(let stream):
      SourceCheck.Stream(
        name: stream.name, pattern: stream.pattern,
        // Each would wait for the same silence.
        findings: isReached
          ? stream.source.check(stream.configuration)
          : [Finding(.error, "not looked at: the source was not reached", isUnreachable: true)])
    }
  }
}

extension SourceCheck {
  fileprivate var isReached: Bool { !findings.contains(where: \.isUnreachable) }
}
