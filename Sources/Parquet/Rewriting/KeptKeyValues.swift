internal import Records

/// Which of a file's key-values the rewritten file keeps.
enum KeptKeyValues {
  /// Schemas in the words of the program that wrote the file. Readers trust them over the types
  /// that they find: pyarrow would take microseconds for nanoseconds, Spark refuse the file.
  private static let schemaKeys: Set<String> = [
    ArrowSchema.key, "org.apache.spark.sql.parquet.row.metadata", "parquet.avro.schema",
    "avro.schema",
  ]

  /// - Returns: those of the file, in their order, without what is no longer true of it, and the
  ///   added ones, which take the place of a kept one of the same key.
  static func keyValues(
    of file: ParquetFile, rewrittenAs schema: ParquetSchema, adding added: [KeyValue]
  ) -> [KeyValue] {
    let isSame = hasSameTypes(file.parquetSchema, schema)
    let replaced = Set(added.map(\.key))
    let kept = (file.metadata.keyValues ?? []).filter {
      !replaced.contains($0.key) && $0.key != EncodingReport.key
        && (isSame || !schemaKeys.contains($0.key))
    }
    return kept + added
  }

  /// Whether both store the same columns as the same types. The names of the groups that spell
  /// lists and maps do not matter: no one's schema has them.
  static func hasSameTypes(_ old: ParquetSchema, _ new: ParquetSchema) -> Bool {
    guard old.schema.names == new.schema.names, old.leaves.count == new.leaves.count else {
      return false
    }
    return zip(old.leaves, new.leaves).allSatisfy { old, new in
      old.primitiveType == new.primitiveType && old.typeLength == new.typeLength
        && old.logicalType == new.logicalType && old.maxDefinitionLevel == new.maxDefinitionLevel
        && old.maxRepetitionLevel == new.maxRepetitionLevel
    }
  }
}
