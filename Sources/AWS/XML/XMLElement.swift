/// One element of an XML answer: its local name, its text and the elements in it. Attributes and
/// namespaces carry nothing in these answers and are left out.
public struct XMLElement: Hashable, Sendable {
  public var name: String
  /// The element's own character data, that of its children left out.
  public var text = ""
  public var children: [XMLElement] = []

  /// The first child of that name.
  public subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

  /// The text of the first child of that name.
  public func text(of name: String) -> String? { self[name]?.text }

  public func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// Parses a whole document of at most 32 levels and 100,000 elements.
  public init(parsing bytes: [UInt8]) throws(XMLSyntaxError) {
    var parser = XMLParser(bytes)
    self = try parser.document()
  }

  init(name: String) { self.name = name }
}

/// What is wrong with an XML text, and where.
public struct XMLSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  public var message: String
  /// Bytes from the start of the text.
  public var offset: Int

  public var description: String { "\(message) at byte \(offset)" }
}

/// Writes the few XML documents that services are sent.
enum XMLText {
  /// Text between tags. XML 1.0 has no way to write most control characters; services read the
  /// references to them all the same.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _ where scalar.value < 0x20: result += "&#\(scalar.value);"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
