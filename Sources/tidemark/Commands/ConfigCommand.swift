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
