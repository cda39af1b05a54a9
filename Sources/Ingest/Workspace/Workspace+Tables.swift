internal import Base
public import Catalog

extension Workspace {
  /// The tables of a database, or of all of them.
  public func tables(in database: String?) throws(IngestError) -> [CatalogTable] {
    try IngestError.wrapping {
      let names = try database.map { [$0] } ?? catalog.databases().map(\.name)
      return try names.flatMap { try catalog.tables(in: $0) }
    }
  }

  /// A table by `table`, which must be of one database only, or `database.table`.
  public func table(named text: String) throws(IngestError) -> CatalogTable {
    let all = try tables(in: nil)
    let name = text.lowercased()
    let matches = all.filter { $0.name == name || $0.tableName.description == name }
    if matches.count == 1 { return matches[0] }
    if matches.count > 1 {
      throw IngestError(
        .configuration, "several databases have a table '\(name)'",
        remedy: "Write one of: \(matches.map(\.tableName.description).joined(separator: ", ")).")
    }
    let known = all.flatMap { [$0.name, $0.tableName.description] }
    throw IngestError(
      .configuration, "there is no table '\(name)'",
      remedy: nearestName(to: name, among: known).map { "Did you mean '\($0)'?" }
        ?? "'tidemark catalog tables' lists what there is.")
  }
}
