import Foundation
import Kernels
import Parquet
import Records

/// Measures kernels beside plain loops that do the same, and what it costs to open a file.
///
///     kernel-bench kernels [--json]
///     kernel-bench footer FILE COLUMN [REPEATS]
@main
struct KernelBench {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "kernels": show(try measureAll(), asJSON: arguments.contains("--json"))
    case "footer" where arguments.count >= 3:
      try footer(
        arguments[1], column: arguments[2],
        repeats: arguments.count > 3 ? Int(arguments[3]) ?? 5 : 5)
    default:
      print("usage: kernel-bench kernels [--json] | footer FILE COLUMN [REPEATS]")
      exit(2)
    }
  }

  private static func measureAll() throws -> [KernelResult] {
    var results: [KernelResult] = []
    for width in [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 17, 20, 24, 31, 32] {
      results.append(try Unpacking.measure(width: width))
    }
    for width in [1, 4, 7, 12, 20] { results.append(try Unpacking.measurePacking(width: width)) }
    for distinct in [100, 10_000, 200_000] {
      results.append(Dictionaries.measureNumbers(distinct: distinct))
      results.append(Dictionaries.measureTexts(distinct: distinct))
    }
    results += [
      try Gathering.measure(distinct: 1000), try Splitting.measure(), try Deltas.measure(),
      try Levels.measureValidity(), Hashing.measure(), Hashing.measureChecksum(), Ranges.measure(),
    ]
    return results
  }

  private static func show(_ results: [KernelResult], asJSON: Bool) {
    if asJSON {
      let rows = results.map {
        "{\"kernel\": \"\($0.name)\", \"ns\": \($0.ns), \"reference_ns\": \($0.referenceNs)}"
      }
      return print("[\(rows.joined(separator: ",\n "))]")
    }
    print(
      "kernel".padding(toLength: 34, withPad: " ", startingAt: 0) + "      ns  reference      ×")
    for result in results {
      print(
        result.name.padding(toLength: 34, withPad: " ", startingAt: 0)
          + String(
            format: "%8.3f %10.3f %6.1f", result.ns, result.referenceNs,
            result.referenceNs / result.ns))
    }
  }

  /// Opens a file in memory and reads one column, as often as said; prints the best.
  private static func footer(_ path: String, column: String, repeats: Int) throws {
    let source = MemorySource(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    let clock = ContinuousClock()
    var open = Double.infinity
    var whole = Double.infinity
    var footerBytes = 0
    for _ in 0..<max(1, repeats) {
      let start = clock.now
      let file = try ParquetFile(source)
      open = min(open, seconds(clock.now - start))
      let reader = try file.reader(columns: [column])
      while let batch = try reader.next() { precondition(batch.rowCount > 0) }
      whole = min(whole, seconds(clock.now - start))
      footerBytes = source.byteCount - file.footerOffset
    }
    print(
      "{\"footer_bytes\": \(footerBytes), \"open_seconds\": \(open), \"seconds\": \(whole)}")
  }
}

struct KernelResult {
  var name: String
  /// Nanoseconds a value.
  var ns: Double
  var referenceNs: Double
}

func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

/// Measures two ways to the same result, which are compared: nanoseconds a value, the best of some
/// runs.
///
/// Both are told where to start, which is 0 and which the compiler does not know: it must not take
/// the work out of the loop.
func compare<Result: Equatable>(
  _ name: String, count: Int, _ kernel: (_ start: Int) throws -> Result,
  reference: (_ start: Int) -> Result
) rethrows -> KernelResult {
  let found = try kernel(0)
  precondition(found == reference(0), "\(name) differs from its reference")
  let clock = ContinuousClock()
  let zero = CommandLine.arguments.count / 1000
  func best(_ body: (Int) throws -> Result) rethrows -> Double {
    var least = Double.infinity
    for run in 0..<7 {
      let start = clock.now
      let result = try body(zero * run)
      least = min(least, seconds(clock.now - start))
      // Nobody may find out that the result is not needed.
      precondition(result == found)
    }
    return least * 1e9 / Double(count)
  }
  return KernelResult(name: name, ns: try best(kernel), referenceNs: best(reference))
}

/// Numbers that are the same in every run.
struct Numbers {
  var state: UInt64 = 88_172_645_463_325_252

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  static func list(_ count: Int, below bound: UInt64) -> [UInt64] {
    var numbers = Numbers()
    return (0..<count).map { _ in numbers.next() % bound }
  }
}
