import Kernels
import Records

/// The decoders of `Kernels`, each on its own: what one gives in one call it must give in two, and
/// a read past its input or output is found by the sanitizer.
enum KernelFuzz {
  static func run(_ input: inout FuzzInput) {
    let kernel = input.number(below: 10)
    let width = Int(input.byte())
    let count = input.wide() % 3000
    let split = count == 0 ? 0 : input.wide() % count
    let bytes = input.rest()
    switch kernel {
    case 0: hybrid(bytes, width % 34, count, split)
    case 1: dictionary(bytes, count, split, entryCount: width)
    case 2: levels(bytes, width % 9, count)
    case 3: validity(bytes, count, split)
    case 4: delta(bytes, count, split)
    case 5: deltaLength(bytes, count, split)
    case 6: deltaBytes(bytes, count, split)
    case 7: streams(bytes, width, count, split)
    case 8: views(bytes, count, split)
    default: numbers(bytes, width, count)
    }
  }

  /// Values of a call, or nil after an error.
  private static func collect<Element: BitwiseCopyable>(
    _ counts: [Int], _ body: (Int, inout OutputSpan<Element>) throws(DecodeError) -> Void
  ) -> [Element]? {
    var values: [Element] = []
    for count in counts {
      do throws(DecodeError) {
        try values.append(addingCapacity: count) { (output) throws(DecodeError) in
          try body(count, &output)
        }
      } catch {
        return nil
      }
    }
    return values
  }

  private static func hybrid(_ bytes: [UInt8], _ width: Int, _ count: Int, _ split: Int) {
    guard let start = try? HybridDecoder(bitWidth: width, range: 0..<bytes.count) else { return }
    var whole = start
    let all: [UInt32]? = collect([count]) { (count, output) throws(DecodeError) in
      try whole.decode(bytes.span, count: count, into: &output)
    }
    var parts = start
    let both: [UInt32]? = collect([split, count - split]) { (count, output) throws(DecodeError) in
      try parts.decode(bytes.span, count: count, into: &output)
    }
    require(all == both, "one call gives other values than two")
    guard let all else { return }
    var skipping = start
    let rest: [UInt32]? = collect([count - split]) { (count, output) throws(DecodeError) in
      try skipping.skip(bytes.span, count: split)
      try skipping.decode(bytes.span, count: count, into: &output)
    }
    require(rest == Array(all[split...]), "what follows skipped values differs")
    var bits = DecodedBits(capacity: 0)
    var booleans = start
    if width == 1 { try? booleans.decodeBooleans(bytes.span, count: count, into: &bits) }
    try? whole.checkEnd()
  }

  private static func dictionary(
    _ bytes: [UInt8], _ count: Int, _ split: Int, entryCount: Int
  ) {
    guard let start = try? HybridDecoder(indicesIn: 0..<bytes.count, of: bytes.span) else { return }
    let entries = (0..<entryCount).map { Int64($0) }
    var whole = start
    let all: [Int64]? = collect([count]) { (count, output) throws(DecodeError) in
      try whole.gather(bytes.span, count: count, from: entries.span, into: &output)
    }
    var parts = start
    let both: [Int64]? = collect([split, count - split]) { (count, output) throws(DecodeError) in
      try parts.gather(bytes.span, count: count, from: entries.span, into: &output)
    }
    require(all == both, "one call gives other entries than two")
    for width in [1, 2, 3, 7, 12, 16] {
      let bytesOfEntries = [UInt8](repeating: 7, count: entryCount * width)
      var decoder = start
      let _: [UInt8]? = collect([count * width]) { (_, output) throws(DecodeError) in
        try decoder.gatherBytes(
          bytes.span, count: count, width: width, from: bytesOfEntries.span, into: &output)
      }
    }
  }

  private static func levels(_ bytes: [UInt8], _ width: Int, _ count: Int) {
    let maximum = UInt8(clamping: (1 << width) - 1)
    if var decoder = try? HybridDecoder(bitWidth: width, range: 0..<bytes.count) {
      let levels: [UInt8]? = collect([count]) { (count, output) throws(DecodeError) in
        try decoder.decodeLevels(bytes.span, count: count, maximum: maximum, into: &output)
      }
      if let levels { assemble(levels, maximum) }
    }
    var packed = PackedLevelDecoder(bitWidth: width, range: 0..<bytes.count)
    let levels: [UInt8]? = collect([count]) { (count, output) throws(DecodeError) in
      try packed.decodeLevels(bytes.span, count: count, maximum: maximum, into: &output)
    }
    if let levels { assemble(levels, maximum) }
  }

