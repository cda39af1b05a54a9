public import Records

/// Fields separated by commas or another character, quoted where they need it (RFC 4180).
///
/// What the options leave open is found in the start of each file: the delimiter among `,`, tab,
/// `;` and `|`, the quote among `"` and `'`, and whether the first record is a header. Columns are
/// matched by name, so files may have them in another order, or some more.
public enum CSVText: LineFormat {
  public static let name = "csv"
  public static let options =
    [FormatOption("delimiter", .text, "The character between fields; 'tab' for a tab.")]
    + CSVOptions.common
  public static let shortOption: String? = "delimiter"
  public static let needsHead = true

  public static func parsesBlocksApart(_ options: LineOptions) -> Bool {
    // Which lines are passed over is counted from the file's start.
    (options.format.number("skip") ?? 0) == 0
  }

  /// What was found in a file's start holds for later runs.
  public static func keepsFileState(_ options: LineOptions) -> Bool { true }

  public static func framing(_ options: LineOptions) throws(FormatError) -> (any RecordFraming)? {
    CSVFraming(try CSVOptions(options))
  }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    try CSVParser(options, CSVOptions(options), knownSchema: knownSchema)
  }
}

/// As CSV, with tabs between fields.
public enum TSVText: LineFormat {
  public static let name = "tsv"
  public static let options = CSVOptions.common
  public static let needsHead = true

  public static func parsesBlocksApart(_ options: LineOptions) -> Bool {
    // Which lines are passed over is counted from the file's start.
    (options.format.number("skip") ?? 0) == 0
  }

  /// What was found in a file's start holds for later runs.
  public static func keepsFileState(_ options: LineOptions) -> Bool { true }

  public static func framing(_ options: LineOptions) throws(FormatError) -> (any RecordFraming)? {
    CSVFraming(try CSVOptions(options, delimiter: 0x09))
  }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    try CSVParser(options, CSVOptions(options, delimiter: 0x09), knownSchema: knownSchema)
  }
}
