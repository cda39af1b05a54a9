internal import Kernels

/// Repetition or definition levels of one page.
struct LevelDecoder {
  private enum State {
    /// The maximum is 0: no levels are stored.
    case none
    case hybrid(HybridDecoder)
    case packed(PackedLevelDecoder)
  }

  private let bytes: [UInt8]
  private let maximum: UInt8
  private var state: State

  static let none = LevelDecoder()

  private init() {
    bytes = []
    maximum = 0
    state = .none
  }

  /// - Parameter range: the runs themselves, without the length before them.
  init(
    _ bytes: [UInt8], range: Range<Int>, maximum: Int, encoding: Encoding
  ) throws(ParquetError) {
    self.bytes = bytes
    self.maximum = UInt8(clamping: maximum)
    let bitWidth = Int.bitWidth - maximum.leadingZeroBitCount
    switch encoding {
    case .rle:
      do throws(DecodeError) {
        state = .hybrid(try HybridDecoder(bitWidth: bitWidth, range: range))
      } catch {
        throw ParquetError(error)
      }
    case .bitPacked: state = .packed(PackedLevelDecoder(bitWidth: bitWidth, range: range))
    default: throw ParquetError(.unsupported, "levels in encoding \(encoding)")
    }
  }

  /// Appends the next `count` levels.
  mutating func decode(_ count: Int, into levels: inout [UInt8]) throws(DecodeError) {
    switch state {
    case .none:
      levels.append(contentsOf: repeatElement(0, count: count))
    case .hybrid(var decoder):
      try levels.append(addingCapacity: count) { (output) throws(DecodeError) in
        try decoder.decodeLevels(bytes.span, count: count, maximum: maximum, into: &output)
      }
      state = .hybrid(decoder)
    case .packed(var decoder):
      try levels.append(addingCapacity: count) { (output) throws(DecodeError) in
        try decoder.decodeLevels(bytes.span, count: count, maximum: maximum, into: &output)
      }
      state = .packed(decoder)
    }
  }

  /// Appends the next `count` levels as validity bits.
  /// - Precondition: the maximum is 1.
  mutating func decodeValidity(
    _ count: Int, into bits: inout ValidityBits
  ) throws(DecodeError) {
    if case .hybrid(var decoder) = state {
      try decoder.decodeValidity(bytes.span, count: count, into: &bits)
      state = .hybrid(decoder)
    } else {
      var levels: [UInt8] = []
      try decode(count, into: &levels)
      bits.append(levels: levels.span, atLeast: 1)
    }
  }

  /// Checks, after the last level, that there are no more.
  func checkEnd() throws(DecodeError) {
    if case .hybrid(let decoder) = state { try decoder.checkEnd() }
  }
}
