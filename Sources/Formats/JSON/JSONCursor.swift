public import Base

/// A value inside a parsed document. Cheap to copy: a reference and an index.
public struct JSONCursor: Sendable {
  let tape: JSONTape
  let index: Int

  public enum Kind: String, Hashable, Sendable {
    case null, boolean, number, string, array, object
  }

  private var word: UInt64 { tape.words[index] }
  private var tag: UInt8 { UInt8(truncatingIfNeeded: word >> 56) }
  private var payload: Int { Int(word & 0x00FF_FFFF_FFFF_FFFF) }

  public var kind: Kind {
    switch tag {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
    case UInt8(ascii: "n"): .null
    default: .number
    }
  }

  public var isNull: Bool { kind == .null }

  public var boolean: Bool? {
    switch tag {
    case UInt8(ascii: "t"): true
    case UInt8(ascii: "f"): false
    default: nil
    }
  }

  /// The number where it is an integer of 64 bits with sign.
  public var integer: Int64? {
    tag == UInt8(ascii: "l") ? Int64(bitPattern: tape.words[index + 1]) : nil
  }

  /// The number, rounded to a double where it is a long integer.
  public var number: Double? {
    switch tag {
    case UInt8(ascii: "l"): Double(Int64(bitPattern: tape.words[index + 1]))
    case UInt8(ascii: "u"): Double(tape.words[index + 1])
    case UInt8(ascii: "d"): Double(bitPattern: tape.words[index + 1])
    default: nil
    }
  }

  public var string: String? {
    kind == .string ? String(decoding: stringBytes, as: UTF8.self) : nil
  }

  /// A string as it is, a number or boolean as its text; nil for null, arrays and objects.
  public var scalarText: String? {
    switch kind {
    case .string: string
    case .number, .boolean: text
    case .null, .array, .object: nil
    }
  }

  /// The value as JSON text without spaces.
  public var text: String {
    var bytes: [UInt8] = []
    JSONTextWriter.append(self, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value outside its document. For small values.
  public var value: JSONValue {
    switch tag {
    case UInt8(ascii: "{"):
      .object(members.map { JSONValue.Member(key: $0.key, value: $0.value.value) })
    case UInt8(ascii: "["): .array(elements.map(\.value))
    case UInt8(ascii: "\""): .string(String(decoding: stringBytes, as: UTF8.self))
    case UInt8(ascii: "t"): .boolean(true)
    case UInt8(ascii: "f"): .boolean(false)
    case UInt8(ascii: "l"): .integer(Int64(bitPattern: tape.words[index + 1]))
    case UInt8(ascii: "u"), UInt8(ascii: "d"): .double(number ?? 0)
    default: .null
    }
  }

  var stringBytes: ArraySlice<UInt8> { Self.stringBytes(tape, at: payload) }

  fileprivate static func stringBytes(_ tape: JSONTape, at offset: Int) -> ArraySlice<UInt8> {
    var length = 0
    for position in (0..<4).reversed() {
      length = length << 8 | Int(tape.strings[offset + position])
    }
    return tape.strings[offset + 4..<offset + 4 + length]
  }

  /// The index behind this value.
  var end: Int {
    switch tag {
    case UInt8(ascii: "{"), UInt8(ascii: "["): Int(word & 0xFFFF_FFFF)
    case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index + 2
    default: index + 1
    }
  }
}

extension JSONCursor {
  /// The elements of an array in their order; none where this is no array.
  public var elements: Elements {
    kind == .array
      ? Elements(tape: tape, index: index + 1, end: end - 1)
      : Elements(tape: tape, index: 0, end: 0)
  }

  public struct Elements: Sequence, IteratorProtocol {
    fileprivate let tape: JSONTape
    fileprivate var index: Int
    fileprivate let end: Int

    public mutating func next() -> JSONCursor? {
      guard index < end else { return nil }
      let value = JSONCursor(tape: tape, index: index)
      index = value.end
      return value
    }
  }

  /// The members of an object in their order; none where this is no object.
  public var members: Members {
    kind == .object
      ? Members(tape: tape, index: index + 1, end: end - 1)
      : Members(tape: tape, index: 0, end: 0)
  }

  public struct Members: Sequence, IteratorProtocol {
    fileprivate let tape: JSONTape
    fileprivate var index: Int
    fileprivate let end: Int

    public mutating func next() -> (key: String, value: JSONCursor)? {
      guard index < end else { return nil }
      let key = JSONCursor(tape: tape, index: index)
      let value = JSONCursor(tape: tape, index: index + 1)
      index = value.end
      return (String(decoding: key.stringBytes, as: UTF8.self), value)
    }
  }

  /// The member of an object; nil where there is none. Complexity: O(members).
  public subscript(key: String) -> JSONCursor? {
    guard kind == .object else { return nil }
    var found: JSONCursor?
    var index = index + 1
    let last = end - 1
    while index < last {
      let candidate = JSONCursor(tape: tape, index: index)
      let value = JSONCursor(tape: tape, index: index + 1)
      if candidate.stringBytes.elementsEqual(key.utf8) { found = value }
      index = value.end
    }
    return found
  }

  /// The element of an array, from the end where negative; nil where there is none.
  /// Complexity: O(elements).
  public subscript(position: Int) -> JSONCursor? {
    guard kind == .array else { return nil }
    if position >= 0 {
      return elements.dropFirst(position).first { _ in true }
    }
    let count = elements.reduce(0) { count, _ in count + 1 }
    return count + position >= 0 ? self[count + position] : nil
  }
}
