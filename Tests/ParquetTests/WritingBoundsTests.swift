@testable import Parquet
import Records
import Testing

@Suite struct BoundTests {
  @Test func cutTextsStillBound() {
    var maker = SampleMaker(seed: 11)
    let alphabet: [Unicode.Scalar] = [
      "a", "z", "\u{7F}", "é", "\u{7FF}", "\u{D7FF}", "\u{E000}", "語", "\u{FFFF}", "🙂",
      "\u{10FFFF}",
    ]
    for _ in 0..<3000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<maker.below(30) { text.append(alphabet[maker.below(alphabet.count)]) }
      let bytes = Array(String(text).utf8)
      for isText in [true, false] {
        let lower = BoundTruncation.lower(bytes, countMax: 8, isText: isText)
        #expect(lower.count <= 8 && !bytes.lexicographicallyPrecedes(lower))
        if isText { #expect(String(validating: lower, as: UTF8.self) != nil) }
        guard let upper = BoundTruncation.upper(bytes, countMax: 8, isText: isText) else {
          // Only texts of nothing but the greatest character have no bound.
          #expect(bytes.prefix(8).elementsEqual(Array("\u{10FFFF}\u{10FFFF}".utf8)))
          continue
        }
        #expect(upper == bytes || bytes.lexicographicallyPrecedes(upper))
        #expect(upper.count <= 11)
        if isText { #expect(String(validating: upper, as: UTF8.self) != nil) }
      }
    }
    #expect(
      BoundTruncation.upper(Array(repeating: 0xFF, count: 20), countMax: 8, isText: false) == nil)
    // Bytes that are no UTF-8 in a column of texts.
    let bad = [UInt8](repeating: 0x80, count: 20)
    #expect(
      BoundTruncation.upper(bad, countMax: 8, isText: true).map {
        bad.lexicographicallyPrecedes($0)
      } == true)
  }

  @Test func boundsMergeAndCompare() {
    var bounds = ValueBounds.none
    bounds.merge(.signed(3, 5))
    bounds.merge(.none)
    bounds.merge(.signed(-1, 4))
    #expect(bounds == .signed(-1, 5))
    #expect(ValueBounds.signed(1, 2).isAtMost(.signed(1, 3)) == true)
    #expect(ValueBounds.signed(1, 4).isAtMost(.signed(2, 3)) == false)
    #expect(ValueBounds.none.isAtMost(.signed(2, 3)) == nil)
    // -1 and 1 as big-endian numbers.
    bounds = .bigEndian([0xFF], [0xFF])
    bounds.merge(.bigEndian([0x01], [0x01]))
    #expect(bounds == .bigEndian([0xFF], [0x01]))
    #expect(bounds.values(.decimal(precision: 2, scale: 1))?.least == .decimal(-1, scale: 1))
    bounds = .bytes([0xFF], [0xFF])
    bounds.merge(.bytes([0x01], [0x01]))
    #expect(bounds == .bytes([0x01], [0xFF]))
  }

  @Test func halfFloatsRoundToEven() {
    let table: [(Float, UInt16)] = [
      (0, 0), (-0.0, 0x8000), (1, 0x3C00), (-2, 0xC000), (65504, 0x7BFF), (65519.9, 0x7BFF),
      (65520, 0x7C00), (.infinity, 0x7C00), (-.infinity, 0xFC00), (6.1035156e-05, 0x0400),
      (6.0975552e-05, 0x03FF), (5.9604645e-08, 0x0001), (2.9802322e-08, 0x0000),
      (8.940697e-08, 0x0002), (1e-10, 0), (1.00048828125, 0x3C00), (1.00146484375, 0x3C02),
    ]
    for (value, bits) in table { #expect(StoredValues.halfBits(value) == bits, "\(value)") }
    #expect(StoredValues.halfBits(.nan) & 0x7FFF > 0x7C00)
  }
}
