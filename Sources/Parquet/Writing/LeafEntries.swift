internal import Records

/// The entries of a leaf column in nested data: levels, and the values that are there.
struct LeafEntries: Sendable {
  /// One a value or null.
  var definitionLevels: [UInt8]
  /// As many; empty where the leaf is in no list.
  var repetitionLevels: [UInt8]
  /// Those of the greatest definition level alone, in order.
  var values: Column
}
