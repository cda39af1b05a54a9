/// Writes an array of objects anew from values of other documents: rows of child tables, records
/// with fields of what they lie in.
public struct JSONComposer {
  public enum Value: Sendable {
    case cursor(JSONCursor)
    case integer(Int)
    case null
  }

  private var bytes: [UInt8] = [UInt8(ascii: "[")]
  public private(set) var count = 0

  /// Text of one array at most: a long field that many objects take must not fill the memory.
  static let bytesMax = 128 << 20

  public init() {}

  /// Adds an object: the members given, and those of another object whose names are not among them.
  /// - Parameters:
  ///   - isBehind: whether the members given come behind the object's own.
  ///   - omitting: places in the object that are left out; each names one value.
  /// - Throws: `.malformed` where the array gets too long.
  public mutating func append(
    _ members: [(name: String, value: Value)], _ object: JSONCursor?, isBehind: Bool = false,
    omitting paths: [JSONPath] = []
  ) throws(FormatError) {
    guard bytes.count <= Self.bytesMax else {
      throw FormatError(
        .malformed,
        "\(count) objects take more than \(Self.bytesMax >> 20) MB with what is added to each",
        remedy: "Ask for smaller pages, or add shorter fields.")
    }
    if count > 0 { bytes.append(UInt8(ascii: ",")) }
    count += 1
    bytes.append(UInt8(ascii: "{"))
    if !isBehind { write(members) }
    if let object {
      let omitted = Set(paths.compactMap { object.value(at: $0)?.index })
      for (name, value) in object.members
      where !members.contains(where: { $0.name == name }) && !omitted.contains(value.index) {
        write(name: name)
        write(value, omitting: omitted)
      }
    }
    if isBehind { write(members) }
    bytes.append(UInt8(ascii: "}"))
  }

  /// The array as a document; goes on with an empty one.
  public mutating func document() throws(FormatError) -> JSONDocument {
    bytes.append(UInt8(ascii: "]"))
    defer { self = JSONComposer() }
    return try JSONDocument(parsing: bytes)
  }

  private mutating func write(_ members: [(name: String, value: Value)]) {
    for member in members {
      write(name: member.name)
      switch member.value {
      case .cursor(let cursor): JSONTextWriter.append(cursor, to: &bytes)
      case .integer(let number): bytes.append(contentsOf: String(number).utf8)
      case .null: bytes.append(contentsOf: "null".utf8)
      }
    }
  }

  private mutating func write(name: String) {
    if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
    JSONTextWriter.appendQuoted(name.utf8, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }

  /// Recursion is as deep as the document.
  private mutating func write(_ value: JSONCursor, omitting omitted: Set<Int>) {
    guard value.kind == .object, omitted.contains(where: { $0 > value.index && $0 < value.end })
    else { return JSONTextWriter.append(value, to: &bytes) }
    bytes.append(UInt8(ascii: "{"))
    for (name, member) in value.members where !omitted.contains(member.index) {
      write(name: name)
      write(member, omitting: omitted)
    }
    bytes.append(UInt8(ascii: "}"))
  }
}
