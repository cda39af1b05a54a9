public import Records

/// The combined log format of web servers: the common one, with referer and user agent.
///
/// Columns: `remote_host`, `ident`, `user`, `time` (UTC, the line's zone resolved), `method`,
/// `path`, `protocol`, `request`, `status`, `bytes`, `referer`, `user_agent`. A `-` is null. The
/// request stays whole in `request` where it does not split into three, and only there. What
/// stands behind the user agent (further fields of one's own format) comes in a column `extra`,
/// which begins with the first such line.
///
/// Escapes (`\"`, `\\`, `\xHH`, …) are decoded; bytes that are not UTF-8 are written `\xHH`.
public enum CombinedLog: LineFormat {
  public static let name = "combined"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    try AccessLogParser(options, knownSchema: knownSchema, isCombined: true)
  }
}

/// The common log format of web servers: as the combined one, up to `bytes`.
public enum CommonLog: LineFormat {
  public static let name = "common"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    try AccessLogParser(options, knownSchema: knownSchema, isCombined: false)
  }
}
