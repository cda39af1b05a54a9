import Base
import Catalog
import Records
import Testing

@Suite struct ModelTests {
  /// As a Glue client sends it, with members that Tidemark does not know.
  private let tableText = #"""
    {"Name":"Orders","Owner":"me","Retention":3,"LastAccessTime":1.5,
     "StorageDescriptor":{"Columns":[{"Name":"Id","Type":"bigint","Comment":"key","Parameters":{"a":"b"}}],
       "Location":"s3://lake/raw/orders/","InputFormat":"in","OutputFormat":"out","Compressed":true,
       "NumberOfBuckets":-1,"SerdeInfo":{"Name":"n","SerializationLibrary":"l","Parameters":{"x":"1"}},
       "BucketColumns":["id"],"SortColumns":[{"Column":"id","SortOrder":0}],"Parameters":{"p":"q"},
       "SkewedInfo":{"SkewedColumnNames":["id"]},"StoredAsSubDirectories":true},
     "PartitionKeys":[{"Name":"day","Type":"string"}],"TableType":"EXTERNAL_TABLE",
     "Parameters":{"z":"1","a":"2"},"TargetTable":{"Name":"x"},"Description":null}
    """#

  @Test func keepsWhatAClientSends() throws {
    let table = try CatalogTable(json: JSONValue(parsing: tableText), database: "raw")
    #expect(table.tableName == TableName("raw", "Orders"))
    #expect(
      table.storage?.columns == [
        CatalogColumn("Id", "bigint", comment: "key", parameters: ["a": "b"])
      ])
    #expect(table.storage?.sortColumns == [SortColumn("id", isAscending: false)])
    #expect(table.storage?.bucketCount == -1)
    #expect(table.description == nil)
    #expect(table.otherMembers.map(\.key) == ["LastAccessTime", "TargetTable"])
    let json = table.json
    #expect(json["StorageDescriptor"]?["SkewedInfo"] == .object(["SkewedColumnNames": ["id"]]))
    #expect(json["LastAccessTime"] == 1.5)
    #expect(try CatalogTable(json: json) == table)
    #expect(json["Parameters"]?.text() == #"{"a":"2","z":"1"}"#)
  }

  @Test func writesTimesAsSeconds() throws {
    var database = CatalogDatabase("raw", createTime: Instant(microseconds: 1_700_000_000_000_000))
    #expect(database.json["CreateTime"] == .integer(1_700_000_000))
    database.createTime = Instant(microseconds: 1_700_000_000_123_456)
    #expect(database.json["CreateTime"] == .double(1_700_000_000.123456))
    #expect(try CatalogDatabase(json: database.json) == database)
  }

  @Test(arguments: [
    (#"[]"#, "Table"), (#"{"DatabaseName":"d"}"#, "Table.Name"),
    (#"{"Name":"t"}"#, "Table.DatabaseName"),
    (#"{"DatabaseName":"d","Name":1}"#, "Table.Name"),
    (#"{"DatabaseName":"d","Name":"t","Retention":"x"}"#, "Table.Retention"),
    (#"{"DatabaseName":"d","Name":"t","Parameters":{"a":1}}"#, "Table.Parameters"),
    (
      #"{"DatabaseName":"d","Name":"t","PartitionKeys":[{"Name":"a"},{"Type":"int"}]}"#,
      "Table.PartitionKeys[1].Name"
    ),
    (
      #"{"DatabaseName":"d","Name":"t","StorageDescriptor":{"Columns":[{"Name":"a","Type":5}]}}"#,
      "Table.StorageDescriptor.Columns[0].Type"
    ),
    (
      #"{"DatabaseName":"d","Name":"t","StorageDescriptor":{"SerdeInfo":[]}}"#,
      "Table.StorageDescriptor.SerdeInfo"
    ),
  ])
  func saysWhichMemberIsWrong(_ text: String, _ place: String) throws {
    let json = try JSONValue(parsing: text)
    let error = #expect(throws: CatalogError.self) { try CatalogTable(json: json) }
    #expect(error?.kind == .invalidInput)
    #expect(error?.place == place)
  }

  @Test func describesParquetTables() throws {
    let comment = String(repeating: "é", count: 200)
    let table = try CatalogTable.parquet(
      TableName("Raw", "Shop_Orders"),
      schema: Schema([
        Field("ID", .uint32, comment: "the\nkey"), Field("Order Date", .date, comment: comment),
      ]),
      partitionKeys: [Field("created_at_day", .string)], location: "s3://lake/raw/shop_orders/",
      statistics: DataStatistics(fileCount: 2, rowCount: 10, byteCount: 1000),
      parameters: ["tidemark.stream": "shop.orders"])
    #expect(table.tableName == TableName("raw", "shop_orders"))
    #expect(table.tableType == "EXTERNAL_TABLE")
    #expect(table.storage?.columns.map(\.name) == ["id", "order date"])
    #expect(table.storage?.columns[0] == CatalogColumn("id", "bigint", comment: "the key"))
    #expect((table.storage?.columns[1].comment?.utf8.count ?? 0) <= 255)
    #expect(
      table.storage?.serDe?.library == "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    )
    #expect(
      table.storage?.inputFormat == "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat")
    #expect(
      table.storage?.outputFormat
        == "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat")
    #expect(table.partitionKeys == [CatalogColumn("created_at_day", "string")])
    #expect(
      table.parameters == [
        "classification": "parquet", "typeOfData": "file", "EXTERNAL": "TRUE", "objectCount": "2",
        "recordCount": "10", "sizeKey": "1000", "averageRecordSize": "100",
        "tidemark.stream": "shop.orders",
      ])
    #expect(try table.schema().names == ["id", "order date", "created_at_day"])
    let partition = PartitionInput.parquet(values: ["2026-11-21", nil], location: "s3://x/")
    #expect(partition.values == ["2026-11-21", "__HIVE_DEFAULT_PARTITION__"])
  }

  @Test(arguments: [
    (["id", "ID"], [String]()), (["id"], ["Id"]), (["a\nb"], []), ([""], []),
    ([String(repeating: "x", count: 256)], []), ([], ["p", "p"]),
  ])
  func refusesColumnsThatCannotBe(_ columns: [String], _ keys: [String]) {
    let error = #expect(throws: CatalogError.self) {
      try CatalogTable.parquet(
        TableName("raw", "t"), schema: Schema(columns.map { Field($0, .int64) }),
        partitionKeys: keys.map { Field($0, .string) }, location: "x")
    }
    #expect(error?.kind == .invalidInput)
  }

  @Test(arguments: ["", "a-b", "a.b", "a b", "é", "a\u{0}", String(repeating: "x", count: 256)])
  func refusesTableNamesThatCannotBe(_ name: String) {
    for table in [TableName("raw", name), TableName(name, "t")] {
      let error = #expect(throws: CatalogError.self) { try table.folded() }
      #expect(error?.kind == .invalidInput)
    }
  }

  @Test func foldsNames() throws {
    #expect(try TableName("RAW", "Shop_Orders2").folded() == TableName("raw", "shop_orders2"))
    #expect(CatalogName.plain("Shop-Orders.é") == "shop_orders___")
  }

  @Test func namesErrorsAsGlueDoes() {
    let names = CatalogError.Kind.allCases.map(\.glueName)
    #expect(
      names == [
        "EntityNotFoundException", "AlreadyExistsException", "InvalidInputException",
        "ConcurrentModificationException", "OperationTimeoutException", "InternalServiceException",
        "InternalServiceException",
      ])
  }
}
