/// The encodings written down as plainly as possible, a bit or a byte at a time.
enum ReferenceCoding {
  static func pack(_ values: [UInt64], width: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (values.count * width + 7) / 8)
    var bit = 0
    for value in values {
      for index in 0..<width {
        if value >> UInt64(index) & 1 != 0 { bytes[bit / 8] |= 1 << UInt8(bit % 8) }
        bit += 1
      }
    }
    return bytes
  }

  static func varint(_ value: UInt64) -> [UInt8] {
    var left = value
    var bytes: [UInt8] = []
    while left >= 0x80 {
      bytes.append(UInt8(left & 0x7F) | 0x80)
      left >>= 7
    }
    return bytes + [UInt8(left)]
  }

  static func zigzag(_ value: Int64) -> [UInt8] {
    varint(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  static func repeatedRun(_ value: UInt64, count: Int, width: Int) -> [UInt8] {
    varint(UInt64(count) << 1)
      + (0..<(width + 7) / 8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  static func packedRun(_ values: [UInt64], width: Int) -> [UInt8] {
    let groups = (values.count + 7) / 8
    let padded = values + [UInt64](repeating: 0, count: groups * 8 - values.count)
    return varint(UInt64(groups) << 1 | 1) + pack(padded, width: width)
  }

  /// Runs of random kinds and lengths; packed ones end at a multiple of 8 except the last.
  static func hybrid(_ values: [UInt64], width: Int, _ random: inout SeededRandom) -> [UInt8] {
    var bytes: [UInt8] = []
    var index = 0
    while index < values.count {
      var same = 1
      while index + same < values.count, values[index + same] == values[index] { same += 1 }
      if same >= 8 || Bool.random(using: &random) {
        let count = Int.random(in: 1...same, using: &random)
        bytes += repeatedRun(values[index], count: count, width: width)
        index += count
      } else {
        let count = min(8 * Int.random(in: 1...20, using: &random), values.count - index)
        bytes += packedRun(Array(values[index..<index + count]), width: width)
        index += count
      }
    }
    return bytes
  }

  static func delta(
    _ values: [Int64], blockSize: Int = 128, miniblocks: Int = 4, bits: Int = 64
  ) -> [UInt8] {
    var bytes = varint(UInt64(blockSize)) + varint(UInt64(miniblocks))
    bytes += varint(UInt64(values.count)) + zigzag(values.first ?? 0)
    let deltas = zip(values.dropFirst(), values).map { $0 &- $1 }
    let mask: UInt64 = bits == 64 ? ~0 : (1 << UInt64(bits)) - 1
    for start in stride(from: 0, to: deltas.count, by: blockSize) {
      let block = deltas[start..<min(start + blockSize, deltas.count)]
      let least = block.min() ?? 0
      var widths: [UInt8] = []
      var body: [UInt8] = []
      let size = blockSize / miniblocks
      for index in 0..<miniblocks {
        let from = start + index * size
        guard from < block.endIndex else {
          widths.append(0)
          continue
        }
        var part = block[from..<min(from + size, block.endIndex)].map {
          UInt64(bitPattern: $0 &- least) & mask
        }
        let width = 64 - (part.max() ?? 0).leadingZeroBitCount
        part += [UInt64](repeating: 0, count: size - part.count)
        widths.append(UInt8(width))
        body += pack(part, width: width)
      }
      bytes += zigzag(least) + widths + body
    }
    return bytes
  }

  static func deltaLengths(_ values: [[UInt8]]) -> [UInt8] {
    delta(values.map { Int64($0.count) }) + values.flatMap { $0 }
  }

  static func deltaBytes(_ values: [[UInt8]]) -> [UInt8] {
    var prefixes: [Int64] = []
    var suffixes: [[UInt8]] = []
    var last: [UInt8] = []
    for value in values {
      let prefix = zip(value, last).prefix { $0 == $1 }.count
      prefixes.append(Int64(prefix))
      suffixes.append(Array(value.dropFirst(prefix)))
      last = value
    }
    return delta(prefixes) + deltaLengths(suffixes)
  }
}

/// SplitMix64: the same numbers in every run.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func values(_ count: Int, bits: Int) -> [UInt64] {
    (0..<count).map { _ in bits == 0 ? 0 : next() >> UInt64(64 - bits) }
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(next() & 0xFF) } }
}
