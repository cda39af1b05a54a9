import Kernels

/// Bit-packed numbers.
enum Unpacking {
  static let count = 1 << 18

  static func measure(width: Int) throws -> KernelResult {
    let numbers = Numbers.list(count, below: 1 << UInt64(width))
    let packed = pack(numbers, width)
    // One packed run: a varint of the groups of 8, then the groups.
    let bytes = header(count / 8) + packed
    return try compare("unpack, \(width) bits", count: count) { _ in
      var decoder = try HybridDecoder(bitWidth: width, range: 0..<bytes.count)
      return try [UInt32](capacity: count) { output throws(DecodeError) in
        try decoder.decode(bytes.span, count: count, into: &output)
      }
    } reference: { start in
      unpackSimply(packed, width, from: start, count: count)
    }
  }

  static func measurePacking(width: Int) throws -> KernelResult {
    let numbers = Numbers.list(count, below: 1 << UInt64(width))
    let values = numbers.map { UInt32(truncatingIfNeeded: $0) }
    return try compare("encode hybrid, \(width) bits", count: count) { _ in
      var output = ByteBuffer(capacity: count * 4)
      output.appendHybrid32(values.span.bytes, bitWidth: width)
      let bytes = output.array()
      var decoder = try HybridDecoder(bitWidth: width, range: 0..<bytes.count)
      return try last(&decoder, bytes)
    } reference: { _ in
      withExtendedLifetime(pack(numbers, width)) { values[count - 1] }
    }
  }

  /// A value at a time.
  static func unpackSimply(_ packed: [UInt8], _ width: Int, from start: Int, count: Int)
    -> [UInt32]
  {
    var output: [UInt32] = []
    output.reserveCapacity(count)
    var bit = start * width
    for _ in start..<count {
      var value: UInt64 = 0
      for index in 0..<5 where bit / 8 + index < packed.count {
        value |= UInt64(packed[bit / 8 + index]) << UInt64(8 * index)
      }
      output.append(UInt32(truncatingIfNeeded: value >> UInt64(bit % 8) & (1 << UInt64(width) - 1)))
      bit += width
    }
    return output
  }

  /// Proves cheaply that all is there.
  private static func last(_ decoder: inout HybridDecoder, _ bytes: [UInt8]) throws -> UInt32 {
    try decoder.skip(bytes.span, count: count - 1)
    return try [UInt32](capacity: 1) { output throws(DecodeError) in
      try decoder.decode(bytes.span, count: 1, into: &output)
    }[0]
  }

  static func pack(_ numbers: [UInt64], _ width: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (numbers.count * width + 7) / 8)
    var bit = 0
    for number in numbers {
      var rest = number << UInt64(bit % 8)
      var index = bit / 8
      while rest > 0 {
        bytes[index] |= UInt8(truncatingIfNeeded: rest)
        rest >>= 8
        index += 1
      }
      bit += width
    }
    return bytes
  }

  static func header(_ groups: Int) -> [UInt8] {
    var rest = groups << 1 | 1
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

/// Definition levels into validity bits.
enum Levels {
  static func measureValidity() throws -> KernelResult {
    let count = Unpacking.count
    let levels = Numbers.list(count, below: 16).map { $0 == 0 ? UInt64(0) : 1 }
    let packed = Unpacking.pack(levels, 1)
    let bytes = Unpacking.header(count / 8) + packed
    return try compare("levels into validity bits", count: count) { _ in
      var decoder = try HybridDecoder(bitWidth: 1, range: 0..<bytes.count)
      var bits = ValidityBits(capacity: count)
      try decoder.decodeValidity(bytes.span, count: count, into: &bits)
      return bits.finish() ?? []
    } reference: { _ in
      var words = [UInt64](repeating: 0, count: count / 64)
      for row in 0..<count where packed[row / 8] >> UInt8(row % 8) & 1 != 0 {
        words[row / 64] |= 1 << UInt64(row % 64)
      }
      return words
    }
  }
}

/// Dictionary indices into values.
enum Gathering {
  static func measure(distinct: Int) throws -> KernelResult {
    let count = Unpacking.count
    let entries = Numbers.list(distinct, below: .max).map { Int64(bitPattern: $0) }
    let indices = Numbers.list(count, below: UInt64(distinct))
    let width = Int.bitWidth - (distinct - 1).leadingZeroBitCount
    let bytes = Unpacking.header(count / 8) + Unpacking.pack(indices, width)
    return try compare("unpack and gather, \(distinct) entries", count: count) { _ in
      var decoder = try HybridDecoder(bitWidth: width, range: 0..<bytes.count)
      return try [Int64](capacity: count) { output throws(DecodeError) in
        try decoder.gather(bytes.span, count: count, from: entries.span, into: &output)
      }
    } reference: { _ in
      indices.map { entries[Int($0)] }
    }
  }
}
