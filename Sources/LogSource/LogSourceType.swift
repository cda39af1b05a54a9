public import Connector
internal import Formats

/// Trees of log files: `type: logs`.
///
/// - SeeAlso: DESIGN.md beside this file, for what happens when logs rotate.
public enum LogSourceType: SourceType {
  public static let name = "logs"

  public static let sourceKeys = [
    ConfigKey(
      "path", .string, isRequired: true,
      "Which files: a path with *, ?, [a-z], {a,b} within names and ** for any folders; or s3://bucket/… with them."
    ),
    excludeKey, closeAfterKey, lineMaxKey, zoneKey, s3Key,
  ]

  public static let streamKeys = [
    ConfigKey(
      "parse", FormatChoice.schema, isRequired: true,
      "The format of the lines, or a map of one format to its options."),
    ConfigKey(
      "path", .string,
      "Which of the source's files: a pattern below the folder that the source's path begins with."),
    ConfigKey(
      "rejects",
      .map([
        ConfigKey("max", .integer(0...Int.max), "More lines in a run that do not parse fail it."),
        ConfigKey(
          "share", .string, "A larger part of the lines, such as 1%, fails the run."),
      ]), "When lines that do not parse fail the run; by default, never."),
    ConfigKey(
      "on_overwrite", .choice(OverwritePolicy.allCases.map(\.rawValue)),
      "What to do when a file holds other content than before: load that too, load it in the place "
        + "of the old rows, or fail."),
    ConfigKey(
      "on_damaged", .choice(DamagePolicy.allCases.map(\.rawValue)),
      "What damaged files, of which nothing is loaded, make of a run when all others are committed: "
        + "fail it, or skip them with a warning; fail."),
    ConfigKey("flatten", .boolean, "Objects in objects become columns a_b instead of structs."),
    ConfigKey(
      "arrays", .choice(["lists", "json"]),
      "What arrays of JSON become: lists, the default, or JSON text."),
    ConfigKey(
      "columns", .dictionary(.string), "Types of columns, where they should not be inferred."),
    ConfigKey(
      "merge_case", .boolean, "Keys that differ only in case fill one column instead of failing."),
    MultilineChoice.key, excludeKey, closeAfterKey, lineMaxKey, zoneKey,
  ]

  private static let zoneKey = ConfigKey(
    "time_zone", .string,
    "The zone of times that name none, such as Europe/Berlin or +02:00; UTC.")
  private static let excludeKey = ConfigKey(
    "exclude", .oneOf([.string, .list(.string)]),
    "Files to leave out: patterns of names, or of paths below the source's folder.")
  private static let closeAfterKey = ConfigKey(
    "close_after", .duration,
    "Files unchanged for so long are complete, and a last line without newline is taken; 10m.")
  private static let lineMaxKey = ConfigKey(
    "line_max", .bytes, "Longer lines are rejects; 16MiB.")

  private static let s3Key = ConfigKey(
    "s3",
    .map([
      ConfigKey(
        "endpoint", .string,
        "The address of a store that is not AWS: https://host:port; AWS_ENDPOINT_URL_S3 unless given."
      ),
      ConfigKey(
        "region", .string, "The bucket's region; AWS_REGION or the profile's unless given."),
      ConfigKey("profile", .string, "The profile of AWS's shared files; AWS_PROFILE unless given."),
      ConfigKey(
        "path_style", .boolean,
        "Whether the bucket is part of the path; true for stores that are not AWS unless given."),
    ]), "How the bucket of the path is reached, where AWS's own settings do not say it.")
  public static let urlSchemes = ["file"]

  public static func propose(url: String, _ context: SourceContext) throws(ConnectorError)
    -> Proposal
  {
    let scheme = "file://"
    var proposal = try LogProposal(
      url.hasPrefix(scheme) ? String(url.dropFirst(scheme.count)) : url, context)
    return try proposal.propose()
  }

  public static func open(_ configuration: SourceConfiguration, _ context: SourceContext)
    throws(ConnectorError) -> any Source
  {
    LogFiles(configuration: configuration, context: context)
  }
}

/// A tree of log files.
final class LogFiles: Source {
  private let configuration: SourceConfiguration
  private let context: SourceContext

  init(configuration: SourceConfiguration, context: SourceContext) {
    self.configuration = configuration
    self.context = context
  }

  func streams(matching stream: StreamConfiguration) throws(ConnectorError) -> [StreamConfiguration]
  {
    [stream]
  }

  func open(_ stream: StreamConfiguration) throws(ConnectorError) -> any StreamSession {
    try LogSession(try LogSettings(configuration, stream, context), context)
  }

  func check(_ stream: StreamConfiguration) -> [Finding] {
    do {
      let settings = try LogSettings(configuration, stream, context)
      return try LogCheck(settings, context, try settings.place(context, isPatient: false))
        .findings()
    } catch {
      return [
        Finding(
          .error, error.description, remedy: error.remedy,
          isUnreachable: error.kind == .unreachable || error.kind == .denied)
      ]
    }
  }
}
