/// The values of one line, by the place of their column: what a scanner finds and columns take.
///
/// Texts stay where they are in the block, unless they must be written anew.
struct FieldRow {
  /// One value. `first` and `second` are a range for texts, and `first` the bits of a number.
  struct Slot {
    enum Kind: UInt8 {
      case null
      /// Bytes of the block.
      case text
      /// Bytes of the block, with the escapes that web servers write.
      case escaped
      /// Bytes of `copies`.
      case copied
      case integer, double
    }

    var kind = Kind.null
    var first: Int64 = 0
    var second: Int64 = 0

    var range: Range<Int> { Int(first)..<Int(second) }
  }

  private(set) var slots: [Slot] = []
  /// Texts of this line that were written anew; UTF-8.
  private(set) var copies: [UInt8] = []

  /// Forgets the line before.
  /// - Parameter columns: how many the line may fill.
  mutating func clear(columns: Int) {
    if slots.count != columns { slots = [Slot](repeating: Slot(), count: columns) }
    for index in 0..<columns { slots[index].kind = .null }
    if !copies.isEmpty { copies.removeAll(keepingCapacity: true) }
  }

  /// An empty text is null.
  mutating func set(_ column: Int, text range: Range<Int>, isEscaped: Bool = false) {
    guard !range.isEmpty else { return }
    slots[column] = Slot(
      kind: isEscaped ? .escaped : .text, first: Int64(range.lowerBound),
      second: Int64(range.upperBound))
  }

  mutating func set(_ column: Int, integer: Int64) {
    slots[column] = Slot(kind: .integer, first: integer)
  }

  mutating func set(_ column: Int, double: Double) {
    slots[column] = Slot(kind: .double, first: Int64(bitPattern: double.bitPattern))
  }

  /// - Parameter write: appends the text, which must be UTF-8; none is null.
  mutating func set(_ column: Int, copy write: (inout [UInt8]) -> Void) {
    let start = copies.count
    write(&copies)
    guard copies.count > start else { return }
    slots[column] = Slot(kind: .copied, first: Int64(start), second: Int64(copies.count))
  }

  func isNull(_ column: Int) -> Bool { slots[column].kind == .null }
}
