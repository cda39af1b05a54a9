internal import Base
internal import Connector

/// A text with places for parts of a request: what is signed, and what headers say.
struct SignatureTemplate: Sendable {
  enum Place: String, Sendable, CaseIterable {
    case method
    case host
    /// As it is sent, percent-encoded.
    case path
    /// What follows the `?`, as it is sent; empty where there is none.
    case query
    /// The path, with `?` and the query where there is one.
    case target
    case body
    /// By the algorithm of the signature, also of an empty body.
    case bodyHash = "body_hash"
    case timestamp
    case nonce
    case keyID = "key_id"
    /// Only in headers.
    case signature
  }

  private enum Piece: Sendable {
    case text(String)
    case place(Place)
  }

  private var pieces: [Piece] = []

  /// - Parameter places: those that may be used.
  init(_ value: ConfigValue, places: [Place]) throws(ConnectorError) {
    var rest = (value.string ?? "")[...]
    while let open = rest.firstIndex(of: "{") {
      if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
      let inner = rest[rest.index(after: open)...]
      guard let close = inner.firstIndex(of: "}") else {
        throw misconfigured(
          value, "a '{' is never closed", remedy: "Write placeholders as {timestamp}.")
      }
      let name = String(inner[..<close])
      guard let place = Place(rawValue: name), places.contains(place) else {
        let names = places.map(\.rawValue)
        throw misconfigured(
          value, "unknown placeholder '{\(name)}'",
          remedy: nearestName(to: name, among: names).map { "Did you mean '{\($0)}'?" }
            ?? "Known ones here: \(names.map { "{\($0)}" }.joined(separator: ", ")).")
      }
      pieces.append(.place(place))
      rest = inner[inner.index(after: close)...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
  }

  func uses(_ place: Place) -> Bool {
    pieces.contains { if case .place(place) = $0 { true } else { false } }
  }

  func fill(_ values: (Place) -> [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .text(let text): bytes += text.utf8
      case .place(let place): bytes += values(place)
      }
    }
    return bytes
  }
}
