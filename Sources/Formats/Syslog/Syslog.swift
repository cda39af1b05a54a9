internal import Base
public import Records

/// Lines of syslog, old and new, told apart line by line:
///
///     <34>Oct 11 22:14:15 mymachine su[77]: 'su root' failed            RFC 3164
///     Oct 11 22:14:15 mymachine su[77]: 'su root' failed                as files keep it
///     2026-10-11T22:14:15.003+02:00 mymachine su[77]: 'su root' failed  rsyslog, journald
///     <34>1 2026-10-11T22:14:15Z mymachine su 77 ID47 [a@1 b="c"] text  RFC 5424
///
/// Columns: `time` (UTC), `host`, `app`, `pid` (text), `message`; `priority`, `facility` and
/// `severity` (the words of RFC 5424's tables) where the line has a priority; `msgid` and
/// `structured_data` (JSON: `{"a@1":{"b":"c"}}`, a list where a name is repeated) where it is of
/// RFC 5424. What is empty or `-` is null. `app` and `pid` are null where the text does not begin
/// with `name:`, `name[pid]:` or `name[pid] `; the text stays whole in `message` then.
///
/// Years that are left out come from the file's modification time (`TimePattern`), or are counted
/// from the option `year` on (`StampYears`). Times without a zone are in the stream's.
public enum Syslog: LineFormat {
  public static let name = "syslog"

  /// Years that are counted from line to line need the lines before.
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool {
    options.format.number("year") == nil
  }

  public static let options = [
    FormatOption(
      "year", .number(1970...9998),
      "The year of each file's first line, where its modification time does not tell.")
  ]

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    try FieldLineParser(SyslogScanner(options), options, knownSchema: knownSchema)
  }
}

/// The words of RFC 5424 for what a priority says, tables 1 and 2.
enum SyslogPriority {
  static let facilities = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
  ].map { Array($0.utf8) }

  static let severities = [
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
  ].map { Array($0.utf8) }
}
