import Kernels
import Testing

@Suite struct LevelShreddingTests {
  @Test func nullsTakeRowsAway() {
    var rows: [Int32] = [0, -1, 1, 2, 70]
    var levels: [UInt8] = [3, 1, 3, 3, 3]
    let nulls = LevelShredding.applyNulls(&rows, &levels, validity: [0b101, 1 << 6])
    #expect(nulls == 1)
    #expect(rows == [0, -1, -1, 2, 70])
    #expect(levels == [4, 1, 3, 4, 4])
    #expect(LevelShredding.applyNulls(&rows, &levels, validity: nil) == 0)
    #expect(levels == [5, 1, 3, 5, 5])
    #expect(LevelShredding.present(rows) == [0, 2, 70])
  }

  @Test func listsAreExpanded() {
    let entries = LevelShredding.Entries(
      rows: [0, -1, 1, 2], definitionLevels: [1, 0, 1, 1], repetitionLevels: [0, 0, 1, 0])
    let result = LevelShredding.expand(entries, [0, 3, 3, 4], repetitionLevel: 2)
    #expect(result.rows == [0, 1, 2, -1, -1, 3])
    #expect(result.definitionLevels == [2, 2, 2, 0, 1, 2])
    #expect(result.repetitionLevels == [0, 2, 2, 0, 1, 0])
    let none = LevelShredding.Entries(rows: [], definitionLevels: [], repetitionLevels: [])
    #expect(LevelShredding.expand(none, [0], repetitionLevel: 1).rows.isEmpty)
    #expect(LevelShredding.present([]).isEmpty)
  }

  @Test func unsoundOffsetsAreFound() {
    #expect(LevelShredding.areSound([0, 2, 2, 5], childCount: 5))
    #expect(LevelShredding.areSound([3], childCount: 5))
    for offsets in [[0, 2, 1], [-1, 2, 3], [0, 6], []] as [[Int32]] {
      #expect(!LevelShredding.areSound(offsets, childCount: 5))
    }
  }

  @Test func histogramsOfAnyLength() {
    var random = EncodeRandom(8)
    for count in [0, 1, 3, 4, 5, 1000] {
      let levels = (0..<count).map { _ in UInt8(random.below(6)) }
      let expected = (0...5).map { level in Int64(levels.count { $0 == level }) }
      #expect(LevelShredding.histogram(levels.span, max: 5) == expected)
    }
  }

  @Test func cutsKeepRowsWhole() {
    let definition: [UInt8] = [2, 1, 2, 2, 0, 2, 2]
    let repetition: [UInt8] = [0, 1, 1, 0, 0, 0, 1]
    func cut(_ start: Int, _ rows: Int, _ entries: Int) -> [Int] {
      let cut = LevelShredding.cut(
        definition, repetition, from: start, maxDefinitionLevel: 2, rowsMax: rows,
        entriesMax: entries)
      return [cut.entryCount, cut.rowCount, cut.valueCount]
    }
    #expect(cut(0, 1, 100) == [3, 1, 2])
    #expect(cut(0, 2, 100) == [4, 2, 3])
    #expect(cut(0, 100, 1) == [3, 1, 2])
    #expect(cut(0, 100, 4) == [4, 2, 3])
    #expect(cut(3, 100, 100) == [4, 3, 3])
    #expect(cut(7, 1, 1) == [0, 0, 0])
    let flat = LevelShredding.cut(
      definition, [], from: 1, maxDefinitionLevel: 2, rowsMax: 4, entriesMax: 3)
    #expect([flat.entryCount, flat.rowCount, flat.valueCount] == [3, 3, 2])
  }

  /// Short, long and empty lists, one entry at a time for comparison.
  @Test func longListsAreExpanded() {
    var random = EncodeRandom(21)
    for most in [1, 3, 8, 9, 40] {
      var offsets: [Int32] = [0]
      for _ in 0..<200 {
        offsets.append(offsets[offsets.count - 1] + Int32(random.below(most + 1)))
      }
      let rows = (0..<200).map { random.below(7) == 0 ? Int32(-1) : Int32($0) }
      let definition = rows.map { $0 < 0 ? UInt8(random.below(2)) : 2 }
      let repetition = rows.map { _ in UInt8(random.below(2)) }
      let entries = LevelShredding.Entries(
        rows: rows, definitionLevels: definition, repetitionLevels: repetition)
      var expected = LevelShredding.Entries(rows: [], definitionLevels: [], repetitionLevels: [])
      for (index, row) in rows.enumerated() {
        let list =
          row < 0 ? 0..<0 : offsets[Int(row)]..<offsets[Int(row) + 1]
        expected.rows += list.isEmpty ? [-1] : Array(list)
        expected.definitionLevels += list.isEmpty ? [definition[index]] : list.map { _ in 3 }
        expected.repetitionLevels += [repetition[index]] + list.dropFirst().map { _ in 2 }
      }
      let result = LevelShredding.expand(entries, offsets, repetitionLevel: 2)
      #expect(result.rows == expected.rows)
      #expect(result.definitionLevels == expected.definitionLevels)
      #expect(result.repetitionLevels == expected.repetitionLevels)
    }
  }

  @Test func longCutsKeepRowsWhole() {
    var random = EncodeRandom(22)
    for share in [1, 3, 200] {
      let count = 3000
      let repetition = (0..<count).map { $0 == 0 || random.below(share) == 0 ? UInt8(0) : 1 }
      let definition = (0..<count).map { _ in UInt8(random.below(3)) }
      for (rowsMax, entriesMax) in [(1, 1), (7, 5000), (500, 700), (129, 128), (9999, 9999)] {
        var end = 0, rows = 0, values = 0
        while end < count {
          if repetition[end] == 0 {
            if rows > 0, rows >= rowsMax || end >= entriesMax { break }
            rows += 1
          }
          values += definition[end] == 2 ? 1 : 0
          end += 1
        }
        let cut = LevelShredding.cut(
          definition, repetition, from: 0, maxDefinitionLevel: 2, rowsMax: rowsMax,
          entriesMax: entriesMax)
        #expect([cut.entryCount, cut.rowCount, cut.valueCount] == [end, rows, values])
      }
    }
  }
}
