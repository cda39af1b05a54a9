/// The profiles of AWS's shared files, `~/.aws/config` and `~/.aws/credentials`.
///
/// Settings are `name = value` lines under `[default]`, `[profile NAME]` (config) or `[NAME]`
/// (credentials). A value left empty and followed by indented lines is a group: `s3 =` with
/// `  addressing_style = path` below it is read as `s3.addressing_style`.
struct SharedProfiles {
  /// By profile, then by setting, in lower case.
  private(set) var profiles: [String: [String: String]] = [:]
  /// `[services NAME]` of the config.
  private(set) var services: [String: [String: String]] = [:]

  init(_ environment: AWSEnvironment) {
    if let config = environment.file(environment.configPath) {
      for (section, settings) in Self.sections(config) {
        let words = section.split(whereSeparator: \.isWhitespace).map(String.init)
        switch (words.first, words.count) {
        case ("default", 1): merge(settings, into: "default")
        case ("profile", 2): merge(settings, into: words[1])
        case ("services", 2): services[words[1], default: [:]].merge(settings) { $1 }
        default: break
        }
      }
    }
    if let credentials = environment.file(environment.credentialsPath) {
      for (section, settings) in Self.sections(credentials) { merge(settings, into: section) }
    }
  }

  private mutating func merge(_ settings: [String: String], into profile: String) {
    profiles[profile, default: [:]].merge(settings) { $1 }
  }

  /// The sections in their order, each with its settings.
  static func sections(_ bytes: [UInt8]) -> [(name: String, settings: [String: String])] {
    var sections: [(name: String, settings: [String: String])] = []
    var group: String?
    let text = String(decoding: bytes, as: UTF8.self)
    for line in text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline) {
      let isIndented = line.first == " " || line.first == "\t"
      let trimmed = trim(line)
      if trimmed.isEmpty || trimmed.first == "#" || trimmed.first == ";" { continue }
      if trimmed.first == "[" {
        let name = trimmed.dropFirst().prefix { $0 != "]" }
        sections.append((trim(name), [:]))
        group = nil
        continue
      }
      guard let equals = trimmed.firstIndex(of: "="), !sections.isEmpty else { continue }
      let name = trim(trimmed[..<equals]).lowercased()
      let value = withoutComment(trim(trimmed[trimmed.index(after: equals)...]))
      if isIndented, let group {
        sections[sections.count - 1].settings["\(group).\(name)"] = value
      } else {
        group = value.isEmpty ? name : nil
        if !value.isEmpty { sections[sections.count - 1].settings[name] = value }
      }
    }
    return sections
  }

  private static func trim(_ text: some StringProtocol) -> String {
    var text = text[...]
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }

  /// A comment after a value begins with ` #` or ` ;`.
  private static func withoutComment(_ value: String) -> String {
    var previous: Character = " "
    for index in value.indices {
      if (value[index] == "#" || value[index] == ";") && previous.isWhitespace {
        return trim(value[..<index])
      }
      previous = value[index]
    }
    return value
  }
}
