import ArgumentParser
import Base
import Bookmarks
import Connector
import Ingest

struct BookmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bookmark",
    abstract: "Shows how far each stream has been read, and moves it.",
    discussion: """
      Whatever moves a bookmark is a commit of its own: it shows in the history, and going back \
      to the version before it undoes it.

      Examples:
        tidemark bookmark list
        tidemark bookmark history shop.orders
        tidemark bookmark rewind shop.orders --to-run 20261120-060000-3f2a
      """,
    subcommands: [
      BookmarkList.self, BookmarkShow.self, BookmarkHistory.self, BookmarkSet.self,
      BookmarkRewind.self, BookmarkReset.self, BookmarkHold.self, BookmarkRelease.self,
    ])
}

struct BookmarkList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every stream and where it stands.")
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions

  func run() throws {
    let states = try config.open().streams()
    if listing.json { return listing.show(.array(states.map(\.json))) }
    var table = TextTable("stream", "mark", "version#", "updated", "held")
    for state in states {
      table.add(
        state.name, state.bookmark?.mark, String(state.version), state.updatedAt.short,
        state.holdReason ?? "")
    }
    if table.isEmpty { return Terminal.write("No stream has run yet.\n") }
    table.print()
  }
}

struct BookmarkShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "All that a stream's bookmark holds.")
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Argument var stream: String

  func run() throws {
    let state = try config.open().stream(named: stream)
    if listing.json { return listing.show(state.json) }
    Terminal.write(
      """
      stream    \(state.name)
      mark      \(state.bookmark?.mark ?? "start")
      kind      \(state.bookmark?.kind.rawValue ?? "–")
      version   \(state.version)
      updated   \(state.updatedAt.short)
      held      \(state.holdReason ?? "no")
      state     \(state.bookmark?.state.text() ?? "–")

      """)
  }
}

struct BookmarkHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "A stream's commits, the latest first.")
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Argument var stream: String
  @Option(help: "How many at the most.")
  var limit = 20

  func run() throws {
    let workspace = try config.open()
    _ = try workspace.stream(named: stream)
    let commits = try workspace.history(of: stream, limit: limit)
    if listing.json { return listing.show(.array(commits.map(\.summary))) }
    var table = TextTable("version#", "what", "decided", "run", "rows#", "size#", "bookmark")
    for commit in commits {
      let removed = commit.removed.isEmpty ? "" : " (-\(commit.removed.count) files)"
      let restored = commit.restored.isEmpty ? "" : " (+\(commit.restored.count) files)"
      table.add(
        String(commit.version),
        commit.kind.rawValue + removed + restored + (commit.note.map { ": \($0)" } ?? ""),
        commit.decidedAt.short,
        commit.run, Units.describe(count: commit.rowCount), Units.describe(bytes: commit.byteCount),
        "\(commit.bookmarkBefore?.mark ?? "start") → \(commit.bookmarkAfter?.mark ?? "start")")
    }
    table.print()
  }
}

/// What the verbs that move a bookmark have in common.
struct MoveOptions: ParsableArguments {
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Option(help: "Refuse unless the stream is at this version.")
  var expect: Int?
  @Flag(help: "Say what would happen, and do nothing.")
  var dryRun = false

  func options(keepsData: Bool = false, force: Bool = false) -> BookmarkControl.Options {
    var options = BookmarkControl.Options()
    options.expectedVersion = expect
    options.keepsData = keepsData
    options.isDryRun = dryRun
    options.isForced = force
    return options
  }

  func control() throws(IngestError) -> BookmarkControl {
    let workspace = try config.open()
    return BookmarkControl(workspace, context: ConfigOptions.context(workspace.configuration))
  }

  func show(_ change: BookmarkControl.Change) {
    if listing.json { return listing.show(change.json) }
    let verb = dryRun ? "would be" : "is"
    Terminal.write(
      "\(change.stream) \(verb) at version \(change.version): \(change.from ?? "start") → \(change.to ?? "start")\n"
    )
    if change.filesRemoved > 0 {
      Terminal.write(
        "  taken back: \(Units.describe(change.rowsRemoved, "row")) in \(Units.describe(change.filesRemoved, "file"))\n"
      )
    }
    if change.filesRestored > 0 {
      Terminal.write(
        "  brought back: \(Units.describe(change.rowsRestored, "row")) in \(Units.describe(change.filesRestored, "file"))\n"
      )
    }
    if let undo = change.undo { Terminal.write("  to undo: \(undo)\n") }
  }
}

