extension JSONDocument {
  /// Parses JSON lines as one array, an element a line; blank lines are passed over.
  /// - Throws: `.malformed`, with the first line that is not one document.
  /// - Complexity: O(n); see `init(parsing:)`.
  public init(parsingLines bytes: [UInt8]) throws(FormatError) {
    var array: [UInt8] = [UInt8(ascii: "[")]
    array.reserveCapacity(bytes.count + 2)
    var count = 0
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x1E })
    where line.contains(where: { !Self.isSpace($0) }) {
      if count > 0 { array.append(UInt8(ascii: ",")) }
      array.append(contentsOf: line)
      count += 1
    }
    array.append(UInt8(ascii: "]"))
    do throws(FormatError) {
      let document = try JSONDocument(parsing: array)
      // A document over two lines and two on one line do not make up for each other unseen.
      guard document.root.elements.reduce(0, { count, _ in count + 1 }) == count else {
        throw Self.lineProblem(bytes, "the lines are not one document each")
      }
      self = document
    } catch {
      throw Self.lineProblem(bytes, error.message)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
  }

  private static func lineProblem(_ bytes: [UInt8], _ message: String) -> FormatError {
    var problem = FormatError(
      .malformed, message,
      remedy: "Look at the text there, and have whoever writes it mend it.")
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    where line.contains(where: { !isSpace($0) }) {
      do throws(FormatError) {
        _ = try JSONDocument(parsing: Array(line))
      } catch {
        problem.message = error.message
        problem.place = "line \(index + 1)"
        return problem
      }
    }
    return problem
  }
}
