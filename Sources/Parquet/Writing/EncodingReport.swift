internal import Base

/// Why columns have the encoding that they have, as a writer notes it in the footer's key-value
/// metadata under `key`.
///
///     {"amount":{"encoding":"RLE_DICTIONARY","reason":"512 distinct in 20000 values: 41210 bytes
///      against 160000 PLAIN"}, …}
///
/// One member a leaf column, by its dotted path, in the order of the columns. Files of more than
/// `columnsMax` columns have none.
public struct EncodingReport: Hashable, Sendable {
  public static let key = "tidemark.encodings"
  public static let columnsMax = 300

  public struct Entry: Hashable, Sendable {
    public var path: String
    /// Of the values of most pages.
    public var encoding: Encoding
    /// In words, with the numbers that decided.
    public var reason: String

    public init(path: String, encoding: Encoding, reason: String) {
      self.path = path
      self.encoding = encoding
      self.reason = reason
    }
  }

  public var entries: [Entry]

  public init(entries: [Entry]) { self.entries = entries }

  /// From the value under `key`; nil where it is not what this writer notes.
  public init?(parsing text: String) {
    guard let members = (try? JSONValue(parsing: text))?.members else { return nil }
    entries = []
    for member in members {
      guard let encoding = member.value["encoding"]?.string.flatMap(Encoding.init(name:)),
        let reason = member.value["reason"]?.string
      else { return nil }
      entries.append(Entry(path: member.key, encoding: encoding, reason: reason))
    }
  }

  public var text: String {
    let members = entries.map { entry in
      JSONValue.Member(
        key: entry.path,
        value: .object([
          "encoding": .string(entry.encoding.description), "reason": .string(entry.reason),
        ]))
    }
    return JSONValue.object(members).text()
  }
}
