import Kernels
import Records

/// Building a dictionary.
enum Dictionaries {
  static let count = 1 << 19

  static func measureNumbers(distinct: Int) -> KernelResult {
    let numbers = Numbers.list(count, below: UInt64(distinct)).map { $0 &* 0x9E37_79B9_7F4A_7C15 }
    return compare("dictionary of numbers, \(distinct)", count: count) { _ in
      let dictionary = ValueDictionary(.fixed64, pageBytesMax: 64 << 20)
      var indices = ByteBuffer(capacity: count * 4)
      _ = dictionary.encode(numbers.span.bytes, into: &indices)
      return dictionary.entryCount
    } reference: { _ in
      var entries: [UInt64: UInt32] = [:]
      var indices: [UInt32] = []
      indices.reserveCapacity(count)
      for number in numbers {
        if let index = entries[number] {
          indices.append(index)
        } else {
          indices.append(UInt32(entries.count))
          entries[number] = UInt32(entries.count)
        }
      }
      return withExtendedLifetime(indices) { entries.count }
    }
  }

  static func measureTexts(distinct: Int) -> KernelResult {
    let texts = Numbers.list(count, below: UInt64(distinct)).map { "value number \($0)" }
    let column = ByteColumn(texts)
    let views = column.views
    let buffer = column.buffers[0]
    return compare("dictionary of texts, \(distinct)", count: count) { _ in
      let dictionary = ValueDictionary(.views, pageBytesMax: 64 << 20)
      var indices = ByteBuffer(capacity: count * 4)
      _ = dictionary.encode(
        views: views.span.bytes, in: buffer.span.bytes, into: &indices)
      return dictionary.entryCount
    } reference: { _ in
      var entries: [String: UInt32] = [:]
      var indices: [UInt32] = []
      indices.reserveCapacity(count)
      for text in texts {
        if let index = entries[text] {
          indices.append(index)
        } else {
          indices.append(UInt32(entries.count))
          entries[text] = UInt32(entries.count)
        }
      }
      return withExtendedLifetime(indices) { entries.count }
    }
  }
}

/// BYTE_STREAM_SPLIT of doubles.
enum Splitting {
  static func measure() throws -> KernelResult {
    let count = Unpacking.count
    let numbers = Numbers.list(count, below: .max)
    var bytes = [UInt8](repeating: 0, count: count * 8)
    for (row, number) in numbers.enumerated() {
      for stream in 0..<8 {
        bytes[stream * count + row] = UInt8(truncatingIfNeeded: number >> UInt64(8 * stream))
      }
    }
    return try compare("join byte streams, 8 bytes", count: count) { _ in
      try [UInt64](capacity: count) { output throws(DecodeError) in
        try ByteStreamSplitDecoding.decode(
          bytes.span, range: 0..<bytes.count, first: 0, count: count, into: &output)
      }
    } reference: { _ in
      (0..<count).map { row in
        var number: UInt64 = 0
        for stream in 0..<8 { number |= UInt64(bytes[stream * count + row]) << UInt64(8 * stream) }
        return number
      }
    }
  }
}

/// DELTA_BINARY_PACKED numbers: deltas of 0 to 4095 in blocks of 128, miniblocks of 32.
enum Deltas {
  static func measure() throws -> KernelResult {
    let count = 128 * 2048 + 1
    let deltas = Numbers.list(count - 1, below: 4096)
    let packed = Unpacking.pack(deltas, 12)
    var bytes = varint(128) + varint(4) + varint(UInt64(count)) + varint(0)
    for block in 0..<2048 {
      // The smallest delta is taken for 0; miniblocks of 12 bits.
      bytes += varint(0) + [12, 12, 12, 12]
      bytes += Unpacking.pack(Array(deltas[block * 128..<(block + 1) * 128]), 12)
    }
    return try compare("decode deltas of 12 bits", count: count) { _ in
      var decoder = try DeltaDecoder(bytes.span, range: 0..<bytes.count)
      return try [Int64](capacity: count) { output throws(DecodeError) in
        try decoder.decode(bytes.span, count: count, into: &output)
      }
    } reference: { start in
      var values: [Int64] = [0]
      values.reserveCapacity(count)
      var sum: Int64 = 0
      for delta in Unpacking.unpackSimply(packed, 12, from: start, count: count - 1) {
        sum += Int64(delta)
        values.append(sum)
      }
      return values
    }
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

enum Hashing {
  /// The hash of bloom filters, beside FNV-1a; of values of 8 bytes.
  static func measure() -> KernelResult {
    let count = Unpacking.count
    let bytes = Numbers.list(count, below: .max).flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }
    return compare("hash for bloom filters, 8 bytes", count: count) { start in
      var sum: UInt64 = 0
      for row in start..<count {
        sum |= XXHash64.hash(bytes.span.extracting(row * 8..<row * 8 + 8))
      }
      return sum == 0
    } reference: { start in
      var sum: UInt64 = 0
      for row in start..<count {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in row * 8..<row * 8 + 8 {
          hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
        }
        sum |= hash
      }
      return sum == 0
    }
  }

  /// CRC-32 of pages, beside a table of 256; nanoseconds a byte.
  static func measureChecksum() -> KernelResult {
    let count = 1 << 20
    let bytes = Numbers.list(count, below: 256).map { UInt8($0) }
    let table = (0..<256).map { index -> UInt32 in
      (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 != 0 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return compare("CRC-32, a byte", count: count) { _ in
      Checksum.crc32(bytes.span.bytes)
    } reference: { _ in
      ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }
  }
}

/// Minimum and maximum.
enum Ranges {
  static func measure() -> KernelResult {
    let count = Unpacking.count
    let numbers = Numbers.list(count, below: .max).map { Int64(bitPattern: $0) }
    return compare("minimum and maximum, int64", count: count) { _ in
      ValueRange.int64(numbers.span.bytes)
    } reference: { start in
      var least = Int64.max
      var most = Int64.min
      for number in numbers[start...] {
        least = min(least, number)
        most = max(most, number)
      }
      return least...most
    }
  }
}
