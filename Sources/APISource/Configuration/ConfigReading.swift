internal import Connector

/// What is wrong with a value of the config.
func misconfigured(_ value: ConfigValue, _ message: String, remedy: String) -> ConnectorError {
  let line = value.line > 0 ? "line \(value.line): " : ""
  return ConnectorError(
    .misconfigured, message, remedy: remedy,
    place: value.path.isEmpty ? nil : line + value.path)
}

extension ConfigValue {
  /// The only one of the named keys that is there, or nil where none is.
  func only(of names: [String]) throws(ConnectorError) -> String? {
    let found = names.filter { self[$0] != nil }
    guard found.count <= 1 else {
      throw misconfigured(
        self, "\(found.joined(separator: " and ")) exclude each other",
        remedy: "Keep one of them.")
    }
    return found.first
  }
}
