import ArgumentParser
import Base
import Catalog
import Ingest

struct CatalogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalog",
    abstract: "What the catalog holds: databases, tables, partitions.",
    discussion: """
      Examples:
        tidemark catalog tables
        tidemark catalog show shop_orders
        tidemark catalog partitions raw.shop_orders --json
      """,
    subcommands: [
      CatalogDatabases.self, CatalogTables.self, CatalogShow.self, CatalogPartitions.self,
    ])
}

struct CatalogDatabases: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "databases", abstract: "One database a zone.")
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions

  func run() throws {
    let catalog = try config.openForReading().catalog
    let databases = try IngestError.wrapping { try catalog.databases() }
    if listing.json { return listing.show(.array(databases.map(\.json))) }
    var table = TextTable("database", "tables#", "location")
    for database in databases {
      let tables = try IngestError.wrapping { try catalog.tables(in: database.name) }
      table.add(database.name, String(tables.count), database.locationURI)
    }
    if table.isEmpty { return Terminal.write("The catalog is empty. 'tidemark run' fills it.\n") }
    table.print()
  }
}

struct CatalogTables: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tables", abstract: "The tables of a database, or of all.")
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Argument(help: "All unless given.")
  var database: String?

  func run() throws {
    let workspace = try config.openForReading()
    let tables = try workspace.tables(in: database)
    if listing.json { return listing.show(.array(tables.map(\.json))) }
    var text = TextTable("table", "columns#", "partitioned by", "version#", "location")
    for table in tables {
      text.add(
        table.tableName.description, String(table.allColumns.count),
        table.partitionKeys.map(\.name).joined(separator: ", "), table.versionID,
        table.storage?.location)
    }
    if text.isEmpty { return Terminal.write("There are no tables. 'tidemark run' makes them.\n") }
    text.print()
  }
}

struct CatalogShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "A table's columns, location and parameters.")
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Argument(help: "TABLE or DATABASE.TABLE")
  var table: String

  func run() throws {
    let workspace = try config.openForReading()
    let found = try workspace.table(named: table)
    if listing.json { return listing.show(found.json) }
    Terminal.write(Terminal.styled(found.tableName.description, .bold) + "\n")
    Terminal.write("  location   \(found.storage?.location ?? "–")\n")
    Terminal.write("  version    \(found.versionID ?? "–")\n")
    for (key, value) in found.parameters.sorted(by: { $0.key < $1.key }) {
      Terminal.write("  \(key) = \(value)\n")
    }
    Terminal.write("\n")
    var columns = TextTable("column", "type", "partition", "comment")
    let keys = Set(found.partitionKeys.map(\.name))
    for column in found.allColumns {
      let meaning = column.parameters[CatalogColumn.typeParameter].map { " (\($0))" } ?? ""
      columns.add(
        column.name, column.type + meaning, keys.contains(column.name) ? "yes" : "",
        column.comment ?? "")
    }
    columns.print()
  }
}

struct CatalogPartitions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "partitions", abstract: "A table's partitions and where they lie.")
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Argument(help: "TABLE or DATABASE.TABLE")
  var table: String

  func run() throws {
    let workspace = try config.openForReading()
    let found = try workspace.table(named: table)
    let partitions = try IngestError.wrapping {
      try workspace.catalog.partitions(of: found.tableName)
    }
    if listing.json { return listing.show(.array(partitions.map { $0.json() })) }
    if found.partitionKeys.isEmpty {
      return Terminal.write("\(found.tableName) is not partitioned.\n")
    }
    var text = TextTable(found.partitionKeys.map(\.name).joined(separator: ", "), "location")
    for partition in partitions {
      text.add(partition.values.joined(separator: ", "), partition.storage.location)
    }
    text.print()
  }
}
