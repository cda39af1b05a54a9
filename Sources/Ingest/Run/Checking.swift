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
    let entries = try streams.select(selection)
    var checks: [SourceCheck] = []
    for source in workspace.configuration.sources.map(\.configuration.name) {
      let own = entries.filter { $0.name.hasPrefix(source + ".") }
      let idle = idleWildcards(of: source, selection, entries)
      if own.isEmpty, idle.isEmpty { continue }
      var check = SourceCheck(source: source, findings: [], streams: [])
      let first = own.lazy.compactMap { entry in
        if case .resolved(let stream) = entry { stream } else { nil }
      }.first
      check.findings = first?.source.check() ?? []
      check.streams = own.map { self.check($0, isReached: check.isReached) }
      check.streams += idle.map { pattern in
        SourceCheck.Stream(
          name: pattern,
          findings: [
            Finding(
              .warning, "the wildcard stands for nothing that is there now",
              remedy: "Correct it, or grant the user what it should match.",
              code: "wildcard_idle")
          ])
      }
      checks.append(check)
    }
    return checks
  }

  /// Wildcards of the config that were asked for and found no stream.
  private func idleWildcards(
    of source: String, _ selection: [String], _ entries: [StreamSelection.Entry]
  ) -> [String] {
    let found = entries.map { entry in
      if case .resolved(let stream) = entry { stream.pattern ?? stream.name } else { entry.name }
    }
    return workspace.configuration.streams.filter { $0.source == source }
      .map(\.configuration.name).filter { name in
        name.contains("*") && !found.contains(name)
          && (selection.isEmpty || selection.contains(source) || selection.contains(name))
      }
  }

  private func check(_ entry: StreamSelection.Entry, isReached: Bool) -> SourceCheck.Stream {
    switch entry {
    case .failed(let name, let error):
      SourceCheck.Stream(
        name: name,
        findings: isReached || error.kind != .unreachable
          ? [
            Finding(
              .error, error.description, remedy: error.remedy,
              isUnreachable: error.kind == .unreachable)
          ] : [.notLookedAt])
    case .resolved(let stream):
      SourceCheck.Stream(
        name: stream.name, pattern: stream.pattern,
        // Each would wait for the same silence.
        findings: isReached ? stream.source.check(stream.configuration) : [.notLookedAt])
    }
  }
}

extension SourceCheck {
  /// Whether the source answered.
  public var isReached: Bool { !findings.contains(where: \.isUnreachable) }
}

extension Finding {
  fileprivate static let notLookedAt = Finding(
    .error, "not looked at: the source was not reached", isUnreachable: true,
    code: "source_unreachable")
}
