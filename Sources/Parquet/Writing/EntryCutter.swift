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
    let definition = entries.definitionLevels
    let repetition = entries.repetitionLevels
    var end = entry
    var valueEnd = value
    var rows = 0
    while end < definition.count {
      if repetition.isEmpty || repetition[end] == 0 {
        if rows > 0, rows >= rowsMax || end - entry >= entriesMax { break }
        rows += 1
      }
      if definition[end] == maxDefinitionLevel { valueEnd += 1 }
      end += 1
    }
    return Piece(entries: entry..<end, values: value..<valueEnd, rows: rows)
  }

  mutating func advance(_ piece: Piece) {
    entry = piece.entries.upperBound
    value = piece.values.upperBound
  }
}
