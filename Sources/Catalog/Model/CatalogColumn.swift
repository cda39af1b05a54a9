public import Base

/// A column of a table, Glue's `Column`.
public struct CatalogColumn: Hashable, Sendable {
  /// The parameter that tells what a column's texts or numbers mean where its type does not:
  /// `json`, `uuid`, `time(us)`.
  public static let typeParameter = "tidemark.type"

  public var name: String
  /// A Glue type: `bigint`, `array<string>`; see `GlueType`.
  public var type: String
  public var comment: String?
  public var parameters: [String: String]

  public init(
    _ name: String, _ type: String, comment: String? = nil, parameters: [String: String] = [:]
  ) {
    self.name = name
    self.type = type
    self.comment = comment
    self.parameters = parameters
  }
}

extension CatalogColumn {
  public var json: JSONValue {
    var members = MemberWriter()
    members.add("Name", name)
    members.add("Type", type)
    members.add("Comment", comment)
    if !parameters.isEmpty { members.add("Parameters", parameters) }
    return members.finish([])
  }

  public init(json: JSONValue) throws(CatalogError) { try self.init(json: json, place: "Column") }

  init(json: JSONValue, place: String) throws(CatalogError) {
    var members = try MemberReader(json, place)
    self.init(
      try members.required("Name", members.string("Name")),
      try members.string("Type") ?? "string",
      comment: try members.string("Comment"),
      parameters: try members.texts("Parameters") ?? [:])
  }
}
