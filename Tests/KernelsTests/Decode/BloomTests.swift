import Kernels
import Testing

@Suite struct BloomTests {
  @Test func hashesOfTheSpecification() {
    func hash(_ text: String, seed: UInt64 = 0) -> UInt64 {
      let bytes = Array(text.utf8)
      return XXHash64.hash(bytes.span, seed: seed)
    }
    #expect(hash("") == 0xEF46_DB37_51D8_E999)
    #expect(hash("a") == 0xD24E_C4F1_A98C_6E5B)
    #expect(hash("abc") == 0x44BC_2CF5_AD77_0999)
    #expect(hash("Nobody inspects the spammish repetition") == 0xFBCE_A83C_8A37_8BF1)
    #expect(hash("The quick brown fox jumps over the lazy dog") == 0x0B24_2D36_1FDA_71BC)
  }

  @Test func whatWasInsertedIsFound() {
    var bits = [UInt8](repeating: 0, count: 32 * 64)
    var random = SeededRandom(3)
    let inside = (0..<500).map { _ in random.next() }
    for hash in inside { SplitBlockBloom.insert(hash, into: &bits) }
    let filter = bits
    let missed = inside.filter { !SplitBlockBloom.mayContain($0, bits: filter.span) }
    #expect(missed.isEmpty)
    let wrong = (0..<2000).filter { _ in
      SplitBlockBloom.mayContain(random.next(), bits: filter.span)
    }
    #expect(wrong.count < 20)
  }

  @Test func aFilterWithoutBitsProvesNothing() {
    let empty: [UInt8] = []
    let answer = SplitBlockBloom.mayContain(7, bits: empty.span)
    #expect(answer)
  }
}
