public import Records

/// The extended log file format of the W3C, as IIS and others write it: `#Fields:` names what
/// stands in the entries, and may change within a file.
///
///     #Fields: date time s-ip cs-method cs-uri-stem sc-status time-taken
///     2026-11-21 10:00:00 192.0.2.1 GET /index.html 200 15
///
/// Columns: `time` (UTC), made of `date` and `time`, or of the header's `#Date:` and `time`; and one
/// for each other field, named in lower case with `_`: `cs(User-Agent)` is `cs_user_agent`. Statuses,
/// ports, counts of bytes and `time-taken` are numbers; all else is text, as it is written (IIS has
/// `+` for spaces). `-` is null. Times are UTC, or in the stream's zone where it names one. Values
/// are separated by spaces, or by tabs in lines that have one; a value may be in quotes. Directives
/// are passed over.
public enum W3CLog: LineFormat {
  public static let name = "w3c"
  public static let needsHead = true

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let style = NamedFieldStyle(
      name: "W3C extended log", header: W3CFields.header, kind: W3CFields.kind,
      hasDateAndTime: true)
    let scanner = NamedFieldScanner(style, zone: try options.zoneRules())
    return try FieldLineParser(scanner, options, knownSchema: knownSchema)
  }
}

/// The directives and fields of the extended log file format.
enum W3CFields {
  static func header(_ line: FieldCursor) -> NamedFieldStyle.HeaderLine? {
    guard line.byte == 0x23 else { return nil }
    var line = line
    if line.skip("#Fields:") {
      let names = line.bytes[line.rest].split { $0 == 0x20 || $0 == 0x09 }
      return .fields(names.map { String(decoding: $0, as: UTF8.self) })
    }
    if line.skip("#Date:") {
      line.skipSpaces()
      return .date(line.rest)
    }
    return .other
  }

  /// - Parameter column: the field's name as a column.
  static func kind(_ column: String) -> FieldKind {
    switch column {
    case "sc_status", "sc_substatus", "s_port", "c_port", "cs_port", "r_port": .int
    case "sc_win32_status", "sc_bytes", "cs_bytes", "bytes", "sc_content_len", "sc_range_start",
      "sc_range_end", "fle_encrypted_fields":
      .bigint
    case "time_taken", "time_to_first_byte": .double
    default: .plain
    }
  }
}
