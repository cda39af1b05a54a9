public import Base

/// A database of the catalog, Glue's `Database`.
public struct CatalogDatabase: Hashable, Sendable {
  public var name: String
  public var description: String?
  public var locationURI: String?
  public var parameters: [String: String]
  /// Set by the catalog.
  public var createTime: Instant?
  /// What clients gave beyond this, kept as it came.
  public var otherMembers: [JSONValue.Member]

  public init(
    _ name: String, description: String? = nil, locationURI: String? = nil,
    parameters: [String: String] = [:], createTime: Instant? = nil,
    otherMembers: [JSONValue.Member] = []
  ) {
    self.name = name
    self.description = description
    self.locationURI = locationURI
    self.parameters = parameters
    self.createTime = createTime
    self.otherMembers = otherMembers
  }
}

extension CatalogDatabase {
  /// As Glue writes it.
  public var json: JSONValue {
    var members = MemberWriter()
    members.add("Name", name)
    members.add("Description", description)
    members.add("LocationUri", locationURI)
    members.add("Parameters", parameters)
    members.add("CreateTime", createTime)
    return members.finish(otherMembers)
  }

  /// - Throws: `.invalidInput` that names the member.
  public init(json: JSONValue) throws(CatalogError) {
    var members = try MemberReader(json, "Database")
    self.init(
      try members.required("Name", members.string("Name")),
      description: try members.string("Description"),
      locationURI: try members.string("LocationUri"),
      parameters: try members.texts("Parameters") ?? [:],
      createTime: try members.time("CreateTime"))
    otherMembers = members.rest()
  }
}
