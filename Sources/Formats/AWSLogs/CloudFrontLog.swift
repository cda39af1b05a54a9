public import Records

/// The standard logs of CloudFront: W3C extended, with tabs, and URL-encoded.
///
/// Columns: `time` (UTC) and one for each field, as `w3c` names them (`x_edge_location`, `sc_bytes`,
/// `c_ip`, `cs_method`, `cs_host`, …), by the file's `#Fields`, or the 33 published ones where it has
/// none. Texts are URL-decoded once, user agents that were encoded twice (`%2520`) twice; what is not
/// UTF-8 then is written `\xHH`. `-` is null. Values behind the last field come in `extra`, which
/// begins with the first such line.
///
/// - SeeAlso: Amazon CloudFront Developer Guide, "Standard logging reference".
public enum CloudFrontLog: LineFormat {
  public static let name = "cloudfront"
  public static let needsHead = true

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let style = NamedFieldStyle(
      name: "CloudFront log", delimiter: 0x09, defaultFields: fields, header: W3CFields.header,
      kind: kind, hasDateAndTime: true, decodesURLs: true, takesExtra: true)
    let scanner = NamedFieldScanner(style, zone: .utc)
    return try FieldLineParser(scanner, options, knownSchema: knownSchema)
  }

  /// - Parameter column: the field's name as a column.
  private static func kind(_ column: String) -> FieldKind {
    switch column {
    case "timestamp": .time(.epoch)
    case "timestamp_ms": .time(.epochMilliseconds)
    case "asn": .bigint
    case "origin_fbl", "origin_lbl": .double
    default: W3CFields.kind(column)
    }
  }

  private static let fields = [
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem",
    "sc-status", "cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)",
    "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes",
    "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type",
    "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port", "time-to-first-byte",
    "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start",
    "sc-range-end",
  ]
}
