internal import CXML2

/// A place inside an XML document, as XPath 1.0 names it: `//item`, `/feed/entry[@kind='post']`.
/// Names are those without namespaces.
public struct XMLPath: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// More steps than this over one document are given up.
  static let stepsMax: UInt = 50_000_000

  /// - Throws: `.invalidOption` that says where the path stops being one.
  public init(parsing text: String) throws(FormatError) {
    description = text
    guard let paths = cxml2_paths_create(nil, Self.stepsMax) else { throw .outOfMemory }
    defer { cxml2_paths_free(paths) }
    guard let compiled = cxml2_path_compile(paths, text) else {
      let rest = text.utf8.dropFirst(Int(cxml2_path_error_offset(paths)))
      throw FormatError(
        .invalidOption,
        "'\(text)' is no XPath: "
          + (rest.isEmpty
            ? "something is missing at its end"
            : "it is none from '\(String(rest) ?? text)' on"),
        remedy: "Write a path such as //item, /feed/entry or //item[@kind='x'].")
    }
    cxml2_path_free(compiled)
  }
}

extension XMLDocument {
  /// The elements at the path as an array of objects.
  /// - Parameter including: further members of each object: the text that a path finds from the
  ///   element on, `../@id`; null where it finds nothing.
  /// - Throws: `.malformed` where the path takes too many steps in this document, or names what
  ///   is no element.
  public func json(_ path: XMLPath, including: [(name: String, path: XMLPath)] = [])
    throws(FormatError) -> [UInt8]
  {
    guard let paths = cxml2_paths_create(tree, XMLPath.stepsMax) else { throw .outOfMemory }
    defer { cxml2_paths_free(paths) }
    var compiled: [OpaquePointer] = []
    defer { for path in compiled { cxml2_path_free(path) } }
    for path in [path] + including.map(\.path) {
      guard let expression = cxml2_path_compile(paths, path.description) else { throw .outOfMemory }
      compiled.append(expression)
    }
    let result = try evaluate(compiled[0], paths, nil, path)
    defer { cxml2_result_free(result) }
    let count = cxml2_result_count(result)
    guard count >= 0 else { throw problem(path, "it names a value, and elements were expected") }
    var writer = XMLWriter()
    writer.bytes.append(UInt8(ascii: "["))
    for index in 0..<count {
      guard let node = cxml2_result_node(result, index), cxml2_node_kind(node) == CXML2_ELEMENT
      else { throw problem(path, "it names attributes or texts, and elements were expected") }
      if index > 0 { writer.bytes.append(UInt8(ascii: ",")) }
      writer.append(record: node)
      for (place, extra) in including.enumerated() {
        let value = try evaluate(compiled[place + 1], paths, node, extra.path)
        defer { cxml2_result_free(value) }
        append(value, named: extra.name, to: &writer)
      }
      guard writer.bytes.count <= JSONComposer.bytesMax else {
        throw problem(path, "\(count) elements are more than fit into memory as records")
      }
    }
    writer.bytes.append(UInt8(ascii: "]"))
    return writer.bytes
  }

  /// Adds a member to the object that was written last.
  private func append(_ value: OpaquePointer, named name: String, to writer: inout XMLWriter) {
    let isEmpty = writer.bytes[writer.bytes.count - 2] == UInt8(ascii: "{")
    writer.bytes.removeLast()
    if !isEmpty { writer.bytes.append(UInt8(ascii: ",")) }
    JSONTextWriter.appendQuoted(Array(name.utf8), to: &writer.bytes)
    writer.bytes.append(UInt8(ascii: ":"))
    if cxml2_result_count(value) >= 0 {
      if let node = cxml2_result_node(value, 0) {
        writer.append(node: node)
      } else {
        writer.append(text: nil)
      }
    } else if let text = cxml2_result_text(value) {
      writer.append(text: Array(String(cString: text).utf8))
      cxml2_text_free(text)
    } else {
      writer.append(text: nil)
    }
    writer.bytes.append(UInt8(ascii: "}"))
  }

  private func evaluate(
    _ expression: OpaquePointer, _ paths: OpaquePointer, _ node: OpaquePointer?, _ path: XMLPath
  ) throws(FormatError) -> OpaquePointer {
    if let result = cxml2_evaluate(paths, expression, node) { return result }
    let reason = cxml2_path_error(paths).map { String(cString: $0) } ?? "it finds nothing"
    throw problem(path, reason.filter { $0 != "\n" })
  }

  private func problem(_ path: XMLPath, _ message: String) -> FormatError {
    FormatError(
      .malformed, "the path '\(path)' does not work in the document: \(message)",
      remedy: "Name the elements that are records, such as //item.")
  }
}
