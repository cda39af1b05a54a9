internal import Base
public import Connector
internal import Foundation
internal import Yams

/// A config file as it was read: its text turned into values, nothing typed yet.
public struct ConfigurationFile: Sendable {
  public var path: String
  public var root: ConfigValue

  public static let defaultName = "tidemark.yaml"

  /// Finds the file: the given path, or `tidemark.yaml` upwards from the working folder.
  public static func locate(_ path: String?, workingDirectory: String) throws(IngestError) -> String
  {
    if let path {
      guard FileManager.default.fileExists(atPath: path) else {
        throw IngestError(
          .configuration, "the config file does not exist", remedy: "Check --config.", place: path)
      }
      return path
    }
    var folder = URL(fileURLWithPath: workingDirectory).standardizedFileURL
    while true {
      let candidate = folder.appendingPathComponent(defaultName).path
      if FileManager.default.fileExists(atPath: candidate) { return candidate }
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      if parent.path == folder.path { break }
      folder = parent
    }
    throw IngestError(
      .configuration, "there is no \(defaultName) here or in any folder above",
      remedy: "Write one with 'tidemark init', or name it with --config FILE.")
  }

  public init(reading path: String) throws(IngestError) {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw IngestError(
        .configuration, "the config file cannot be read as UTF-8 text",
        remedy: "Check that it exists, that this user may read it, and its encoding.", place: path)
    }
    try self.init(path: path, text: text)
  }

  public init(path: String, text: String) throws(IngestError) {
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw IngestError(
          .configuration, "the config file is empty", remedy: "Write one with 'tidemark init'.",
          place: path)
      }
      self.path = path
      root = try Self.value(node, path: "", depth: 0)
    } catch let error as IngestError {
      throw error
    } catch let error as YamlError {
      throw IngestError(
        .configuration, "the config is not valid YAML: \(error)",
        remedy: "Mend the text at that line.", place: path)
    } catch {
      throw IngestError(
        .configuration, "the config cannot be read: \(error)", remedy: "Mend the text.",
        place: path)
    }
  }

  private static func value(_ node: Node, path: String, depth: Int) throws -> ConfigValue {
    let line = node.mark?.line ?? 0
    guard depth < 64 else {
      throw IngestError(
        .configuration, "line \(line): the config is nested more than 64 levels deep",
        remedy: "Check for an alias that contains itself.")
    }
    switch node {
    case .scalar(let scalar):
      let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
      if !isQuoted, ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
        return ConfigValue(.null, line: line, path: path)
      }
      return ConfigValue(.scalar(scalar.string, isQuoted: isQuoted), line: line, path: path)
    case .sequence(let sequence):
      var items: [ConfigValue] = []
      for (index, item) in sequence.enumerated() {
        items.append(try value(item, path: "\(path)[\(index)]", depth: depth + 1))
      }
      return ConfigValue(.list(items), line: line, path: path)
    case .mapping(let mapping):
      var entries: [ConfigValue.Entry] = []
      for (key, item) in mapping {
        let name = key.string ?? ""
        let place = path.isEmpty ? name : "\(path).\(name)"
        entries.append(.init(key: name, value: try value(item, path: place, depth: depth + 1)))
      }
      return ConfigValue(.map(entries), line: line, path: path)
    case .alias:
      throw IngestError(
        .configuration, "line \(line): an alias that is not defined", remedy: "Define its anchor.")
    }
  }
}
