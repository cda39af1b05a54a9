internal import Connector
internal import Base
internal import Formats
internal import Foundation

/// The format that a stream's `parse` names, with its options: `combined`, `{csv: {…}}` or
/// `{regex: "…"}`.
struct FormatChoice: Sendable {
  let format: any LineFormat.Type
  let options: FormatOptions

  /// Option files are patterns and the like.
  private static let optionFileBytesMax = 1 << 20

  /// What `parse` may be.
  static var schema: ConfigSchema {
    .oneOf([
      .choice(LineFormats.names + [ParquetRows.name]),
      .map(
        LineFormats.all.filter { !$0.options.isEmpty }.map { format in
          ConfigKey(format.name, schema(of: format), "Lines in the format '\(format.name)'.")
        }),
    ])
  }

  private static func schema(of format: any LineFormat.Type) -> ConfigSchema {
    let whole = ConfigSchema.map(
      format.options.map { option in
        ConfigKey(
          option.name, option.kind.schema, isRequired: option.isRequired, option.summary)
      })
    return format.shortOption == nil ? whole : .oneOf([.string, whole])
  }

  /// - Parameter value: validated against `schema`.
  init(_ value: ConfigValue?, place: String, baseDirectory: String) throws(ConnectorError) {
    let entries = value?.entries ?? []
    guard entries.count <= 1 else {
      throw ConnectorError(
        .misconfigured, "'parse' names \(entries.count) formats",
        remedy: "Keep one; give files of another format a stream of their own.", place: place)
    }
    let name = entries.first?.key ?? value?.string ?? ""
    do {
      format = name == ParquetRows.name ? ParquetRows.self : try LineFormats.named(name)
    } catch {
      throw ConnectorError(error, place: place)
    }
    var members: [JSONValue.Member] = []
    if let text = entries.first?.value.string, let short = format.shortOption {
      members = [.init(key: short, value: .string(text))]
    }
    for entry in entries.first?.value.entries ?? [] {
      guard let option = format.options.first(where: { $0.name == entry.key }) else { continue }
      let given = try Self.value(
        entry.value, of: option.kind, place: place, baseDirectory: baseDirectory)
      members.append(.init(key: entry.key, value: given))
    }
    if let missing = format.options.first(where: { option in
      option.isRequired && !members.contains { $0.key == option.name }
    }) {
      throw ConnectorError(
        .misconfigured, "the format '\(format.name)' needs '\(missing.name)'",
        remedy: "Write parse: {\(format.name): {\(missing.name): …}}. \(missing.summary)",
        place: place)
    }
    options = FormatOptions(.object(members))
  }

  private static func value(
    _ value: ConfigValue, of kind: FormatOption.Kind, place: String, baseDirectory: String
  ) throws(ConnectorError) -> JSONValue {
    switch kind {
    case .text, .choice: return JSONValue(value.string)
    case .flag: return value.boolean.map { .boolean($0) } ?? .null
    case .number: return JSONValue(value.integer)
    case .texts: return .array((value.strings ?? []).map { .string($0) })
    case .dictionary:
      return .object(
        value.entries.map { .init(key: $0.key, value: JSONValue($0.value.string ?? "")) })
    case .file:
      let name = value.string ?? ""
      let path = name.hasPrefix("/") ? name : baseDirectory + "/" + name
      guard let data = FileManager.default.contents(atPath: path),
        data.count <= optionFileBytesMax, let text = String(data: data, encoding: .utf8)
      else {
        throw ConnectorError(
          .misconfigured, "'\(name)' cannot be read, is larger than 1 MiB or is not UTF-8",
          remedy: "Name a readable file of text; relative paths begin at the config's folder.",
          place: place)
      }
      return .string(text)
    }
  }
}

extension FormatOption.Kind {
  fileprivate var schema: ConfigSchema {
    switch self {
    case .text, .file: .string
    case .flag: .boolean
    case .number(let range): .integer(range)
    case .choice(let words): .choice(words)
    case .texts: .oneOf([.string, .list(.string)])
    case .dictionary: .dictionary(.string)
    }
  }
}
