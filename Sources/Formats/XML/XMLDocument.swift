internal import CXML2

/// A parsed XML document, as JSON: `try XMLDocument(parsing: bytes).json()`.
///
///     <order id="7"><item>pen</item><item>ink</item><note/></order>
///     {"order":{"id":"7","item":["pen","ink"],"note":null}}
///
/// - An element with neither attributes nor elements is its text, without spaces at its ends; null
///   where there is none.
/// - Any other is an object of its attributes and elements, by their names without namespaces. What
///   has the same name is an array, in the document's order. Text beside them is `_text`.
/// - Values stay texts: `TextTypes` finds their types. Comments and instructions are left out, as
///   are attributes such as `xsi:nil`.
///
/// Hostile documents are refused: those that declare entities or attributes, or use entities that
/// XML itself does not know, are nested deeper than 256 levels, or have more than `nodesMax`
/// elements and attributes. Nothing is ever loaded from anywhere.
public final class XMLDocument {
  /// Elements and attributes together; each takes about 120 bytes of memory.
  public static let nodesMax = 1_000_000

  let tree: OpaquePointer
  let root: OpaquePointer

  /// - Parameter encoding: what is known of the text's encoding from elsewhere; nil: what a byte
  ///   order mark or the document itself says, else UTF-8.
  /// - Throws: `.malformed`, with the line where the text stops being XML.
  public convenience init(
    parsing bytes: [UInt8], encoding: String? = nil, nodesMax: Int = XMLDocument.nodesMax
  ) throws(FormatError) {
    try self.init(
      parsing: bytes[...], by: try XMLTreeParser(), encoding: encoding, nodesMax: nodesMax)
  }

  /// - Parameter parser: what is kept from one document to the next; one thread uses it.
  init(
    parsing bytes: ArraySlice<UInt8>, by parser: XMLTreeParser, encoding: String?, nodesMax: Int
  ) throws(FormatError) {
    guard let count = Int32(exactly: bytes.count) else {
      throw Self.problem("the document has more than 2 GB", line: 0)
    }
    var state = cxml2_state()
    let tree = bytes.withUnsafeBufferPointer { bytes in
      cxml2_parse(parser.parser, bytes.baseAddress, count, encoding, nodesMax, &state)
    }
    guard let tree else { throw Self.problem(state, nodesMax) }
    guard let root = cxml2_root(tree) else {
      cxml2_document_free(tree)
      throw Self.problem("it has no element", line: 0)
    }
    self.tree = tree
    self.root = root
  }

  deinit { cxml2_document_free(tree) }

  /// The document as an object with one member, named like its root.
  public func json() -> [UInt8] {
    var writer = XMLWriter()
    writer.bytes.append(UInt8(ascii: "{"))
    writer.appendName(of: root)
    writer.append(element: root)
    writer.bytes.append(UInt8(ascii: "}"))
    return writer.bytes
  }

  /// The root as an object, also where it holds nothing but text.
  func appendRecord(to output: inout [UInt8]) {
    var writer = XMLWriter(bytes: output)
    output = []
    writer.append(record: root)
    output = writer.bytes
  }

  private static func problem(_ state: cxml2_state, _ nodesMax: Int) -> FormatError {
    let line = Int(state.line)
    switch state.outcome {
    case CXML2_TOO_LARGE:
      return problem("it has more than \(nodesMax) elements and attributes", line: line)
    case CXML2_DECLARES:
      return problem("it declares or uses entities of its own, which are not expanded", line: line)
    case CXML2_NO_MEMORY: return .outOfMemory
    default:
      var state = state
      let text = withUnsafeBytes(of: &state.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 && $0 != 0x0A }, as: UTF8.self)
      }
      return problem(text.isEmpty ? "it cannot be read" : text, line: line)
    }
  }

  private static func problem(_ message: String, line: Int) -> FormatError {
    FormatError(
      .malformed, "the text is not XML that can be read: \(message)",
      remedy: "Look at the text there, and have whoever writes it mend it.",
      place: line > 0 ? "line \(line)" : nil)
  }
}

/// What libxml2 needs to parse documents, which costs more to make than most records to parse.
final class XMLTreeParser {
  fileprivate let parser: OpaquePointer

  init() throws(FormatError) {
    Self.prepare
    guard let parser = cxml2_parser_create() else { throw .outOfMemory }
    self.parser = parser
  }

  deinit { cxml2_parser_free(parser) }

  /// Once, before several threads use the library.
  private static let prepare: Void = cxml2_prepare()
}
