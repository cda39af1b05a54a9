import Foundation
import Testing

@testable import Parquet

/// What Arrow's writers say of their columns.
@Suite struct ArrowSchemaTests {
  /// As pyarrow writes it of {a: int64, d: dictionary, s: {x: string, y: [dictionary]}, m: map}.
  private static let text = """
    /////1gCAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAEAAAALP7//wQAAAAEAAAA/AEAAKABAADEAAAABAAAACT+\
    //8AAAERFAAAABgAAAAEAAAAAQAAABAAAAABAAAAbQAAAFD+//+g////AAAADRgAAAAgAAAABAAAAAIAAABYAAAA\
    FAAAAAcAAABlbnRyaWVzAID+//98/v//AAABAxAAAAAcAAAABAAAAAAAAAAFAAAAdmFsdWUABgAIAAYABgAAAAAA\
    AgAQABQACAAAAAcADAAAABAAEAAAAAAAAAUQAAAAFAAAAAQAAAAAAAAAAwAAAGtleQDk/v//4P7//wAAAQ0YAAAA\
    HAAAAAQAAAACAAAAjAAAABAAAAABAAAAcwAAABD///8M////AAABDBQAAAAYAAAABAAAAAEAAAAQAAAAAQAAAHkA\
    AAA4////jP///wAAAQUUAAAAQAAAACAAAAAEAAAAAAAAAAQAAABpdGVtAAAAAAgAEAAIAAQACAAAAAwAAAABAAAA\
    AAAAAET///8AAAABCAAAAIj///+E////AAABBRAAAAAUAAAABAAAAAAAAAABAAAAeAAAAKz///8QABgACAAGAAcA\
    DAAQABQAEAAAAAAAAQUUAAAAOAAAABwAAAAEAAAAAAAAAAEAAABkAAAACAAIAAAABAAIAAAABAAAALz///8AAAAB\
    IAAAAAQABAAEAAAAEAAUAAgABgAHAAwAAAAQABAAAAAAAAECEAAAABwAAAAEAAAAAAAAAAEAAABhAAAACAAMAAgA\
    BwAIAAAAAAAAAUAAAAA=
    """

  @Test func findsDictionaries() {
    #expect(
      ArrowSchema.dictionaryLeaves(Self.text) == [false, true, false, true, false, false])
  }

  @Test func damageIsNoHarm() throws {
    let bytes = try #require(Data(base64Encoded: Self.text))
    for count in 0..<bytes.count {
      _ = ArrowSchema.dictionaryLeaves(bytes.prefix(count).base64EncodedString())
    }
    var maker = SampleMaker(seed: 3)
    for _ in 0..<20_000 {
      var damaged = bytes
      for _ in 0..<(1 + maker.below(3)) {
        damaged[maker.below(bytes.count)] = UInt8(truncatingIfNeeded: maker.next())
      }
      _ = ArrowSchema.dictionaryLeaves(damaged.base64EncodedString())
    }
    #expect(ArrowSchema.dictionaryLeaves("no base64!") == nil)
    #expect(ArrowSchema.dictionaryLeaves("") == nil)
  }
}
