import ArgumentParser
import Base
import Connector
import Foundation
import Ingest

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a starting tidemark.yaml, from a live database or log files if given.",
    discussion: """
      With --from, looks at the tables of a database and writes a stream for each, with the reason \
      for its cursor above it. The URL itself, and what is secret in it, is not written: the file \
      names an environment variable. Take the URL from one with env:NAME, so that no password \
      stands in the shell's history. With a folder, file or pattern of logs, tries the formats that \
      can be told from text, and writes a stream for each log with its rotated files.

      Examples:
        tidemark init && $EDITOR tidemark.yaml && tidemark check
        tidemark init --from env:SHOP_URL
        tidemark init --from /var/log/nginx
        tidemark init --from mysql://reader:secret@db.example.com/shop --config -
      """)

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("Where to write it; - for standard output.", valueName: "file"))
  var path = ConfigurationFile.defaultName
  @Option(
    help: ArgumentHelp(
      "A database to look at: mysql://user:password@host:port/database, or env:NAME for the "
        + "variable that holds that; or log files, by a path or pattern.", valueName: "url"))
  var from: String?
  @Option(help: "The source's name; the database's unless given.")
  var name: String?
  @Flag(help: "Overwrite a file that exists.")
  var force = false
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if from == nil, name != nil || listing.json {
      throw ValidationError("--name and --json tell about a look at a database: give --from too.")
    }
    if path == "-", listing.json {
      throw ValidationError("--config - and --json both write to standard output: give one.")
    }
  }

  func run() throws {
    if path != "-", !force, FileManager.default.fileExists(atPath: path) {
      throw IngestError(
        .refused, "\(path) exists already",
        remedy: "Name another file with --config, or overwrite it with --force.")
    }
    guard let from else {
      try write(StartingConfig.text)
      if path != "-" {
        Terminal.write("Wrote \(path). Next: fill in a source, then 'tidemark check'.\n")
      }
      return
    }
    let origin = try ProposalOrigin(from)
    let config = ProposedConfig(
      try origin.propose(), typeName: origin.typeName, name: name, variable: origin.variable)
    try config.validate()
    try write(config.text)
    if listing.json { return listing.show(config.json) }
    if path != "-" { tell(config, isGiven: origin.variable != nil) }
  }

  private func write(_ text: String) throws(IngestError) {
    if path == "-" { return Terminal.write(text) }
    do {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw IngestError(
        .unreachable, "\(path) cannot be written: \(error.localizedDescription)",
        remedy: "Check that this user may write there.")
    }
  }

  private func tell(_ config: ProposedConfig, isGiven: Bool) {
    let proposal = config.proposal
    Terminal.write("Looked at \(proposal.place).\n\n")
    config.overview.print()
    for text in proposal.leftOut { Terminal.write("Left out: \(text)\n") }
    let warnings = config.warningCount
    Terminal.write("\nWrote \(path)")
    Terminal.write(
      warnings == 0
        ? ".\n" : ", with \(Units.describe(warnings, "warning")) in its comments: read them.\n")
    if !isGiven, proposal.sourceOptions == nil {
      Terminal.write("The URL is not in it. Where Tidemark runs:\n")
      Terminal.write("  export \(config.variable)='\(proposal.urlForm)'\n")
      Terminal.notice(
        "a password on a command line stays in the shell's history; --from env:\(config.variable)"
          + " takes it from there")
    }
    Terminal.write("Next: 'tidemark check', then 'tidemark run'.\n")
  }
}
