/// What text may name a column.
enum ColumnName {
  /// Why no column can have the name; nil where one can.
  /// - Parameter noun: what a message calls the name: `key`.
  static func problem(_ bytes: some Collection<UInt8>, noun: String = "key") -> String? {
    if bytes.isEmpty { return "a \(noun) is empty, and a column needs a name" }
    if bytes.count > JSONRowOptions.nameBytesMax {
      return "a \(noun) has \(bytes.count) bytes, and a column's name at most "
        + "\(JSONRowOptions.nameBytesMax)"
    }
    if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      return "a \(noun) has control characters, and a column's name none"
    }
    return nil
  }

  /// Whether a struct can have a field of the name: types are written `struct<name:type,…>`.
  static func canBeField(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.contains { ":,<>`".utf8.contains($0) } && bytes.first != UInt8(ascii: " ")
      && Array(bytes).last != UInt8(ascii: " ")
  }

  static func caseCollision(_ name: String, _ other: String, noun: String = "key") -> FormatError {
    FormatError(
      .nameCollision,
      "the \(noun)s '\(other)' and '\(name)' differ only in case; the catalog would take them for "
        + "one",
      remedy: "Rename one of them where they are written, or set 'merge_case: true' so that both "
        + "fill one column.",
      place: name)
  }
}
