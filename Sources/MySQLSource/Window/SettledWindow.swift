internal import Base
internal import Connector

/// Keys that other places than one server's AUTO_INCREMENT give out, and tuples of keys: who will
/// commit what is not known, so everything above a floor is read again until it has settled.
///
///     … done … floor │ read again, known rows dropped │ mark │ new
struct SettledWindow {
  let cursors: [CursorColumn]
  let settleSeconds: Double
  var nulls = CursorNulls.error
  let place: String

  /// Rows that a first run remembers at the most: the highest ones.
  static let rememberedAtFirst = 500_000
  private static let checkpointCountMax = 16

  /// The bookmark's record.
  struct State: Equatable {
    var mark: [Int128]
    /// nil: everything is read again.
    var floor: [Int128]?
    var checkpoints: [Checkpoint] = []

    struct Checkpoint: Equatable {
      var at: Instant
      var mark: [Int128]
    }
  }

  /// - Parameters:
  ///   - floorAtFirst: below which a first run need remember nothing; nil where the table is small.
  ///   - now: the server's clock, read before the snapshot was opened.
  func prepare(
    _ request: PlanRequest, now: Instant, hidden: Writers.Hidden?, floorAtFirst: [Int128]?
  ) throws(ConnectorError) -> PreparedWindow {
    let state = try self.state(request.bookmark)
    let settle = settleSeconds + (hidden?.lagSeconds ?? 0)
    let settled = state?.checkpoints.last { $0.at.advanced(seconds: settle) <= now }
    var floor = settled?.mark ?? state?.floor
    // Nothing but rows without a cursor has been read yet.
    if floor?.isEmpty == true { floor = nil }
    let remembered = floor ?? floorAtFirst
    let condition = self.condition(above: floor)
    let kept = (state?.checkpoints ?? []).filter { settled == nil || $0.at > settled?.at ?? now }
    let next = { [cursors] (progress: RereadProgress) -> Bookmark in
      let mark = Self.higher(progress.highest, state?.mark) ?? []
      var checkpoints = kept + [State.Checkpoint(at: now, mark: mark)]
      while checkpoints.count > Self.checkpointCountMax {
        checkpoints.remove(at: checkpoints.count / 2)
      }
      return State(mark: mark, floor: remembered, checkpoints: checkpoints).bookmark(cursors)
    }
    let settings = RereadProgress.Settings(
      new: state.map { .above($0.mark) } ?? .everything,
      remembered: remembered.map { .above($0) } ?? .everything,
      includesNulls: nulls == .include, refusesNulls: nulls == .error,
      cursorName: (cursors.first(where: \.isNullable) ?? cursors[0]).name, place: place,
      remedy: "Run more often, or shorten the bookmark's `settle`.")
    let mark = state.map { text($0.mark) }
    return PreparedWindow(
      window: Window(
        from: mark, to: nil, predicate: condition,
        reason: "keys may come late for \(Units.describe(seconds: settle)): all above the floor"
          + " is read again, and what is known is dropped"),
      condition: condition,
      bounds: WindowBounds(from: floor.map { Self.text(cursors[0], $0[0]) }),
      label: "above \(floor.map(text) ?? "the beginning")", isEmpty: false,
      makeProgress: { () throws(ConnectorError) -> any WindowProgress in
        try RereadProgress(settings, ledger: request.ledger, bookmark: next)
      })
  }

  private func state(_ bookmark: Bookmark?) throws(ConnectorError) -> State? {
    guard let bookmark else { return nil }
    guard let state = State(bookmark), [0, cursors.count].contains(state.mark.count) else {
      throw ConnectorError(
        .refused, "the bookmark was not made with this cursor and a `settle`",
        remedy: "Set the bookmark anew, or reset the stream.", place: place)
    }
    return state
  }

  /// The rows above the floor, and what the policy says of those that lack a part of the cursor.
  private func condition(above floor: [Int128]?) -> String {
    let range = floor.map { TupleComparison.greater(cursors, zip(cursors, $0).map(Self.text)) }
    let nullable = cursors.filter(\.isNullable)
    if nullable.isEmpty { return range ?? "TRUE" }
    let parts = range.map { ["(\($0))"] } ?? []
    if nulls == .skip {
      return (parts + nullable.map { "\($0.sql) IS NOT NULL" }).joined(separator: " AND ")
    }
    if parts.isEmpty { return "TRUE" }
    return (parts + nullable.map { "\($0.sql) IS NULL" }).joined(separator: " OR ")
  }

  private func text(_ tuple: [Int128]) -> String {
    zip(cursors, tuple).map(Self.text).joined(separator: ", ")
  }

  /// A value as the server writes it.
  static func text(_ cursor: CursorColumn, _ value: Int128) -> String {
    cursor.isTime ? cursor.text(Int64(clamping: value)) : String(value)
  }

  private static func higher(_ a: [Int128]?, _ b: [Int128]?) -> [Int128]? {
    guard let a, let b else { return a ?? b }
    return b.lexicographicallyPrecedes(a) ? a : b
  }
}

extension SettledWindow.State {
  func bookmark(_ cursors: [CursorColumn]) -> Bookmark {
    var members: [JSONValue.Member] = [.init(key: "settled", value: Self.json(mark))]
    if let floor { members.append(.init(key: "floor", value: Self.json(floor))) }
    members.append(
      .init(
        key: "checkpoints",
        value: .array(
          checkpoints.map {
            ["at": .integer($0.at.microseconds), "mark": Self.json($0.mark)]
          })))
    return Bookmark(
      kind: cursors.count > 1 ? .tuple : .integer,
      mark: zip(cursors, mark).map(SettledWindow.text).joined(separator: ", "),
      state: .object(members))
  }

  init?(_ bookmark: Bookmark) {
    guard let mark = Self.tuple(bookmark.state["settled"]) else { return nil }
    self.init(mark: mark, floor: Self.tuple(bookmark.state["floor"]))
    for item in bookmark.state["checkpoints"]?.array ?? [] {
      guard let at = item["at"]?.integer, let mark = Self.tuple(item["mark"]) else { return nil }
      checkpoints.append(.init(at: Instant(microseconds: at), mark: mark))
    }
  }

  private static func json(_ tuple: [Int128]) -> JSONValue {
    .array(tuple.map(SerialState.json))
  }

  private static func tuple(_ json: JSONValue?) -> [Int128]? {
    guard let items = json?.array else { return nil }
    let numbers = items.compactMap { SerialState.number($0) }
    return numbers.count == items.count ? numbers : nil
  }
}
