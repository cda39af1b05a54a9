public import Base

/// A partition of a table, Glue's `Partition`.
public struct CatalogPartition: Hashable, Sendable {
  public var table: TableName
  /// One a partition key, in their order.
  public var values: [String]
  public var creationTime: Instant?
  public var storage: StorageDescriptor
  public var parameters: [String: String]

  public init(
    table: TableName, values: [String], creationTime: Instant? = nil, storage: StorageDescriptor,
    parameters: [String: String] = [:]
  ) {
    self.table = table
    self.values = values
    self.creationTime = creationTime
    self.storage = storage
    self.parameters = parameters
  }
}

/// A partition to be put into the catalog.
public struct PartitionInput: Hashable, Sendable {
  /// What stands for null among partition values, in Hive and all that follow it.
  public static let nullValue = "__HIVE_DEFAULT_PARTITION__"

  public var values: [String]
  public var storage: Storage
  public var parameters: [String: String]

  public enum Storage: Hashable, Sendable {
    /// All as in the table, now and after later changes of the table; only the location is its
    /// own. So a column that widens never disagrees with the partitions.
    case inherited(location: String)
    /// As the client says.
    case own(StorageDescriptor)
  }

  public init(values: [String], storage: Storage, parameters: [String: String] = [:]) {
    self.values = values
    self.storage = storage
    self.parameters = parameters
  }

  /// A partition that inherits everything but its location.
  public init(values: [String], location: String, parameters: [String: String] = [:]) {
    self.init(values: values, storage: .inherited(location: location), parameters: parameters)
  }
}

extension CatalogPartition {
  /// As Glue writes it.
  /// - Parameter withColumns: whether the storage descriptor shows its columns;
  ///   `ExcludeColumnSchema` asks for it not to.
  public func json(withColumns: Bool = true) -> JSONValue {
    var members = MemberWriter()
    members.add("Values", values.map { .string($0) })
    members.add("DatabaseName", table.database)
    members.add("TableName", table.table)
    members.add("CreationTime", creationTime)
    var shown = storage
    if !withColumns { shown.columns = [] }
    members.add("StorageDescriptor", shown.json)
    members.add("Parameters", parameters)
    return members.finish([])
  }
}

extension PartitionInput {
  /// Glue's `PartitionInput`; with a `Location` in place of the `StorageDescriptor` where the
  /// partition inherits the rest.
  public var json: JSONValue {
    var members = MemberWriter()
    members.add("Values", values.map { .string($0) })
    switch storage {
    case .inherited(let location): members.add("Location", location)
    case .own(let descriptor): members.add("StorageDescriptor", descriptor.json)
    }
    if !parameters.isEmpty { members.add("Parameters", parameters) }
    return members.finish([])
  }

  public init(json: JSONValue) throws(CatalogError) {
    try self.init(json: json, place: "PartitionInput")
  }

  init(json: JSONValue, place: String) throws(CatalogError) {
    var members = try MemberReader(json, place)
    let values = try members.required("Values", members.strings("Values"))
    let descriptor = try members.value("StorageDescriptor") { (json, place) throws(CatalogError) in
      try StorageDescriptor(json: json, place: place)
    }
    let parameters = try members.texts("Parameters") ?? [:]
    if let descriptor {
      self.init(values: values, storage: .own(descriptor), parameters: parameters)
    } else {
      let location = try members.required("StorageDescriptor", members.string("Location"))
      self.init(values: values, location: location, parameters: parameters)
    }
  }
}
