import ArgumentParser
import Base
import Foundation
import Ingest

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "About the config file.",
    subcommands: [ConfigSchemaCommand.self])
}

struct ConfigSchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Prints a JSON Schema of tidemark.yaml, for editors.",
    discussion: """
      Example:
        tidemark config schema > tidemark.schema.json
      and as the first line of tidemark.yaml:
        # yaml-language-server: $schema=tidemark.schema.json
      """)

  func run() throws { Terminal.write(ConfigOptions.keys.jsonSchema.text(indented: true) + "\n") }
}

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a starting tidemark.yaml.",
    discussion: """
      Example:
        tidemark init && $EDITOR tidemark.yaml && tidemark check
      """)

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("Where to write it.", valueName: "file"))
  var path = ConfigurationFile.defaultName

  func run() throws {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw IngestError(
        .refused, "\(path) exists already", remedy: "Name another file with --config, or remove it."
      )
    }
    do {
      try StartingConfig.text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw IngestError(
        .unreachable, "\(path) cannot be written: \(error.localizedDescription)",
        remedy: "Check that this user may write there.")
    }
    Terminal.write("Wrote \(path). Next: fill in a source, then 'tidemark check'.\n")
  }
}

enum StartingConfig {
  /// A config that is valid as it stands, with every kind of source.
  static let text = """
    # What Tidemark takes from where. 'tidemark check' says what is wrong or missing here;
    # 'tidemark config schema' describes every key. Secrets are never in this file, only the
    # names of environment variables.
    version: 1

    lake:
      root: ./lake                      # Parquet files lie under <root>/<zone>/<table>/

    defaults:
      files: {target: 256MB, compression: zstd}
      retries: 3

    sources:
      shop: {type: mysql, url_env: SHOP_URL}        # mysql://user:password@host:3306/database
      web: {type: logs, path: "logs/**/access.log*"}
      crm:
        type: api
        base_url: https://api.example.com
        auth: {bearer_env: CRM_TOKEN}

    streams:
      shop.orders:
        key: [id]
        bookmark: {by: updated_at}      # a time or an integer key that only grows
        partition: [day(created_at)]
      web.access:
        parse: combined                 # or json
      crm.contacts:
        key: [id]
        request: {path: /contacts, params: {since: "{from}", until: "{to}"}}
        records: $.data
        paginate: {cursor: $.next, param: cursor}
        bookmark: {by: updated_at, window: 1d, start: 2026-01-01}

    """
}
