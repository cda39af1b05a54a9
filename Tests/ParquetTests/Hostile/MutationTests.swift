import Compression
import Records
import Testing

@testable import Parquet

/// Damaged files give an error or other rows, never a trap, and never more memory than allowed.
@Suite struct MutationTests {
  private func survive(_ bytes: [UInt8]) {
    var options = ReadOptions()
    options.memoryByteCountMax = 8 << 20
    options.checksChecksums = false
    _ = Outcome.read(bytes, options: options)
    _ = Outcome.read(bytes, options: options, rows: 40..<70)
  }

  private func files() throws -> [[UInt8]] {
    var result: [[UInt8]] = []
    let groups: [[DataType]] = [
      [.int64, .string, .boolean], [.float32, .uuid, .decimal(precision: 25, scale: 2)],
      Array(nestedTypes.prefix(4)), Array(nestedTypes.suffix(3)),
    ]
    for (index, types) in groups.enumerated() {
      for profile in WriteProfile.allCases {
        for codec in [Codec.none, .snappy] {
          let batch = RoundTripTests.batch(
            rows: 90, seed: UInt64(index), distinct: 1 << (index * 3), types: types)
          var options = WriteOptions(codec: codec, profile: profile)
          options.pageRowsMax = 31
          options.writesChecksums = false
          result.append(try RoundTripTests.write(batch, options))
        }
      }
    }
    return result
  }

  @Test func damagedBytes() throws {
    var random = SampleMaker(seed: 42)
    for file in try files() {
      for _ in 0..<150 {
        var bytes = file
        for _ in 0...random.below(3) {
          let place = random.below(bytes.count)
          switch random.below(4) {
          case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
          case 1: bytes[place] ^= 1 << UInt8(random.below(8))
          case 2: bytes[place] = [0, 0xFF, 0x7F, 0x80][random.below(4)]
          default:
            let count = min(8, bytes.count - place)
            for offset in 0..<count {
              bytes[place + offset] = UInt8(truncatingIfNeeded: random.next())
            }
          }
        }
        survive(bytes)
      }
    }
  }

  @Test func cutAndSwappedBytes() throws {
    var random = SampleMaker(seed: 43)
    for file in try files() {
      let footerCount = Int(file[file.count - 8]) | Int(file[file.count - 7]) << 8
      for _ in 0..<30 {
        // Bytes taken out of the data: all offsets behind are wrong.
        var bytes = file
        let dataCount = bytes.count - footerCount - 8
        let start = 4 + random.below(dataCount - 4)
        bytes.removeSubrange(start..<min(start + 1 + random.below(9), dataCount))
        survive(bytes)
        // One part of the data put over another.
        bytes = file
        let from = random.below(dataCount - 40)
        let to = 4 + random.below(dataCount - 44)
        let part = Array(bytes[from..<from + 40])
        bytes.replaceSubrange(to..<to + 40, with: part)
        survive(bytes)
      }
    }
  }

  /// Verifying and reporting survive what reading survives.
  @Test func reportsOfDamagedFiles() throws {
    var random = SampleMaker(seed: 44)
    for file in try files() {
      for _ in 0..<25 {
        var bytes = file
        let place = random.below(bytes.count)
        bytes[place] = UInt8(truncatingIfNeeded: random.next())
        var options = ReadOptions()
        options.memoryByteCountMax = 8 << 20
        _ = ParquetFile.verify(MemorySource(bytes), options: options).report
        if let opened = try? ParquetFile(MemorySource(bytes), options: options) {
          _ = opened.metaReport()
          _ = opened.schemaReport()
          _ = try? opened.pagesReport()
        }
      }
    }
  }
}
