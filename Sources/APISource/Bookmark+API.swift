internal import Base
internal import Connector

/// The bookmarks of APIs as their states hold them.
///
///     time    {"to": microseconds, "recent_from": microseconds}     recent_from only with lookback
///     id      {"id": "42"}
///     token   {"token": "…"}
///     full    nothing, or what `Validators` keeps
extension Bookmark {
  /// - Parameter recentFrom: the ledger knows all records from here on.
  static func time(to: Instant, recentFrom: Instant?) -> Bookmark {
    var state: [JSONValue.Member] = [.init(key: "to", value: .integer(to.microseconds))]
    if let recentFrom {
      state.append(.init(key: "recent_from", value: .integer(recentFrom.microseconds)))
    }
    return Bookmark(kind: .time, mark: to.description, state: .object(state))
  }

  static func id(_ id: RecordID) -> Bookmark {
    Bookmark(kind: .opaque, mark: id.text, state: ["id": .string(id.text)])
  }

  static func token(_ token: String) -> Bookmark {
    Bookmark(
      kind: .opaque, mark: token.count <= 80 ? token : token.prefix(79) + "…",
      state: ["token": .string(token)])
  }

  static func full(at time: Instant, _ validators: Validators? = nil) -> Bookmark {
    Bookmark(kind: .full, mark: time.description, state: validators?.state ?? .null)
  }

  var timeState: (to: Instant, recentFrom: Instant?)? {
    state["to"]?.integer.map { to in
      (Instant(microseconds: to), state["recent_from"]?.integer.map(Instant.init(microseconds:)))
    }
  }

  /// The refusal of a bookmark of another kind than the config's.
  static func unfit(_ bookmark: Bookmark, place: String) -> ConnectorError {
    ConnectorError(
      .refused,
      "the bookmark '\(bookmark.mark)' is of another kind than the config's bookmark asks for",
      remedy: "Put the config back, or reset the bookmark: tidemark bookmark reset \(place).",
      place: place)
  }
}
