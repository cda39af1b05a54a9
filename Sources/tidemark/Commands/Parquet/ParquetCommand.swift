import ArgumentParser

struct ParquetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parquet",
    abstract: "Looks into Parquet files, rewrites them, measures them.",
    discussion: """
      Examples:
        tidemark parquet schema part.parquet
        tidemark parquet meta part.parquet --json
        tidemark parquet cat part.parquet --columns id,amount --limit 10
        tidemark parquet rewrite old.parquet new.parquet --codec zstd
        tidemark parquet bench part.parquet
      """,
    subcommands: [
      ParquetSchemaCommand.self, ParquetMeta.self, ParquetPages.self, ParquetCat.self,
      ParquetVerify.self, ParquetRewrite.self, ParquetBench.self,
    ])
}
