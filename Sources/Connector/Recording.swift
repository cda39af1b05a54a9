/// What becomes of the answers that sources fetch over the network, where a person asked for it.
public enum Recording: Hashable, Sendable {
  /// They are kept in this folder, one below it for each source.
  case record(into: String)
  /// They are taken from this folder, and nothing is fetched.
  case replay(from: String)

  public var isReplay: Bool {
    if case .replay = self { true } else { false }
  }
}