  private static func assemble(_ levels: [UInt8], _ maximum: UInt8) {
    let repetition = levels.map { $0 & 3 }
    for depth: UInt8 in 1...2 {
      let lists = try? LevelAssembly.lists(
        repetition: repetition.span, definition: levels.span, depth: depth, slotLevel: depth - 1,
        validLevel: depth, elementLevel: depth + 1, slotCountExpected: levels.count)
      if let lists {
        require(lists.offsets.count == lists.validity.count + 1, "lists and their validity")
      }
      let bits = LevelAssembly.validity(
        repetition: repetition.span, definition: levels.span, depth: depth, slotLevel: depth,
        validLevel: maximum)
      require(bits.validCount <= bits.count, "more valid than there are")
    }
    let (end, rows) = LevelCounting.rows(repetition.span, from: 0, countMax: 5)
    require(end <= levels.count && rows <= 5, "rows past the levels")
  }

  private static func validity(_ bytes: [UInt8], _ count: Int, _ split: Int) {
    guard let start = try? HybridDecoder(bitWidth: 1, range: 0..<bytes.count) else { return }
    func bits(_ counts: [Int]) -> ValidityBits? {
      var decoder = start
      var bits = ValidityBits(capacity: count)
      for count in counts {
        guard (try? decoder.decodeValidity(bytes.span, count: count, into: &bits)) != nil else {
          return nil
        }
      }
      return bits
    }
    let whole = bits([count])
    let parts = bits([split, count - split])
    require(whole?.validCount == parts?.validCount, "one call gives other bits than two")
    guard let whole else { return }
    require(whole.count == count, "\(whole.count) bits of \(count)")
    if !whole.words.isEmpty { spread(whole) }
  }

  private static func spread(_ bits: ValidityBits) {
    let dense = Array((0..<bits.validCount).map { Int64($0) + 1 })
    var slots: [Int64] = dense
    slots.append(addingCapacity: bits.count - bits.validCount) { output in
      _ = output.freeCapacity
    }
    var values: [Int64] = []
    values.append(addingCapacity: bits.count) { output in
      for value in dense { output.append(value) }
      output.spreadLast(dense: dense.count, over: bits.count, validity: bits.words, from: 0)
    }
    require(values.filter { $0 != 0 } == dense, "spreading lost values")
  }

  private static func delta(_ bytes: [UInt8], _ count: Int, _ split: Int) {
    guard let start = try? DeltaDecoder(bytes.span, range: 0..<bytes.count) else { return }
    var whole = start
    let all: [Int64]? = collect([count]) { (count, output) throws(DecodeError) in
      try whole.decode(bytes.span, count: count, into: &output)
    }
    var parts = start
    let both: [Int64]? = collect([split, count - split]) { (count, output) throws(DecodeError) in
      try parts.decode(bytes.span, count: count, into: &output)
    }
    require(all == both, "one call gives other numbers than two")
    var narrow = start
    let low: [Int32]? = collect([count]) { (count, output) throws(DecodeError) in
      try narrow.decode(bytes.span, count: count, into: &output)
    }
    require(low == all?.map { Int32(truncatingIfNeeded: $0) }, "32 bits are not the low ones of 64")
    if let end = try? start.endPosition(bytes.span) {
      require(end <= bytes.count, "the numbers end behind the bytes")
    }
    var skipping = start
    let rest: [Int64]? = collect([count - split]) { (count, output) throws(DecodeError) in
      try skipping.skip(bytes.span, count: split)
      try skipping.decode(bytes.span, count: count, into: &output)
    }
    require(rest == all.map { Array($0[split...]) }, "what follows skipped values differs")
  }

  private static func deltaLength(_ bytes: [UInt8], _ count: Int, _ split: Int) {
    guard let start = try? DeltaLengthDecoder(bytes.span, range: 0..<bytes.count) else { return }
    func views(_ counts: [Int]) -> [ByteView]? {
      var decoder = start
      return collect(counts) { (count, output) throws(DecodeError) in
        try decoder.decodeViews(bytes.span, count: count, buffer: 0, into: &output)
      }
    }
    let all = views([count])
    require(all == views([split, count - split]), "one call gives other texts than two")
    check(all, bytes)
    var skipping = start
    try? skipping.skip(bytes.span, count: split)
  }

