import Base
import Connector
import Ingest

/// What was found about a source, for people: its facts, its streams, and then each finding once,
/// whatever the number of streams that it holds for.
struct CheckDisplay {
  /// A finding, and where it was found.
  private struct Group {
    var finding: Finding
    /// Of each stream; none for the source itself.
    var places: [Place] = []
  }

  private struct Place: Hashable {
    var stream: String
    var subject: String?
    var remedy: String?
  }

  /// More are counted.
  private static let streamsShownMax = 6

  private let check: SourceCheck

  init(_ check: SourceCheck) { self.check = check }

  func print() {
    printSource()
    if check.isReached {
      printStreams()
    } else {
      let count = Units.describe(check.streams.count, "stream")
      Terminal.write("  \(Self.mark(.error)) \(count) not looked at\n")
    }
    for severity in [Finding.Severity.error, .warning, .note] {
      var wasShort = false
      for group in groups(severity) { print(group, &wasShort) }
    }
  }

  /// How many of the findings there are, equal ones once; none of those that are said of a source
  /// which was not reached.
  func count(_ severity: Finding.Severity) -> Int { groups(severity).count }

  // MARK: The source and its streams

  private func printSource() {
    let facts = check.findings.filter { $0.severity == .fact }.map(\.message)
    let name = Terminal.styled(check.source, .bold)
    let indent = String(repeating: " ", count: check.source.count + 2)
    Terminal.write(facts.isEmpty ? name + "\n" : "\(name)  \(facts[0])\n")
    for fact in facts.dropFirst() { Terminal.write("\(indent)\(fact)\n") }
  }

  /// A line a stream, and one for all tables of a wildcard with which all is well.
  private func printStreams() {
    var lines: [(severity: Finding.Severity?, name: String, text: String)] = []
    var folded: Set<String> = []
    for stream in check.streams {
      let worst = Self.worst(stream)
      if let pattern = stream.pattern {
        if folded.insert(pattern).inserted {
          lines.append((nil, pattern, patternText(pattern)))
        }
        if worst == nil { continue }
      }
      let fact = stream.findings.first { $0.severity == .fact }?.message ?? ""
      lines.append((worst, stream.name, fact))
    }
    let width = lines.map(\.name.count).max() ?? 0
    for line in lines {
      let padding = String(repeating: " ", count: width - line.name.count)
      let text = line.text.isEmpty ? line.name : "\(line.name)\(padding)  \(line.text)"
      Terminal.write("  \(Self.mark(line.severity)) \(text)\n")
    }
  }

  private func patternText(_ pattern: String) -> String {
    let members = check.streams.filter { $0.pattern == pattern }
    let count = Units.describe(members.count, "table")
    let faulty = members.count { Self.worst($0) != nil }
    return faulty == 0
      ? "\(count), all well" : "\(count), of these with something to mend: \(faulty)"
  }

  /// Error or warning; nil where there is neither.
  private static func worst(_ stream: SourceCheck.Stream) -> Finding.Severity? {
    [Finding.Severity.error, .warning].first { severity in
      stream.findings.contains { $0.severity == severity }
    }
  }

  private static func mark(_ severity: Finding.Severity?) -> String {
    switch severity {
    case .error: Terminal.styled("✗", .red)
    case .warning: Terminal.styled("!", .yellow)
    default: Terminal.styled("✓", .green)
    }
  }

  // MARK: Findings

  private func groups(_ severity: Finding.Severity) -> [Group] {
    var groups = check.findings.filter { $0.severity == severity }.map { Group(finding: $0) }
    var positions: [String: Int] = [:]
    for stream in check.isReached ? check.streams : [] {
      for finding in stream.findings where finding.severity == severity {
        // An error names its stream already.
        let own = "\(stream.name): "
        var finding = finding
        if finding.message.hasPrefix(own) {
          finding.message = String(finding.message.dropFirst(own.count))
        }
        let place = Place(
          stream: stream.name, subject: finding.subject, remedy: finding.remedy)
        if let position = positions[finding.message] {
          groups[position].places.append(place)
        } else {
          positions[finding.message] = groups.count
          groups.append(Group(finding: finding, places: [place]))
        }
      }
    }
    return groups
  }

  /// - Parameter wasShort: whether the one before was a single line.
  private func print(_ group: Group, _ wasShort: inout Bool) {
    let finding = group.finding
    let style: Terminal.Style =
      switch finding.severity {
      case .error: .red
      case .warning: .yellow
      case .note, .fact: .dim
      }
    let text = "\(Terminal.styled(finding.severity.rawValue + ":", style)) \(finding.message)"
    var remedies: [String?] = []
    for place in group.places where !remedies.contains(place.remedy) {
      remedies.append(place.remedy)
    }
    let isShort = finding.severity == .note && remedies == [nil]
    if !(isShort && wasShort) { Terminal.write("\n") }
    wasShort = isShort
    if isShort { return Terminal.write("  \(text): \(streamList(group.places))\n") }
    Terminal.write("  \(text)\n")
    if remedies.isEmpty, let remedy = finding.remedy { printRemedy(remedy) }
    for remedy in remedies {
      Terminal.write("    \(streamList(group.places.filter { $0.remedy == remedy }))\n")
      if let remedy { printRemedy(remedy) }
    }
  }

  private func printRemedy(_ remedy: String) {
    Terminal.write("      \(Terminal.styled("next:", .cyan)) \(remedy)\n")
  }

  /// The streams, tables of a wildcard as one where it holds for all of them.
  private func streamList(_ places: [Place]) -> String {
    var texts: [String] = []
    var whole: Set<String> = []
    for place in places {
      let pattern = check.streams.first { $0.name == place.stream }?.pattern
      guard let pattern else {
        texts.append(Self.text(place))
        continue
      }
      if whole.contains(pattern) { continue }
      let members = check.streams.filter { $0.pattern == pattern }.map(\.name)
      let same = Set(places.filter { $0.subject == place.subject }.map(\.stream))
      if members.allSatisfy(same.contains) {
        whole.insert(pattern)
        texts.append(
          Self.text(Place(stream: pattern, subject: place.subject, remedy: nil)))
      } else {
        texts.append(Self.text(place))
      }
    }
    let shown = texts.prefix(Self.streamsShownMax).joined(separator: ", ")
    let more = texts.count - Self.streamsShownMax
    return more > 0 ? "\(shown) and \(more) more" : shown
  }

  private static func text(_ place: Place) -> String {
    place.subject.map { "\(place.stream) (\($0))" } ?? place.stream
  }
}
