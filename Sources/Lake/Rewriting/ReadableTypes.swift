public import Records

/// Which stored columns engines read as a wider type.
///
/// What Spark, the strictest of them, reads from a Parquet file under another type than the file's:
/// whole numbers of up to 64 bits as wider ones, small ones and floats as doubles, decimals as
/// wider ones, timestamps of another unit, structs with further members. Nothing else is counted
/// on, also where one engine or the other converts on reading: files are written anew then.
extension DataType {
  /// Whether files that hold a column in this type stay as they are where the table's is wider.
  public func isReadable(as wider: DataType) -> Bool {
    if self == wider { return true }
    switch (self, wider) {
    case (.list(let a), .list(let b)): return a.type.isReadable(as: b.type)
    case (.map(let k, let a), .map(let l, let b)):
      return k.type.isReadable(as: l.type) && a.type.isReadable(as: b.type)
    case (.structure(let a), .structure(let b)): return Schema(a).isReadable(as: Schema(b))
    case (.string, .json), (.json, .string), (.binary, .string), (.binary, .json): return true
    case (_, .string), (_, .json): return false
    case (.date, .timestamp): return false
    case (.int64, .float64), (.uint32, .float64), (.uint64, .float64), (.decimal, .float64):
      return false
    case (_, .decimal): return !isWholeNumber
    // Types that a file of the lake has in place of the table's own: one step wider, in bytes.
    default: return true
    }
  }

  private var isWholeNumber: Bool {
    switch self {
    // uint64 lies in files as decimal(20,0).
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32: true
    default: false
    }
  }
}

extension Schema {
  /// Columns of this schema that files hold in types that are not read as the wider ones.
  public func columnsToRewrite(as wider: Schema) -> [Field] {
    fields.filter { field in
      wider[field.name].map { !field.type.isReadable(as: $0.type) } ?? false
    }
  }

  public func isReadable(as wider: Schema) -> Bool { columnsToRewrite(as: wider).isEmpty }
}
