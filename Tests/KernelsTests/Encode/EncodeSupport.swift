import Kernels

/// SplitMix64 from a seed.
struct EncodeRandom {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// The hybrid read a value at a time, as the specification says it.
func referenceHybrid(_ bytes: [UInt8], width: Int, count: Int) -> [UInt32]? {
  var values: [UInt32] = []
  var position = 0
  while values.count < count {
    var header = 0
    var shift = 0
    while true {
      guard position < bytes.count else { return nil }
      header |= Int(bytes[position] & 0x7F) << shift
      shift += 7
      position += 1
      if bytes[position - 1] < 0x80 { break }
    }
    if header & 1 == 0 {
      guard header > 0, position + (width + 7) / 8 <= bytes.count else { return nil }
      var value: UInt32 = 0
      for index in 0..<(width + 7) / 8 { value |= UInt32(bytes[position + index]) << (index * 8) }
      position += (width + 7) / 8
      values += Array(repeating: value, count: header >> 1)
    } else {
      let groups = header >> 1
      guard position + groups * width <= bytes.count else { return nil }
      for index in 0..<groups * 8 {
        var value: UInt32 = 0
        for bit in 0..<width {
          let at = index * width + bit
          value |= UInt32(bytes[position + at / 8] >> (at % 8) & 1) << bit
        }
        values.append(value)
      }
      position += groups * width
    }
  }
  // A run may not pass the end; a packed group is filled up with zeros to eight.
  guard position == bytes.count, values.count < count + 8 else { return nil }
  guard values[count...].allSatisfy({ $0 == 0 }) else { return nil }
  return Array(values[..<count])
}
