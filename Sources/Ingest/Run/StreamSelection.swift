internal import Base
public import Connector
internal import Lake

/// Finds the streams that names on the command line stand for, wildcards of the config expanded.
public struct StreamSelection: Sendable {
  /// A stream, or why it cannot be begun.
  public enum Entry: Sendable {
    case resolved(ResolvedStream)
    case failed(name: String, IngestError)

    public var name: String {
      switch self {
      case .resolved(let stream): stream.name
      case .failed(let name, _): name
      }
    }
  }

  private let configuration: Configuration
  private let context: SourceContext

  public init(_ configuration: Configuration, _ context: SourceContext) {
    self.configuration = configuration
    self.context = context
  }

  /// - Parameter names: of sources, of streams, or of streams that a wildcard matches; none: all.
  /// - Throws: where a name stands for nothing, or two streams would fill one table.
  public func select(_ names: [String]) throws(IngestError) -> [Entry] {
    var entries: [Entry] = []
    var matched = Set<String>()
    for sourceEntry in configuration.sources {
      let source = sourceEntry.configuration.name
      let configured = configuration.streams.filter { $0.source == source }
      if configured.isEmpty
        || !names.isEmpty && !names.contains(where: { $0 == source || $0.hasPrefix(source + ".") })
      {
        continue
      }
      let (opened, failure) = open(sourceEntry)
      for stream in configured {
        let wanted =
          names.isEmpty || names.contains(source) || names.contains(stream.configuration.name)
        if names.contains(source) { matched.insert(source) }
        if names.contains(stream.configuration.name) { matched.insert(stream.configuration.name) }
        let isPattern = stream.configuration.name.contains("*")
        guard wanted || isPattern else { continue }
        guard let opened, failure == nil else {
          entries.append(.failed(name: stream.configuration.name, failure ?? unopened))
          continue
        }
        for entry in resolve(stream, opened) {
          guard wanted || names.contains(entry.name) else { continue }
          matched.insert(entry.name)
          entries.append(entry)
        }
      }
    }
    for name in names where !matched.contains(name) { throw unknown(name) }
    return try withoutCollisions(entries)
  }

  /// The one stream of a name.
  public func stream(named name: String) throws(IngestError) -> ResolvedStream {
    switch try select([name]).first(where: { $0.name == name }) {
    case .resolved(let stream): return stream
    case .failed(_, let error): throw error
    case nil: throw unknown(name)
    }
  }

  /// The streams as trials in a zone of their own.
  /// - Throws: where the zone is that of a real table, or its name is none.
  func trials(of entries: [Entry], inZone zone: String) throws(IngestError) -> [Entry] {
    let isName =
      !zone.isEmpty && zone.first != "_"
      && zone.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
      }
    guard isName else {
      throw IngestError(
        .configuration, "'\(zone)' is no name for a zone",
        remedy: "Use small letters, digits and '_': it becomes a folder and a database.")
    }
    let real = Set(configuration.streams.map { configuration.zones[$0.settings.zone] ?? "" })
    if real.contains(zone) {
      throw IngestError(
        .refused, "streams fill tables of the zone '\(zone)'",
        remedy: "Try it in a zone that no stream fills, such as --zone trial.")
    }
    return entries.map { entry in
      guard case .resolved(let stream) = entry else { return entry }
      return .resolved(stream.trial(inZone: zone))
    }
  }

  func settings(of name: String) -> StreamSettings? {
    configuration.streams.first { $0.configuration.name == name }?.settings
  }

  private var unopened: IngestError {
    IngestError(.failed, "the source could not be opened", remedy: "Run 'tidemark check'.")
  }

  private func open(_ entry: Configuration.SourceEntry) -> ((any Source)?, IngestError?) {
    if context.recording?.isReplay ?? false, !entry.type.isRecordable {
      return (
        nil,
        IngestError(
          .configuration, "sources of type \(entry.type.name) cannot be replayed",
          remedy: "Name the streams to replay: tidemark run SOURCE --replay DIR.",
          place: entry.configuration.name)
      )
    }
    do {
      return (try entry.type.open(entry.configuration, context), nil)
    } catch {
      return (nil, IngestError(error))
    }
  }

  private func resolve(_ stream: Configuration.StreamEntry, _ source: any Source) -> [Entry] {
    let expanded: [StreamConfiguration]
    do {
      expanded = try source.streams(matching: stream.configuration)
    } catch {
      return [.failed(name: stream.configuration.name, IngestError(error))]
    }
    // A stream that is configured by its own name is not also taken by a wildcard.
    let own = Set(configuration.streams.map(\.configuration.name))
    return expanded.filter { $0.name == stream.configuration.name || !own.contains($0.name) }.map {
      var resolved = ResolvedStream(
        configuration: $0, settings: stream.settings, source: source,
        zone: configuration.zones[stream.settings.zone] ?? stream.settings.zone)
      if $0.name != stream.configuration.name { resolved.pattern = stream.configuration.name }
      return .resolved(resolved)
    }
  }

  private func unknown(_ name: String) -> IngestError {
    let known =
      configuration.sources.map(\.configuration.name)
      + configuration.streams.map(\.configuration.name)
    return IngestError(
      .configuration, "there is no source or stream '\(name)'",
      remedy: nearestName(to: name, among: known).map { "Did you mean '\($0)'?" }
        ?? "The config has: \(known.joined(separator: ", ")).")
  }

  /// - Throws: where two streams of the config would fill one table. What a wildcard brought fails
  ///   where another stream fills its table, and the others run.
  private func withoutCollisions(_ entries: [Entry]) throws(IngestError) -> [Entry] {
    let own = Set(configuration.streams.map(\.configuration.name))
    var names = Set<String>()
    let distinct = entries.filter { names.insert($0.name).inserted }
    let byTable = Dictionary(grouping: distinct, by: Self.table)
    var result: [Entry] = []
    for entry in distinct {
      let isOwn = own.contains(entry.name)
      guard let table = Self.table(entry),
        let other = byTable[table]?.first(where: {
          $0.name != entry.name && (own.contains($0.name) || !isOwn)
        })
      else {
        result.append(entry)
        continue
      }
      let error = IngestError(
        .configuration,
        "the streams '\(entry.name)' and '\(other.name)' would fill one table, \(table)",
        remedy:
          "Rename a source, put one of them in another zone, or leave one out of its wildcard.")
      if isOwn { throw error }
      result.append(.failed(name: entry.name, error))
    }
    return result
  }

  /// The zone and table that a stream fills.
  private static func table(_ entry: Entry) -> String? {
    guard case .resolved(let stream) = entry else { return nil }
    return "\(stream.zone).\(stream.table)"
  }
}
