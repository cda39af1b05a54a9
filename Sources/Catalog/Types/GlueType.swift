public import Records

/// Types as Glue and Hive write them.
///
/// | column | Glue |
/// |---|---|
/// | int8, int16, int32, int64 | tinyint, smallint, int, bigint |
/// | uint8, uint16, uint32, uint64 | smallint, int, bigint, decimal(20,0): one step wider |
/// | float16 and float32, float64 | float, double |
/// | time | bigint, in its unit |
/// | timestamp of any unit | timestamp |
/// | string, json, uuid | string |
/// | binary, fixed(n) | binary |
/// | list, map, struct | array<>, map<,>, struct<a:int> |
public enum GlueType {
  /// The type's text; field names in lower case.
  /// - Parameter place: the column, for the error.
  /// - Throws: `.invalidInput` where two fields of a struct differ only in case, or a field's
  ///   name cannot stand in a type.
  public static func text(_ type: DataType, place: String) throws(CatalogError) -> String {
    switch type {
    case .boolean: return "boolean"
    case .int8: return "tinyint"
    case .int16, .uint8: return "smallint"
    case .int32, .uint16: return "int"
    case .int64, .uint32, .time: return "bigint"
    case .uint64: return "decimal(20,0)"
    case .float16, .float32: return "float"
    case .float64: return "double"
    case .decimal(let precision, let scale): return "decimal(\(precision),\(scale))"
    case .date: return "date"
    case .timestamp: return "timestamp"
    case .string, .json, .uuid: return "string"
    case .binary, .fixedBinary: return "binary"
    case .list(let element): return "array<\(try text(element.type, place: place))>"
    case .map(let key, let value):
      return "map<\(try text(key.type, place: place)),\(try text(value.type, place: place))>"
    case .structure(let fields):
      try CatalogName.checkDistinct(fields.map(\.name), in: place)
      var parts: [String] = []
      for field in fields {
        let name = try fieldName(field.name, place: place)
        parts.append("\(name):\(try text(field.type, place: place))")
      }
      return "struct<\(parts.joined(separator: ","))>"
    }
  }

  private static func fieldName(_ name: String, place: String) throws(CatalogError) -> String {
    let folded = try CatalogName.foldedColumn(name)
    if folded.contains(where: { ":,<>`".contains($0) }) || folded.first == " " || folded.last == " "
    {
      throw CatalogError(
        .invalidInput, "the field name '\(name)' cannot stand in a type",
        remedy: "rename the field, or keep the column as JSON text", place: place)
    }
    return folded
  }
}
