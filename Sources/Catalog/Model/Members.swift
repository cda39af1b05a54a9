internal import Base

/// Puts together a JSON object; what is nil is left out.
struct MemberWriter {
  private var members: [JSONValue.Member] = []

  mutating func add(_ key: String, _ value: JSONValue?) {
    if let value { members.append(.init(key: key, value: value)) }
  }

  mutating func add(_ key: String, _ value: String?) { add(key, value.map { .string($0) }) }

  mutating func add(_ key: String, _ value: Int) { add(key, .integer(Int64(value))) }

  mutating func add(_ key: String, _ value: Bool) { add(key, .boolean(value)) }

  mutating func add(_ key: String, _ items: [JSONValue]) { add(key, .array(items)) }

  /// Sorted, so that equal values have equal texts.
  mutating func add(_ key: String, _ texts: [String: String]) {
    let sorted = texts.sorted { $0.key < $1.key }
    add(key, .object(sorted.map { .init(key: $0.key, value: .string($0.value)) }))
  }

  /// Seconds since the epoch, Glue's form of times.
  mutating func add(_ key: String, _ time: Instant?) {
    guard let time else { return }
    let (seconds, rest) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    add(key, rest == 0 ? .integer(seconds) : .double(time.seconds))
  }

  func finish(_ other: [JSONValue.Member]) -> JSONValue { .object(members + other) }
}

/// Takes a JSON object apart, and says which member is not what it should be.
struct MemberReader {
  private let place: String
  private var members: [JSONValue.Member]

  init(_ json: JSONValue, _ place: String) throws(CatalogError) {
    self.place = place
    guard case .object(let members) = json else {
      throw CatalogError(
        .invalidInput, "this is not an object", remedy: "send the members that Glue's API names",
        place: place)
    }
    self.members = members
  }

  /// What was not asked for.
  func rest() -> [JSONValue.Member] { members }

  func required<Value>(_ key: String, _ value: Value?) throws(CatalogError) -> Value {
    guard let value else {
      throw CatalogError(
        .invalidInput, "the member is missing", remedy: "add it", place: "\(place).\(key)")
    }
    return value
  }

  mutating func string(_ key: String) throws(CatalogError) -> String? {
    try take(key, "a string", \.string)
  }

  mutating func boolean(_ key: String) throws(CatalogError) -> Bool? {
    try take(key, "true or false", \.boolean)
  }

  mutating func integer(_ key: String) throws(CatalogError) -> Int? {
    try take(key, "an integer") { $0.integer.flatMap { Int(exactly: $0) } }
  }

  mutating func strings(_ key: String) throws(CatalogError) -> [String]? {
    try take(key, "a list of strings") { json in
      guard let items = json.array else { return nil }
      let texts = items.compactMap(\.string)
      return texts.count == items.count ? texts : nil
    }
  }

  mutating func texts(_ key: String) throws(CatalogError) -> [String: String]? {
    try take(key, "an object of strings") { json in
      guard let members = json.members else { return nil }
      var texts: [String: String] = [:]
      for member in members {
        guard let text = member.value.string else { return nil }
        texts[member.key] = text
      }
      return texts
    }
  }

  mutating func time(_ key: String) throws(CatalogError) -> Instant? {
    try take(key, "seconds since 1970") { $0.number.map { Instant(seconds: $0) } }
  }

  mutating func value<Value>(
    _ key: String, _ parse: (JSONValue, String) throws(CatalogError) -> Value
  ) throws(CatalogError) -> Value? {
    guard let json = try take(key, "a value", { $0 }) else { return nil }
    return try parse(json, "\(place).\(key)")
  }

  mutating func list<Item>(
    _ key: String, _ parse: (JSONValue, String) throws(CatalogError) -> Item
  ) throws(CatalogError) -> [Item]? {
    guard let items = try take(key, "a list", \.array) else { return nil }
    var result: [Item] = []
    result.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      result.append(try parse(item, "\(place).\(key)[\(index)]"))
    }
    return result
  }

  /// nil where the member is absent or null.
  private mutating func take<Value>(
    _ key: String, _ expected: String, _ convert: (JSONValue) -> Value?
  ) throws(CatalogError) -> Value? {
    guard let index = members.lastIndex(where: { $0.key == key }) else { return nil }
    let json = members.remove(at: index).value
    if json == .null { return nil }
    guard let value = convert(json) else {
      throw CatalogError(
        .invalidInput, "the member is not \(expected)", remedy: "correct it",
        place: "\(place).\(key)")
    }
    return value
  }
}
