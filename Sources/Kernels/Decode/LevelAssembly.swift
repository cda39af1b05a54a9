/// From repetition and definition levels to the offsets and validity of nested columns.
///
/// One entry of levels stands for one value of a leaf, or for the place where a list or an
/// optional group above it is empty or null. A column that lies under repeated fields has a slot
/// for each element of the innermost of them:
///
///     repeated depth r   how many repeated fields lie on the way to the column
///     slot level         the definition level at which the innermost of them has an element
///
/// - SeeAlso: Melnik et al., "Dremel: Interactive Analysis of Web-Scale Datasets", section 4.
public enum LevelAssembly {
  /// Where the lists of one repeated field begin, and which of them are there.
  public struct Lists: Sendable {
    /// One more than there are lists.
    public var offsets: [Int32]
    public var validity: ValidityBits
    public var elementCount: Int { Int(offsets.last ?? 0) }
  }

  /// Offsets and validity of a repeated field's column.
  /// - Parameters:
  ///   - depth: repeated fields on the way, this one included: its repetition level.
  ///   - slotLevel: of the column around it; 0 at the top.
  ///   - validLevel: the definition level from which on the list is not null.
  ///   - elementLevel: the definition level at which it has an element.
  /// - Throws: `.level` where the levels begin within a list, `.memory` past 2³¹ elements.
  /// - Complexity: O(levels).
  public static func lists(
    repetition: Span<UInt8>, definition: Span<UInt8>, depth: UInt8, slotLevel: UInt8,
    validLevel: UInt8, elementLevel: UInt8, slotCountExpected: Int
  ) throws(DecodeError) -> Lists {
    precondition(repetition.count == definition.count)
    var offsets: [Int32] = []
    offsets.reserveCapacity(slotCountExpected + 1)
    var validity = ValidityBits(capacity: slotCountExpected)
    var elements: Int32 = 0
    var validRun = 0
    for index in 0..<repetition.count {
      let level = definition[index]
      let repeats = repetition[index]
      if repeats < depth, level >= slotLevel {
        offsets.append(elements)
        if level >= validLevel {
          validRun += 1
        } else {
          validity.append(repeating: true, count: validRun)
          validity.append(repeating: false, count: 1)
          validRun = 0
        }
      }
      if repeats <= depth, level >= elementLevel {
        guard !offsets.isEmpty else {
          throw DecodeError(.level, at: index, "the levels begin within a list")
        }
        let (next, overflow) = elements.addingReportingOverflow(1)
        guard !overflow else {
          throw DecodeError(.memory, at: index, "more than 2³¹ elements in one batch")
        }
        elements = next
      }
    }
    validity.append(repeating: true, count: validRun)
    offsets.append(elements)
    return Lists(offsets: offsets, validity: validity)
  }

  /// The validity of a column that is not itself repeated.
  /// - Parameters:
  ///   - repetition: nil where nothing on the way is repeated.
  ///   - depth: repeated fields on the way.
  ///   - slotLevel: the definition level from which on there is a slot.
  ///   - validLevel: the definition level from which on the slot is not null.
  public static func validity(
    repetition: Span<UInt8>?, definition: Span<UInt8>, depth: UInt8, slotLevel: UInt8,
    validLevel: UInt8
  ) -> ValidityBits {
    var bits = ValidityBits(capacity: definition.count)
    if let repetition {
      appendSlots(
        definition, slotLevel: slotLevel, validLevel: validLevel, to: &bits
      ) { repetition[$0] <= depth }
    } else {
      bits.append(levels: definition, atLeast: validLevel)
    }
    return bits
  }

  /// Appends the validity of a leaf's slots: entries at `slotLevel` or above.
  public static func appendValidity(
    _ definition: Span<UInt8>, slotLevel: UInt8, validLevel: UInt8, to bits: inout ValidityBits
  ) {
    appendSlots(definition, slotLevel: slotLevel, validLevel: validLevel, to: &bits) { _ in true }
  }

  /// Collects the levels of the slots alone, a block at a time, and appends them as bits.
  @inline(__always)
  private static func appendSlots(
    _ definition: Span<UInt8>, slotLevel: UInt8, validLevel: UInt8, to bits: inout ValidityBits,
    where isSlot: (Int) -> Bool
  ) {
    var block = InlineArray<256, UInt8>(repeating: 0)
    var filled = 0
    for index in 0..<definition.count {
      let level = definition[index]
      guard level >= slotLevel, isSlot(index) else { continue }
      block[filled] = level
      filled += 1
      if filled == 256 {
        bits.append(levels: block.span, atLeast: validLevel)
        filled = 0
      }
    }
    bits.append(levels: block.span.extracting(0..<filled), atLeast: validLevel)
  }
}
