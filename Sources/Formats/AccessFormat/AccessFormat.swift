public import Records

/// Access logs in a format of one's own, given as the server's config has it: nginx's `log_format`
/// or Apache's `LogFormat`.
///
///     parse: {access: '$remote_addr - $remote_user [$time_local] "$request" $status $request_time'}
///     parse: {access: '%h %l %u %t "%r" %>s %b %D'}
///
/// Columns: one for each variable, in their order. nginx's have the variable's name; Apache's
/// those of `combined` where it has them (`%h` → `remote_host`), else such as `duration_us` (%D) or
/// the header's name. A request becomes `method`, `path`, `protocol` and, where it does not split
/// into three, `request`. Variables with nothing between them fill one column. Well-known ones are
/// numbers or times; the others, and those that may be lists (`$upstream_response_time`), text. `-`
/// is null. What stands behind the format's end comes in `extra`, which begins with the first such
/// line.
public enum AccessFormat: LineFormat {
  public static let name = "access"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static let options = [
    FormatOption(
      "format", .text, isRequired: true,
      "The format as nginx's log_format or Apache's LogFormat has it.")
  ]
  public static let shortOption: String? = "format"

  public static func framing(_ options: LineOptions) throws(FormatError) -> (any RecordFraming)? {
    // So that a format that cannot be used is found before lines are read.
    _ = try AccessFormatScanner([options.format.text("format") ?? ""], options)
    return nil
  }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let scanner = try AccessFormatScanner([options.format.text("format") ?? ""], options)
    return try FieldLineParser(scanner, options, knownSchema: knownSchema)
  }
}

/// The combined log with the virtual host in front, with or without its port, as Apache's
/// `vhost_combined` writes it.
///
/// Columns: `vhost`, `port`, and those of `combined`.
public enum ExtendedLog: LineFormat {
  public static let name = "extended"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let rest = #"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#
    let scanner = try AccessFormatScanner(["%v:%p " + rest, "%v " + rest], options)
    return try FieldLineParser(scanner, options, knownSchema: knownSchema)
  }
}

final class AccessFormatScanner: FieldScanner {
  let columns: [FieldColumn]
  private let templates: [AccessTemplate]
  private let extra: Int

  /// - Parameter formats: which are tried one after the other; of a variable that several have,
  ///   the column is the same.
  init(_ formats: [String], _ options: LineOptions) throws(FormatError) {
    let zone = try options.zoneRules()
    var names = FieldNames()
    var templates: [AccessTemplate] = []
    for format in formats {
      let compiler = AccessFormatCompiler(zone: zone, reusesNames: !templates.isEmpty)
      templates.append(try compiler.compile(format, &names))
    }
    extra = names.add(.extra)
    columns = names.columns
    self.templates = templates
  }

  func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ row: inout FieldRow)
    -> FieldLine
  {
    var reason = ""
    for (index, template) in templates.enumerated() {
      if index > 0 { row.clear(columns: columns.count) }
      var line = FieldCursor(bytes, range)
      guard let fault = template.scan(&line, &row) else {
        line.skipSpaces()
        row.set(extra, text: line.rest, isEscaped: true)
        return .row
      }
      reason = fault
    }
    return .fault("not in the access log's format: " + reason)
  }
}
