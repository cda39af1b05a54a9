public import Records

/// What a column loses, or becomes, when it is written.
public struct ConversionNote: Hashable, Sendable, CustomStringConvertible {
  /// The dotted path of the field, with `element`, `key` and `value` inside lists and maps.
  public var column: String
  /// `timestamp(ns) becomes timestamp(us): fractions of a microsecond are cut off`.
  public var message: String
  /// Whether values may change; otherwise only what the file says of them does.
  public var losesValues: Bool

  public init(column: String, message: String, losesValues: Bool) {
    self.column = column
    self.message = message
    self.losesValues = losesValues
  }

  public var description: String { "\(column): \(message)" }
}

extension WriteProfile {
  /// What storing rows of a schema by this profile changes; empty for `max`.
  public func notes(for schema: Schema) -> [ConversionNote] {
    var notes: [ConversionNote] = []
    for field in schema.fields { collect(field.type, field.name, &notes) }
    return notes
  }

  private func collect(_ type: DataType, _ path: String, _ notes: inout [ConversionNote]) {
    switch type {
    case .list(let element): collect(element.type, path + ".element", &notes)
    case .map(let key, let value):
      collect(key.type, path + ".key", &notes)
      collect(value.type, path + ".value", &notes)
    case .structure(let fields):
      for field in fields { collect(field.type, path + "." + field.name, &notes) }
    default:
      let stored = storedType(of: type)
      if stored == type { return }
      let (consequence, losesValues) = Self.consequence(of: type)
      notes.append(
        ConversionNote(
          column: path, message: "\(type) becomes \(stored)\(consequence)",
          losesValues: losesValues))
    }
  }

  private static func consequence(of type: DataType) -> (String, losesValues: Bool) {
    switch type {
    case .timestamp(.nanoseconds, _):
      (": fractions of a microsecond are cut off", true)
    case .time(.nanoseconds):
      (" of microseconds: fractions of a microsecond are cut off", true)
    case .time: (" of microseconds", false)
    case .json: (": the file no longer says that it is JSON", false)
    case .uuid: (" of 36 characters", false)
    default: ("", false)
    }
  }
}

extension WriteOptions {
  /// What writing rows of a schema with these options changes, and what readers of the profile
  /// will not make out.
  public func notes(for schema: Schema) -> [ConversionNote] {
    var notes = profile.notes(for: schema)
    if profile == .lake {
      for (path, annotation) in annotations.sorted(by: { $0.key < $1.key }) {
        notes.append(
          ConversionNote(
            column: path, message: "is no longer marked as \(annotation.text)",
            losesValues: false))
      }
    }
    guard profile == .lake else { return notes }
    for (path, encoding) in encodings.sorted(by: { $0.key < $1.key }) {
      let isCommon = [.plain, .rleDictionary].contains(encoding.written)
      if isCommon { continue }
      notes.append(
        ConversionNote(
          column: path, message: "some readers of lakes can not read \(encoding)",
          losesValues: false))
    }
    return notes
  }
}