struct BookmarkSet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Moves the bookmark to a mark; the table's rows stay.",
    discussion: """
      Example:
        tidemark bookmark set shop.orders 2026-11-01T00:00:00Z
      """)
  @OptionGroup var move: MoveOptions
  @Argument var stream: String
  @Argument(help: "The mark, as the stream's cursor writes it.")
  var value: String

  func run() throws {
    let workspace = try move.config.open()
    let context = ConfigOptions.context(workspace.configuration)
    let resolved = try StreamSelection(workspace.configuration, context).stream(named: stream)
    move.show(
      try BookmarkControl(workspace, context: context).set(resolved, to: value, move.options()))
  }
}

struct BookmarkRewind: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rewind",
    abstract: "Goes back to an earlier state, and takes back the rows that came after it.",
    discussion: """
      The next run reads again what was taken back. Going back is a commit of its own: it shows \
      in the history, and its output ends in the command that undoes it. Rows that the source \
      no longer has (log files that rotation removed) are not taken back without --force.

      --to-run      the state right after a run
      --to-time     the state that held at a time
      --to-version  the state right after a version; 0 is the beginning
      --to-value    the state right after the last version whose bookmark is not past a value: \
      with marks of 10, 20 and 30, the value 25 means the version that reached 20. For \
      streams with a time or an integer bookmark; times compare as times (UTC unless they name a \
      zone), integers as numbers. Where every version is past it: the beginning.

      Examples:
        tidemark bookmark rewind shop.orders --to-run 20261120-060000-3f2a
        tidemark bookmark rewind shop.orders --to-time 2026-11-20 --dry-run
        tidemark bookmark rewind shop.orders --to-value 2026-11-20T06:00:00Z
        tidemark bookmark rewind shop.orders --to-version 3 --expect 7
      """)
  @OptionGroup var move: MoveOptions
  @Argument var stream: String
  @Option(help: ArgumentHelp("The state right after this run.", valueName: "run"))
  var toRun: String?
  @Option(
    help: ArgumentHelp("The state at this time (UTC unless it names a zone).", valueName: "time"))
  var toTime: String?
  @Option(
    help: ArgumentHelp("The state right after this version of the stream.", valueName: "version"))
  var toVersion: Int?
  @Option(
    help: ArgumentHelp(
      "The state right after the last version whose bookmark is not past this.",
      valueName: "mark"))
  var toValue: String?
  @Flag(help: "Leave the rows; reading them again doubles them.")
  var keepData = false
  @Flag(help: "Go back although the source cannot give all the rows again.")
  var force = false

  func validate() throws {
    guard [toRun, toTime, toVersion.map(String.init), toValue].compactMap(\.self).count == 1 else {
      throw ValidationError("Give one of --to-run, --to-time, --to-version and --to-value.")
    }
    if let toTime, Instant(toTime) == nil {
      throw ValidationError(
        "--to-time: found '\(toTime)', expected a time such as 2026-11-20T06:00:00Z.")
    }
    if let toVersion, toVersion < 0 { throw ValidationError("--to-version: expected 0 or more.") }
  }

  func run() throws {
    let target: BookmarkControl.Target =
      if let toRun {
        .run(toRun)
      } else if let toVersion {
        .version(toVersion)
      } else if let toValue {
        .value(toValue)
      } else {
        .time(toTime.flatMap { Instant($0) } ?? WallClock.system.now)
      }
    let control = try move.control()
    move.show(
      try control.rewind(stream, to: target, move.options(keepsData: keepData, force: force)))
  }
}

struct BookmarkReset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Goes back to the beginning: the next run reads everything anew.",
    discussion: """
      Takes all rows back, and lets the stream be bound anew: to another table, cursor or \
      partition. Where the source no longer has all of them, refused without --force.

      Examples:
        tidemark bookmark reset shop.orders --dry-run
        tidemark bookmark reset shop.orders
      """)
  @OptionGroup var move: MoveOptions
  @Argument var stream: String
  @Flag(help: "Leave the rows; reading them again doubles them.")
  var keepData = false
  @Flag(help: "Go back although the source cannot give all the rows again.")
  var force = false

  func run() throws {
    move.show(
      try move.control().reset(stream, move.options(keepsData: keepData, force: force)))
  }
}

struct BookmarkHold: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Lets runs pass the stream over until it is released.")
  @OptionGroup var move: MoveOptions
  @Argument var stream: String
  @Option(help: "Why; shown to whoever runs into it.")
  var reason = "held by hand"

  func run() throws {
    move.show(try move.control().hold(stream, reason: reason, move.options()))
  }
}

struct BookmarkRelease: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Ends a hold.")
  @OptionGroup var move: MoveOptions
  @Argument var stream: String

  func run() throws { move.show(try move.control().release(stream, move.options())) }
}
