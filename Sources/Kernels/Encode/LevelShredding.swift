internal import CKernels

/// The loops that take nested columns apart into levels: an entry a value or null.
///
/// The row of an entry is that of its value in the column at hand, or -1 where it is null or
/// empty further up.
public enum LevelShredding {
  /// Whether offsets of lists rise, and stay within a child of so many elements.
  public static func areSound(_ offsets: [Int32], childCount: Int) -> Bool {
    offsets.withUnsafeBufferPointer { offsets in
      guard let base = offsets.baseAddress, !offsets.isEmpty else { return false }
      return tm_offsets_are_sound(base, offsets.count - 1, childCount) != 0
    }
  }

  /// Adds one to the level of each entry that has a value here; the others lose their row.
  /// - Parameter validity: a bit a row of the column; nil where none is null.
  /// - Precondition: every row is below the number of bits.
  /// - Returns: how many rows were null here.
  @discardableResult
  public static func applyNulls(
    _ rows: inout [Int32], _ levels: inout [UInt8], validity: [UInt64]?
  ) -> Int {
    precondition(rows.count == levels.count)
    return rows.withUnsafeMutableBufferPointer { rows in
      levels.withUnsafeMutableBufferPointer { levels in
        guard let row = rows.baseAddress, let level = levels.baseAddress else { return 0 }
        guard let validity else { return tm_levels_nulls(row, level, rows.count, nil) }
        return validity.withUnsafeBufferPointer { words in
          tm_levels_nulls(row, level, rows.count, words.baseAddress)
        }
      }
    }
  }

  public struct Entries: Sendable {
    public var rows: [Int32]
    public var definitionLevels: [UInt8]
    public var repetitionLevels: [UInt8]

    public init(rows: [Int32], definitionLevels: [UInt8], repetitionLevels: [UInt8]) {
      self.rows = rows
      self.definitionLevels = definitionLevels
      self.repetitionLevels = repetitionLevels
    }
  }

  /// Replaces each entry by the elements of its list; entries of empty or no lists stay.
  /// - Parameter offsets: sound, and one more than the rows of the column.
  /// - Complexity: O(entries before + entries after).
  public static func expand(
    _ entries: Entries, _ offsets: [Int32], repetitionLevel: UInt8
  ) -> Entries {
    let count = entries.rows.count
    precondition(entries.definitionLevels.count == count)
    precondition(entries.repetitionLevels.count == count)
    return entries.rows.withUnsafeBufferPointer { rows in
      entries.definitionLevels.withUnsafeBufferPointer { definition in
        entries.repetitionLevels.withUnsafeBufferPointer { repetition in
          offsets.withUnsafeBufferPointer { offsets in
            guard let row = rows.baseAddress, let defined = definition.baseAddress,
              let repeated = repetition.baseAddress, let offset = offsets.baseAddress, count > 0
            else { return Entries(rows: [], definitionLevels: [], repetitionLevels: []) }
            let total = tm_levels_expanded(row, count, offset)
            var result = Entries(rows: [], definitionLevels: [], repetitionLevels: [])
            // The kernel writes up to eight entries too many.
            result.rows = [Int32](unsafeUninitializedCapacity: total + 8) { rowsOut, rowCount in
              result.definitionLevels = [UInt8](unsafeUninitializedCapacity: total + 8) {
                definitionOut, definitionCount in
                result.repetitionLevels = [UInt8](unsafeUninitializedCapacity: total + 8) {
                  repetitionOut, repetitionCount in
                  guard let rowOut = rowsOut.baseAddress,
                    let definedOut = definitionOut.baseAddress,
                    let repeatedOut = repetitionOut.baseAddress
                  else { return }
                  tm_levels_expand(
                    row, defined, repeated, count, offset, repetitionLevel, rowOut, definedOut,
                    repeatedOut)
                  rowCount = total
                  definitionCount = total
                  repetitionCount = total
                }
              }
            }
            return result
          }
        }
      }
    }
  }

  /// The rows that are there, in order.
  public static func present(_ rows: [Int32]) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: rows.count) { room, initialized in
      rows.withUnsafeBufferPointer { rows in
        guard let input = rows.baseAddress, let output = room.baseAddress, !rows.isEmpty else {
          return
        }
        initialized = tm_rows_present(input, rows.count, output)
      }
    }
  }

  /// How often each level from 0 to `max` occurs.
  /// - Precondition: no level is above `max`.
  public static func histogram(_ levels: Span<UInt8>, max: Int) -> [Int64] {
    var counts = [Int64](repeating: 0, count: 256)
    counts.withUnsafeMutableBufferPointer { counts in
      levels.withUnsafeBufferPointer { levels in
        guard let input = levels.baseAddress, let output = counts.baseAddress else { return }
        tm_histogram8(input, levels.count, output)
      }
    }
    return Array(counts[...max])
  }

  public struct Cut: Sendable {
    public var entryCount: Int
    public var rowCount: Int
    public var valueCount: Int
  }

  /// Where to cut entries, from `start` on, so that whole rows stay together: at most `rowsMax`
  /// of them, and none that begins after `entriesMax` entries.
  /// - Parameter repetition: empty where every entry is a row.
  public static func cut(
    _ definition: [UInt8], _ repetition: [UInt8], from start: Int, maxDefinitionLevel: UInt8,
    rowsMax: Int, entriesMax: Int
  ) -> Cut {
    precondition(start >= 0 && start <= definition.count && rowsMax > 0 && entriesMax > 0)
    precondition(repetition.isEmpty || repetition.count == definition.count)
    var rows = 0
    var values = 0
    let entries = definition.withUnsafeBufferPointer { definition in
      repetition.withUnsafeBufferPointer { repetition in
        guard let defined = definition.baseAddress else { return 0 }
        let repeated = repetition.isEmpty ? nil : repetition.baseAddress.map { $0 + start }
        return tm_levels_cut(
          defined + start, repeated, definition.count - start, maxDefinitionLevel, rowsMax,
          entriesMax, &rows, &values)
      }
    }
    return Cut(entryCount: entries, rowCount: rows, valueCount: values)
  }
}
