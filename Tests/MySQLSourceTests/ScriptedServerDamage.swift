/// Spoils packets, the same way for the same seed.
struct ScriptedDamage {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  /// - SeeAlso: Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014.
  private mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
  }

  /// A packet with a few bytes changed, cut off or too many; the length of the packet is right.
  mutating func damaged(_ packet: ScriptedPacket) -> ScriptedPacket {
    var bytes = packet.bytes
    for _ in 0...next(below: 3) where !bytes.isEmpty {
      switch next(below: 6) {
      case 0: bytes.removeLast(next(below: bytes.count))
      case 1: bytes += (0...next(below: 9)).map { _ in UInt8(next(below: 256)) }
      // Lengths of several bytes, where one is expected.
      case 2: bytes[next(below: bytes.count)] = UInt8(250 + next(below: 6))
      default: bytes[next(below: bytes.count)] = UInt8(next(below: 256))
      }
    }
    return ScriptedPacket(bytes)
  }
}
