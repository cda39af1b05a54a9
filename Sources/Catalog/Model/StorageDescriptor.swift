public import Base

/// Where and how a table or partition is stored, Glue's `StorageDescriptor`.
public struct StorageDescriptor: Hashable, Sendable {
  public var columns: [CatalogColumn]
  public var location: String?
  public var inputFormat: String?
  public var outputFormat: String?
  public var isCompressed: Bool
  public var bucketCount: Int
  public var serDe: SerDe?
  public var bucketColumns: [String]
  public var sortColumns: [SortColumn]
  public var parameters: [String: String]
  public var isStoredAsSubDirectories: Bool
  /// What clients gave beyond this (`SkewedInfo`, `SchemaReference`, …), kept as it came.
  public var otherMembers: [JSONValue.Member]

  public init(
    columns: [CatalogColumn] = [], location: String? = nil, inputFormat: String? = nil,
    outputFormat: String? = nil, isCompressed: Bool = false, bucketCount: Int = 0,
    serDe: SerDe? = nil, bucketColumns: [String] = [], sortColumns: [SortColumn] = [],
    parameters: [String: String] = [:], isStoredAsSubDirectories: Bool = false,
    otherMembers: [JSONValue.Member] = []
  ) {
    self.columns = columns
    self.location = location
    self.inputFormat = inputFormat
    self.outputFormat = outputFormat
    self.isCompressed = isCompressed
    self.bucketCount = bucketCount
    self.serDe = serDe
    self.bucketColumns = bucketColumns
    self.sortColumns = sortColumns
    self.parameters = parameters
    self.isStoredAsSubDirectories = isStoredAsSubDirectories
    self.otherMembers = otherMembers
  }
}

/// The Hive class that reads a table's files, Glue's `SerDeInfo`.
public struct SerDe: Hashable, Sendable {
  public var name: String?
  public var library: String?
  public var parameters: [String: String]

  public init(name: String? = nil, library: String? = nil, parameters: [String: String] = [:]) {
    self.name = name
    self.library = library
    self.parameters = parameters
  }
}

/// A column that files are sorted by, Glue's `Order`.
public struct SortColumn: Hashable, Sendable {
  public var column: String
  public var isAscending: Bool

  public init(_ column: String, isAscending: Bool = true) {
    self.column = column
    self.isAscending = isAscending
  }
}

extension StorageDescriptor {
  public var json: JSONValue {
    var members = MemberWriter()
    members.add("Columns", columns.map(\.json))
    members.add("Location", location)
    members.add("InputFormat", inputFormat)
    members.add("OutputFormat", outputFormat)
    members.add("Compressed", isCompressed)
    members.add("NumberOfBuckets", bucketCount)
    if let serDe {
      var info = MemberWriter()
      info.add("Name", serDe.name)
      info.add("SerializationLibrary", serDe.library)
      info.add("Parameters", serDe.parameters)
      members.add("SerdeInfo", info.finish([]))
    }
    members.add("BucketColumns", bucketColumns.map { .string($0) })
    members.add(
      "SortColumns",
      sortColumns.map {
        .object(["Column": .string($0.column), "SortOrder": .integer($0.isAscending ? 1 : 0)])
      })
    members.add("Parameters", parameters)
    members.add("StoredAsSubDirectories", isStoredAsSubDirectories)
    return members.finish(otherMembers)
  }

  public init(json: JSONValue) throws(CatalogError) {
    try self.init(json: json, place: "StorageDescriptor")
  }

  init(json: JSONValue, place: String) throws(CatalogError) {
    var members = try MemberReader(json, place)
    self.init()
    columns =
      try members.list("Columns") { (json, place) throws(CatalogError) in
        try CatalogColumn(json: json, place: place)
      } ?? []
    location = try members.string("Location")
    inputFormat = try members.string("InputFormat")
    outputFormat = try members.string("OutputFormat")
    isCompressed = try members.boolean("Compressed") ?? false
    bucketCount = try members.integer("NumberOfBuckets") ?? 0
    serDe = try members.value("SerdeInfo") { (json, place) throws(CatalogError) in
      var info = try MemberReader(json, place)
      return SerDe(
        name: try info.string("Name"), library: try info.string("SerializationLibrary"),
        parameters: try info.texts("Parameters") ?? [:])
    }
    bucketColumns = try members.strings("BucketColumns") ?? []
    sortColumns =
      try members.list("SortColumns") { (json, place) throws(CatalogError) in
        var order = try MemberReader(json, place)
        return SortColumn(
          try order.required("Column", order.string("Column")),
          isAscending: try order.integer("SortOrder") != 0)
      } ?? []
    parameters = try members.texts("Parameters") ?? [:]
    isStoredAsSubDirectories = try members.boolean("StoredAsSubDirectories") ?? false
    otherMembers = members.rest()
  }
}
