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
}
