@testable import Parquet
import Records
import Testing

@Suite struct ParquetSchemaTests {
  private func leaf(
    _ name: String, _ type: PrimitiveType = .int32, _ repetition: Repetition = .optional
  ) -> SchemaElement {
    SchemaElement(name: name, type: type, repetition: repetition)
  }

  private func group(
    _ name: String, _ count: Int32, _ repetition: Repetition = .optional,
    _ converted: ConvertedType? = nil
  ) -> SchemaElement {
    SchemaElement(
      name: name, repetition: repetition, childCount: count, convertedType: converted)
  }

  private func read(_ elements: SchemaElement...) throws -> ParquetSchema {
    try ParquetSchema(elements: [SchemaElement(name: "root", childCount: 1)] + elements)
  }

  @Test func everyTypeGoesBothWays() throws {
    let fields = (leafTypes + nestedTypes).enumerated().flatMap { number, type in
      [Field("c\(number)", type), Field("r\(number)", type, isNullable: false)]
    }
    for profile in WriteProfile.allCases {
      let stored = profile.storedSchema(of: Schema(fields))
      let file = try ParquetSchema(storing: stored)
      #expect(file.schema == stored)
      #expect(try ParquetSchema(elements: file.elements) == file)
      #expect(profile.storedSchema(of: stored) == stored)
    }
    #expect(WriteProfile.max.storedSchema(of: Schema(fields)) == Schema(fields))
  }

  @Test func lakeTypes() {
    let table: [(DataType, DataType)] = [
      (.uint8, .int16), (.uint16, .int32), (.uint32, .int64),
      (.uint64, .decimal(precision: 20, scale: 0)), (.float16, .float32),
      (.timestamp(.nanoseconds, isUTC: true), .timestamp(.microseconds, isUTC: true)),
      (.timestamp(.milliseconds, isUTC: false), .timestamp(.milliseconds, isUTC: false)),
      (.time(.milliseconds), .int64), (.uuid, .string), (.json, .string),
      (.fixedBinary(width: 3), .binary), (.int8, .int8),
      (.list(Field("element", .uint8)), .list(Field("element", .int16))),
    ]
    for (type, stored) in table { #expect(WriteProfile.lake.storedType(of: type) == stored) }
  }

  @Test func levelsAndPathsOfNestedLeaves() throws {
    let schema = Schema([
      Field("id", .int64, isNullable: false),
      Field(
        "a",
        .list(
          Field("element", .structure([Field("x", .int32), Field("y", .int32, isNullable: false)])))
      ),
      Field(
        "m", .map(key: Field("key", .string, isNullable: false), value: Field("value", .int32)),
        isNullable: false),
    ])
    let leaves = try ParquetSchema(storing: schema).leaves
    #expect(
      leaves.map(\.name) == [
        "id", "a.list.element.x", "a.list.element.y", "m.key_value.key", "m.key_value.value",
      ])
    #expect(leaves.map(\.maxDefinitionLevel) == [0, 4, 3, 1, 2])
    #expect(leaves.map(\.maxRepetitionLevel) == [0, 1, 1, 1, 1])
  }

