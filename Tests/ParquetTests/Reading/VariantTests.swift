import Records
import Testing

@testable import Parquet

@Suite struct VariantTests {
  private let noNames: [UInt8] = [0x01, 0, 0]

  private func kind(_ value: [UInt8], metadata: [UInt8]? = nil) -> ParquetError.Kind? {
    do throws(ParquetError) {
      _ = try Variant(metadata: (metadata ?? noNames)[...], value: value[...])
      return nil
    } catch {
      return error.kind
    }
  }

  private func json(_ value: [UInt8], metadata: [UInt8]? = nil) throws -> String {
    var output: [UInt8] = []
    let variant = try Variant(metadata: (metadata ?? noNames)[...], value: value[...])
    JSONText.append(variant, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  @Test func values() throws {
    #expect(try json([0]) == "null")
    #expect(try json([4]) == "true")
    #expect(try json([12, 0xFE]) == "-2")
    #expect(try json([32, 2, 0xD2, 4, 0, 0]) == "12.34")
    #expect(try json([44, 0, 0, 0, 0]) == "\"1970-01-01\"")
    #expect(try json([68, 1, 0, 0, 0, 0, 0, 0, 0]) == "\"00:00:00.000001\"")
    #expect(try json([48, 1, 0, 0, 0, 0, 0, 0, 0]) == "\"1970-01-01T00:00:00.000001Z\"")
    #expect(try json([76, 1, 0, 0, 0, 0, 0, 0, 0]) == "\"1970-01-01T00:00:00.000000001\"")
    #expect(try json([13, 97, 98, 99]) == "\"abc\"")
    #expect(try json([3, 2, 0, 1, 2, 0, 4]) == "[null,true]")
    let names: [UInt8] = [0x01, 2, 0, 1, 2, 98, 97]
    // Fields come out by name, however they lie.
    #expect(try json([2, 2, 0, 1, 0, 1, 2, 0, 4], metadata: names) == "{\"a\":true,\"b\":null}")
  }

  @Test func bytesThatLie() {
    #expect(kind([]) == .corrupt)
    #expect(kind([0], metadata: []) == .corrupt)
    #expect(kind([0], metadata: [2, 0, 0]) == .unsupported)
    #expect(kind([0], metadata: [1, 255, 0]) == .corrupt)
    #expect(kind([0], metadata: [0xC1, 255, 255, 255, 255]) == .corrupt)
    #expect(kind([0], metadata: [1, 1, 0, 9]) == .corrupt)
    #expect(kind([12]) == .corrupt)
    #expect(kind([40, 39] + [UInt8](repeating: 0, count: 16)) == .corrupt)
    #expect(kind([64, 255, 255, 255, 255, 1]) == .corrupt)
    #expect(kind([5, 0xFF]) == .corrupt)
    #expect(kind([0xFC]) == .unsupported)
    #expect(kind([3, 1, 0, 5]) == .corrupt)
    #expect(kind([0x13, 255, 255, 255, 255, 0]) == .corrupt)
    #expect(kind([2, 1, 0, 0, 1, 0]) == .corrupt)
    #expect(kind([2, 1, 0, 9, 1, 0], metadata: [1, 1, 0, 1, 97]) == .corrupt)
  }

  @Test func nestingIsBounded() {
    func nested(_ depth: Int) -> [UInt8] {
      var value: [UInt8] = [0]
      for _ in 0..<depth {
        let count = value.count
        value =
          [0x0F, 1, 0, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
          + value
      }
      return value
    }
    #expect(kind(nested(100)) == nil)
    #expect(kind(nested(200)) == .limitExceeded)
    // Elements that all point at the same bytes, again and again: 2^60 values of 250 bytes.
    var value: [UInt8] = [0]
    for _ in 0..<60 { value = [3, 2, 0, 0, 0] + value }
    #expect(kind(value) == .corrupt)
  }
}
