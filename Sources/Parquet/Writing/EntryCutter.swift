internal import Kernels

/// Cuts the entries of a nested column into pieces of whole rows.
struct EntryCutter {
  struct Piece {
    var entries: Range<Int>
    /// Of the values that are there.
    var values: Range<Int>
    var rows: Int
  }

  private let entries: LeafEntries
  private let maxDefinitionLevel: UInt8
  private var entry = 0
  private var value = 0

  init(_ entries: LeafEntries, maxDefinitionLevel: Int) {
    self.entries = entries
    self.maxDefinitionLevel = UInt8(truncatingIfNeeded: maxDefinitionLevel)
  }

  var isAtEnd: Bool { entry == entries.definitionLevels.count }

  /// The next rows: no more than `rowsMax`, and none that begins after `entriesMax` entries.
  func next(rowsMax: Int, entriesMax: Int) -> Piece {
    let cut = LevelShredding.cut(
      entries.definitionLevels, entries.repetitionLevels, from: entry,
      maxDefinitionLevel: maxDefinitionLevel, rowsMax: rowsMax, entriesMax: entriesMax)
    return Piece(
      entries: entry..<entry + cut.entryCount, values: value..<value + cut.valueCount,
      rows: cut.rowCount)
  }

  mutating func advance(_ piece: Piece) {
    entry = piece.entries.upperBound
    value = piece.values.upperBound
  }
}