  /// The forms of lists that LogicalTypes.md asks readers to know.
  @Test func oldFormsOfLists() throws {
    let int = Field("element", .int32, isNullable: false)
    // repeated int32 element, with and without a list around it.
    var file = try read(group("l", 1, .optional, .list), leaf("element", .int32, .repeated))
    #expect(file.schema.fields == [Field("l", .list(int))])
    #expect(file.leaves[0].maxDefinitionLevel == 2 && file.leaves[0].maxRepetitionLevel == 1)
    file = try read(leaf("l", .int32, .repeated))
    #expect(file.schema.fields == [Field("l", .list(int), isNullable: false)])
    #expect(file.nodes[0].definitionLevel == 0 && file.nodes[0].repetitionLevel == 1)
    // A repeated group of two fields, or one called array or l_tuple, is the element.
    let pair = DataType.structure([Field("a", .int32), Field("b", .int32)])
    file = try read(
      group("l", 1, .optional, .list), group("element", 2, .repeated), leaf("a"), leaf("b"))
    #expect(file.schema.fields == [Field("l", .list(Field("element", pair, isNullable: false)))])
    for name in ["array", "l_tuple"] {
      file = try read(group("l", 1, .optional, .list), group(name, 1, .repeated), leaf("a"))
      let single = DataType.structure([Field("a", .int32)])
      #expect(file.schema.fields == [Field("l", .list(Field(name, single, isNullable: false)))])
    }
    // Otherwise the repeated group only goes around the element.
    file = try read(group("l", 1, .required, .list), group("bag", 1, .repeated), leaf("item"))
    #expect(file.schema.fields == [Field("l", .list(Field("item", .int32)), isNullable: false)])
    #expect(file.leaves[0].path == ["l", "bag", "item"])
    // A repeated group without annotation.
    file = try read(group("g", 1, .repeated), leaf("a"))
    #expect(
      file.schema.fields
        == [
          Field(
            "g",
            .list(Field("element", .structure([Field("a", .int32)]), isNullable: false)),
            isNullable: false)
        ])
  }

  @Test func formsOfMaps() throws {
    let key = leaf("key", .byteArray, .required)
    for converted in [ConvertedType.map, .mapKeyValue] {
      let file = try read(
        group("m", 1, .optional, converted), group("entries", 2, .repeated), key, leaf("v"))
      #expect(
        file.schema.fields
          == [
            Field(
              "m",
              .map(key: Field("key", .binary, isNullable: false), value: Field("v", .int32)))
          ])
    }
    // Without values it is a set.
    let file = try read(group("m", 1, .optional, .map), group("key_value", 1, .repeated), key)
    #expect(file.schema.fields == [Field("m", .list(Field("key", .binary, isNullable: false)))])
  }

  @Test func annotationsThatDoNotFitArePassedOver() throws {
    var element = leaf("a", .int64)
    element.logicalType = .string
    #expect(try read(element).schema.fields == [Field("a", .int64)])
    element.logicalType = .decimal(precision: 0, scale: 5)
    #expect(try read(element).schema.fields == [Field("a", .int64)])
    element.logicalType = .unknown(field: 90)
    #expect(try read(element).leaves[0].logicalType == nil)
    element = leaf("a", .int32)
    element.convertedType = .decimal
    element.precision = 5
    element.scale = 2
    #expect(
      try read(element).schema.fields == [Field("a", .decimal(precision: 5, scale: 2))])
  }

  private func kind(of elements: [SchemaElement]) -> ParquetError.Kind? {
    do {
      _ = try ParquetSchema(elements: elements)
      return nil
    } catch {
      return error.kind
    }
  }

  @Test func treesThatLieAreRefused() {
    let root = SchemaElement(name: "root", childCount: 1)
    #expect(kind(of: []) == .corrupt)
    #expect(kind(of: [root]) == .corrupt)
    #expect(kind(of: [root, leaf("a"), leaf("b")]) == .corrupt)
    #expect(kind(of: [SchemaElement(name: "root", childCount: -1)]) == .corrupt)
    #expect(kind(of: [SchemaElement(name: "root", childCount: .max), leaf("a")]) == .corrupt)
    #expect(kind(of: [root, group("g", 2), leaf("a")]) == .corrupt)
    #expect(kind(of: [root, group("g", 0)]) == .corrupt)
    var both = leaf("a")
    both.childCount = 1
    #expect(kind(of: [root, both, leaf("b")]) == .corrupt)
    for length in [nil, 0, -4] as [Int32?] {
      var fixed = leaf("a", .fixedLengthByteArray)
      fixed.typeLength = length
      #expect(kind(of: [root, fixed]) == .corrupt)
    }
    let deep = [root] + Array(repeating: group("g", 1), count: 5000) + [leaf("a")]
    #expect(kind(of: deep) == .limitExceeded)
    let lists =
      [root]
      + (0..<3000).flatMap { _ in
        [group("l", 1, .optional, .list), group("list", 1, .repeated)]
      } + [leaf("a")]
    #expect(kind(of: lists) == .limitExceeded)
    #expect(kind(of: [root, leaf("a")]) == nil)
  }

  @Test func schemasWithoutAPlaceAreRefused() {
    let schemas: [[Field]] = [
      [Field("s", .structure([]))], [Field("a", .int32), Field("a", .int64)],
      [Field("s", .structure([Field("x", .int8), Field("x", .int8)]))],
      [Field("d", .decimal(precision: 39, scale: 0))],
      [Field("d", .decimal(precision: 5, scale: 6))],
      [Field("f", .fixedBinary(width: 0))],
    ]
    for fields in schemas {
      let error = #expect(throws: ParquetError.self) { try ParquetSchema(storing: Schema(fields)) }
      #expect(error?.kind == .schemaMismatch)
    }
  }

  @Test func decimalsTakeTheFewestBytes() {
    let bytes = [1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 9: 4, 18: 8, 19: 9, 20: 9, 21: 9, 22: 10, 38: 16]
    for (precision, count) in bytes {
      #expect(LeafTypes.decimalByteCount(precision: precision) == count)
    }
  }
}