  private static func deltaBytes(_ bytes: [UInt8], _ count: Int, _ split: Int) {
    guard let start = try? DeltaBytesDecoder(bytes.span, range: 0..<bytes.count) else { return }
    func values(_ counts: [Int]) -> ([UInt8], [UInt32])? {
      var decoder = start
      var all: ([UInt8], [UInt32]) = ([], [])
      for count in counts {
        guard
          let part = try? decoder.decode(bytes.span, count: count, byteCountMax: 1 << 20)
        else { return nil }
        all.0 += part.bytes
        all.1 += part.lengths
      }
      return all
    }
    guard let whole = values([count]), let parts = values([split, count - split]) else { return }
    require(whole == parts, "one call gives other texts than two")
    require(whole.1.reduce(0) { $0 + Int($1) } == whole.0.count, "lengths and bytes disagree")
  }

  private static func streams(_ bytes: [UInt8], _ width: Int, _ count: Int, _ split: Int) {
    let all: [Int32]? = collect([count]) { (count, output) throws(DecodeError) in
      try ByteStreamSplitDecoding.decode(
        bytes.span, range: 0..<bytes.count, first: 0, count: count, into: &output)
    }
    let rest: [Int32]? = collect([count - split]) { (count, output) throws(DecodeError) in
      try ByteStreamSplitDecoding.decode(
        bytes.span, range: 0..<bytes.count, first: split, count: count, into: &output)
    }
    if let all { require(rest == Array(all[split...]), "another start gives other values") }
    let _: [Double]? = collect([count]) { (count, output) throws(DecodeError) in
      try ByteStreamSplitDecoding.decode(
        bytes.span, range: 0..<bytes.count, first: 0, count: count, into: &output)
    }
    let _: [UInt8]? = collect([count * (width + 1)]) { (_, output) throws(DecodeError) in
      try ByteStreamSplitDecoding.decodeBytes(
        bytes.span, range: 0..<bytes.count, width: width + 1, first: 0, count: count,
        into: &output)
    }
  }

  private static func views(_ bytes: [UInt8], _ count: Int, _ split: Int) {
    func views(_ counts: [Int]) -> [ByteView]? {
      var range = 0..<bytes.count
      return collect(counts) { (count, output) throws(DecodeError) in
        try PlainDecoding.decodeViews(
          bytes.span, in: &range, count: count, buffer: 0, into: &output)
      }
    }
    let all = views([count])
    require(all == views([split, count - split]), "one call gives other texts than two")
    check(all, bytes)
    var range = 0..<bytes.count
    try? PlainDecoding.skipViews(bytes.span, in: &range, count: count)
    let isText = TextValidation.isUTF8(bytes.span, 0..<bytes.count)
    require(
      isText == (String(validating: bytes, as: UTF8.self) != nil), "UTF-8 by two opinions")
    if TextValidation.isASCII(bytes.span, 0..<bytes.count) { require(isText, "ASCII is UTF-8") }
  }

  private static func check(_ views: [ByteView]?, _ bytes: [UInt8]) {
    for view in views ?? [] {
      require(Int(view.offset) + Int(view.length) <= bytes.count, "a view past the bytes")
    }
  }

  private static func numbers(_ bytes: [UInt8], _ width: Int, _ count: Int) {
    let width = width % 24 + 1
    let _: [Int64]? = collect([count]) { (count, output) throws(DecodeError) in
      try PlainDecoding.decode(bytes.span, from: width, count: count, into: &output)
    }
    func decode<Number: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
      _ type: Number.Type
    ) {
      let _: [Number]? = collect([count]) { (count, output) throws(DecodeError) in
        try NumberConversions.decodeBigEndian(
          bytes.span, from: 0, width: width, count: count, into: &output)
      }
    }
    decode(Int32.self)
    decode(Int64.self)
    decode(Int128.self)
    var bits = DecodedBits(capacity: 0)
    try? bits.append(bytes.span, fromBit: width, count: count)
  }

  // MARK: Seeds

  static var seeds: [[UInt8]] {
    let bodies: [[UInt8]] = [
      [8, 1, 3, 0xAA, 0x55], [2, 5, 0b1110_0100, 0b0001_1011, 0],
      [128, 1, 4, 8, 2, 2, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 32),
      [128, 1, 4, 3, 0, 2, 0, 0, 0, 0, 128, 1, 4, 3, 6, 0, 0, 0, 0, 0, 97, 98, 99, 100],
      [3, 0, 0, 0, 97, 98, 99, 1, 0, 0, 0, 0xC3], Array(0..<96),
    ]
    return (0..<10).flatMap { kernel in
      bodies.map { [UInt8(kernel), 1, 8, 0, 3, 0] + $0 }
    }
  }
}
