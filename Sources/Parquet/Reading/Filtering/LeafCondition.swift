internal import Kernels
internal import Records

/// All conditions on one leaf column.
struct LeafCondition {
  /// A comparison whose operand is in the column's terms.
  struct Test: Hashable {
    let comparison: Predicate.Comparison
    let operand: Operand
  }

  enum Content: Hashable {
    case isNull
    case isNotNull
    /// A row meets all of them; there is one at least.
    case tests([Test])
    /// No row meets it.
    case nothing
  }

  let leaf: LeafColumn
  let content: Content

  /// One a leaf that predicates name, in the order they come.
  /// - Throws: `.schemaMismatch` where a predicate names no leaf column outside of lists, or its
  ///   value does not compare with the column's type.
  static func all(
    _ predicates: [Predicate], in file: ParquetFile
  ) throws(ParquetError) -> [LeafCondition] {
    var order: [Int] = []
    var grouped: [Int: (leaf: LeafColumn, predicates: [Predicate])] = [:]
    for predicate in predicates {
      let leaf = try file.conditionLeaf(predicate.column)
      if grouped[leaf.index] == nil { order.append(leaf.index) }
      grouped[leaf.index, default: (leaf, [])].predicates.append(predicate)
    }
    var conditions: [LeafCondition] = []
    for index in order {
      guard let (leaf, predicates) = grouped[index] else { continue }
      conditions.append(
        LeafCondition(leaf: leaf, content: try content(predicates, file.valueType(of: leaf))))
    }
    return conditions
  }

  private static func content(
    _ predicates: [Predicate], _ type: DataType
  ) throws(ParquetError) -> Content {
    var tests: [Test] = []
    for predicate in predicates where predicate.comparison.hasOperand {
      guard let operand = Operand(predicate.value, in: type) else {
        throw ParquetError(
          .schemaMismatch,
          "the column is of type \(type), which \(predicate.value) does not compare with",
          at: .init(column: predicate.column))
      }
      tests.append(Test(comparison: predicate.comparison, operand: operand))
    }
    if predicates.contains(where: { $0.comparison == .isNull }) {
      return predicates.allSatisfy { $0.comparison == .isNull } ? .isNull : .nothing
    }
    if tests.contains(where: { $0.operand == .none }) { return .nothing }
    return tests.isEmpty ? .isNotNull : .tests(tests)
  }
}

extension ParquetFile {
  /// The leaf column that a condition names.
  func conditionLeaf(_ name: String) throws(ParquetError) -> LeafColumn {
    let leaf = parquetSchema.leaves.first { $0.name == name }
    guard let leaf, leaf.maxRepetitionLevel == 0 else {
      throw ParquetError(
        .schemaMismatch, "a condition on \(name), which is no column outside of lists")
    }
    return leaf
  }

  /// The type that a leaf's values are read as, with the options.
  func valueType(of leaf: LeafColumn) -> DataType {
    leaf.primitiveType == .int96 ? .timestamp(options.int96Unit, isUTC: false) : leaf.dataType
  }
}
