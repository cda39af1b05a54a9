import APIServer
@testable import APISource
import Base
import Connector
import Foundation
import Records
import Synchronization
import Testing

func server() throws -> APIServer { try APIServer.shared.get() }

/// A stream of an API as a config would have it, and what the engine would remember of it.
final class TestStream {
  let base: String
  var options: ConfigValue
  var sourceOptions: [ConfigValue.Entry]
  var key: [String]
  var environment: [String: String] = [:]
  var clock: WallClock
  var recording: Recording?
  let notices = Notices()

  private(set) var bookmark: Bookmark?
  private(set) var ledger = MemoryLedger()
  private(set) var schema: Schema?
  /// The ids of all rows committed, in their order.
  private(set) var ids: [Int] = []
  private(set) var batches: [Batch] = []
  private(set) var rejects: [Batch] = []
  /// Of the child tables, by their names.
  private(set) var sides: [String: [Batch]] = [:]
  private(set) var counts: [String: Int] = [:]
  private(set) var splits = 0

  init(
    _ base: String, key: [String] = ["id"], clock: WallClock = .manual(start: testNow),
    _ options: KeyValuePairs<String, ConfigValue>
  ) {
    self.base = base
    self.key = key
    self.clock = clock
    self.options = .map(options)
    sourceOptions = [.init(key: "base_url", value: .string(base))]
  }

  func open() throws -> any StreamSession {
    try source().open(stream)
  }

  func source() throws -> any Source {
    let options = ConfigValue(.map(sourceOptions))
    for (schema, value) in [
      (APISourceType.sourceKeys, options), (APISourceType.streamKeys, self.options),
    ] {
      if let problem = ConfigSchema.map(schema).problems(in: value).first {
        throw ConnectorError(.misconfigured, problem.description, remedy: problem.remedy)
      }
    }
    let environment = environment
    let notices = notices
    let context = SourceContext(
      clock: clock, randomness: .seeded(7), environment: { environment[$0] },
      notify: { notices.append($0) }, recording: recording)
    return try APISourceType.open(SourceConfiguration(name: "test", options: options), context)
  }

  var stream: StreamConfiguration {
    StreamConfiguration(name: "test.items", item: "items", key: key, options: options)
  }

  func plan() throws -> Plan {
    let session = try open()
    defer { session.close() }
    return try session.plan(
      PlanRequest(bookmark: bookmark, ledger: ledger, knownSchema: schema))
  }

  /// What the engine does: every split is committed by itself, or not at all.
  @discardableResult
  func run(_ readOptions: ReadOptions = ReadOptions()) throws -> TestStream {
    let session = try open()
    defer { session.close() }
    counts = [:]
    splits = 0
    let plan = try session.plan(
      PlanRequest(bookmark: bookmark, ledger: ledger, knownSchema: schema))
    for split in plan.splits {
      let reader = try session.read(split, readOptions)
      defer { reader.close() }
      var read: [Batch] = []
      while let batch = try reader.next() {
        switch batch.table {
        case .main: read.append(batch.batch)
        case .side("rejects"): rejects.append(batch.batch)
        case .side(let name): sides[name, default: []].append(batch.batch)
        }
      }
      let advance = try reader.finish()
      for batch in read {
        schema = schema.map { batch.schema.widened(with: $0) ?? batch.schema } ?? batch.schema
        ids += (0..<batch.rowCount).compactMap { Int(batch["id"]?[$0].text ?? "") }
      }
      batches += read
      if advance.bookmark.kind == .full { ids = read.flatMap(Self.ids) }
      bookmark = advance.bookmark
      ledger = ledger.applying(advance.ledger)
      counts.merge(advance.counts) { $0 + $1 }
      splits += 1
    }
    return self
  }

  private static func ids(_ batch: Batch) -> [Int] {
    (0..<batch.rowCount).compactMap { Int(batch["id"]?[$0].text ?? "") }
  }

  /// A column of all rows of a child table, or of the stream's own, as texts.
  func texts(_ column: String, of side: String? = nil) -> [String] {
    (side.map { sides[$0] ?? [] } ?? batches).flatMap { batch in
      (0..<batch.rowCount).map { row in batch[column].map { $0[row].text } ?? "null" }
    }
  }

  /// Types of the columns of the last batch.
  func types(of side: String? = nil) -> [String: String] {
    let fields = (side.flatMap { sides[$0]?.last } ?? batches.last)?.schema.fields ?? []
    return Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.type.description) })
  }

  /// Sets the bookmark as a person would.
  func set(_ text: String) throws { bookmark = try open().bookmark(from: text) }

  /// Requests for pages so far.
  func requests() throws -> [JSONValue] {
    try server().log(base).filter { $0["method"] != "HEAD" }
  }
}

final class Notices: Sendable {
  private let all = Mutex<[String]>([])
  func append(_ text: String) { all.withLock { $0.append(text) } }
  var texts: [String] { all.withLock { $0 } }
}

let testNow = Instant("2024-01-10T00:00:00Z") ?? Instant(seconds: 0)

func api(_ members: KeyValuePairs<String, JSONValue>) throws -> String {
  var all = members.map { JSONValue.Member(key: $0.key, value: $0.value) }
  if !all.contains(where: { $0.key == "date" }) {
    all.append(.init(key: "date", value: "2024-01-10T00:00:00Z"))
  }
  return try server().api(.object(all))
}

func request(
  _ path: String, _ parameters: KeyValuePairs<String, ConfigValue> = [:],
  format: String? = nil
) -> ConfigValue {
  var entries: [ConfigValue.Entry] = [
    .init(key: "path", value: .string(path)), .init(key: "params", value: .map(parameters)),
  ]
  if let format { entries.append(.init(key: "time_format", value: .string(format))) }
  return ConfigValue(.map(entries))
}

let window: KeyValuePairs<String, ConfigValue> = [
  "since": .string("{from}"), "until": .string("{to}"),
]

let byTime: ConfigValue = .map(["by": .string("updated_at"), "start": .plain("2024-01-01")])

/// The ways of paging that the test server knows, as a config names them.
enum Paging: String, CaseIterable {
  case page, offset, cursor, next, link

  var options: ConfigValue {
    switch self {
    case .page: .map(["page": .string("page")])
    case .offset: .map(["offset": .string("offset"), "limit": .plain("10")])
    case .cursor: .map(["cursor": .string("$.next"), "param": .string("cursor")])
    case .next: .map(["next": .string("$.links.next")])
    case .link: .map(["link": .string("header")])
    }
  }

  var records: String { self == .link ? "$" : "$.data" }

  func stream(_ base: String, bookmark: ConfigValue? = byTime) -> TestStream {
    var entries: [ConfigValue.Entry] = [
      .init(key: "request", value: request("/\(rawValue)", bookmark == nil ? [:] : window)),
      .init(key: "records", value: .string(records)), .init(key: "paginate", value: options),
    ]
    if let bookmark { entries.append(.init(key: "bookmark", value: bookmark)) }
    let stream = TestStream(base, [:])
    stream.options = ConfigValue(.map(entries))
    return stream
  }
}

func problem<Ignored>(_ body: () throws -> Ignored) -> ConnectorError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? ConnectorError
  }
}
