import Base
import Formats
import Records
import Testing

/// Random objects with arrays against the rules, written down simply.
@Suite struct JSONListPropertyTests {
  /// A type as it is found: the widest of all values.
  private indirect enum Found: Equatable {
    case nothing, boolean, integer, double, text, json
    case object([(String, Found)])
    case array(Found)

    static func == (a: Found, b: Found) -> Bool { "\(a)" == "\(b)" }

    init(_ value: JSONValue) {
      switch value {
      case .null: self = .nothing
      case .boolean: self = .boolean
      case .integer: self = .integer
      case .double: self = .double
      case .string: self = .text
      case .array(let items): self = .array(items.reduce(.nothing) { $0.widened(Found($1)) })
      case .object(let members): self = .object(members.map { ($0.key, Found($0.value)) })
      }
    }

    func widened(_ other: Found) -> Found {
      switch (self, other) {
      case (.nothing, _): return other
      case (_, .nothing): return self
      case (.array(let a), .array(let b)): return .array(a.widened(b))
      case (.object(let a), .object(let b)):
        var fields = a
        for (name, type) in b {
          if let place = fields.firstIndex(where: { $0.0 == name }) {
            fields[place].1 = fields[place].1.widened(type)
          } else {
            fields.append((name, type))
          }
        }
        return .object(fields)
      case (.integer, .double), (.double, .integer): return .double
      case (.object, .array), (.array, .object), (.json, .array), (.json, .object),
        (.array, .json), (.object, .json):
        return .json
      default: return self == other ? self : .text
      }
    }

    var isTyped: Bool {
      switch self {
      case .nothing: false
      case .array(let element): element.isTyped
      case .object(let fields): fields.contains { $0.1.isTyped }
      default: true
      }
    }

    var name: String {
      switch self {
      case .nothing: "none"
      case .boolean: "boolean"
      case .integer: "bigint"
      case .double: "double"
      case .text: "string"
      case .json: "json"
      case .array(let element): "array<\(element.name)>"
      case .object(let fields):
        "struct<"
          + fields.filter(\.1.isTyped).map { "\($0.0):\($0.1.name)" }.joined(separator: ",") + ">"
      }
    }

    /// As `jsonText` writes the value in a column of this type.
    func text(_ value: JSONValue) -> String {
      if case .null = value { return "null" }
      switch (self, value) {
      case (.array(let element), .array(let items)):
        return "[\(items.map { element.text($0) }.joined(separator: ","))]"
      case (.object(let fields), .object(let members)):
        let parts = fields.filter(\.1.isTyped).compactMap { name, type -> String? in
          guard let member = members.first(where: { $0.key == name }), member.value != .null else {
            return nil
          }
          return "\"\(name)\":\(type.text(member.value))"
        }
        return "{\(parts.joined(separator: ","))}"
      case (.double, .integer(let number)): return "\(Double(number))"
      case (.text, .string): return value.text()
      case (.text, _), (.json, _): return JSONValue.string(value.text()).text()
      default: return value.text()
      }
    }
  }

  private struct Dice {
    var state: UInt64
    mutating func roll(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }

    /// Mostly of one kind, so that types are found, and at times of any.
    mutating func value(_ shape: Int, depth: Int) -> JSONValue {
      if roll(8) == 0 { return .null }
      let shape = roll(60) == 0 ? roll(8) : shape
      switch shape {
      case 0: return .boolean(roll(2) == 0)
      case 1: return .integer(Int64(roll(1000)) - 500)
      case 2: return roll(2) == 0 ? .double(Double(roll(100)) + 0.5) : .integer(Int64(roll(9)))
      case 3: return .string(["", "x", "Zoë", "a\"b\\"][roll(4)])
      case 4, 5:
        if depth == 0 { return .array([]) }
        let inner = shape == 4 ? 1 + depth % 3 : 6
        return .array((0..<roll(4)).map { _ in value(inner, depth: depth - 1) })
      case 6:
        if depth == 0 { return .object([]) }
        var members: [JSONValue.Member] = []
        for key in 0..<4 where roll(2) == 0 {
          members.append(
            .init(key: "k\(key)", value: value(key == 3 ? 5 : key, depth: depth - 1)))
        }
        return .object(members)
      default:
        return .array((0..<roll(3)).map { _ in value(4, depth: max(0, depth - 1)) })
      }
    }
  }

  @Test(arguments: 1...60)
  func agreesWithTheRules(_ seed: UInt64) throws {
    var dice = Dice(state: seed &* 0x9E37_79B9_7F4A_7C15)
    let columns = 1 + dice.roll(4)
    let shapes = (0..<columns).map { _ in [4, 5, 5, 6, 7][dice.roll(5)] }
    let rows = (0..<(1 + dice.roll(120))).map { _ in
      JSONValue.object(
        shapes.enumerated().map {
          .init(key: "c\($0.offset)", value: dice.value($0.element, depth: 3))
        })
    }
    let lines = rows.map { $0.text() + "\n" }
    for knows in [false, true] {
      let first = try parse("json", [lines.joined()])
      let parsed =
        knows ? try parse("json", [lines.joined()], knownSchema: first.schema) : first
      #expect(parsed.outcome.rejects.isEmpty)
      for column in 0..<columns {
        let name = "c\(column)"
        let values = rows.map { $0[name] ?? .null }
        let found = values.reduce(Found.nothing) { $0.widened(Found($1)) }
        #expect(parsed.types[name] == (found.isTyped ? found.name : nil), "seed \(seed)")
        guard found.isTyped else { continue }
        let texts = parsed.jsonTexts(name)
        for (row, value) in values.enumerated() where texts[row] != found.text(value) {
          Issue.record("seed \(seed), \(lines[row]): \(texts[row]), not \(found.text(value))")
          return
        }
      }
    }
  }
}
