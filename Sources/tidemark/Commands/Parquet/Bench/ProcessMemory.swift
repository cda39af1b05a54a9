import Foundation
import Kernels

/// What the system says of this process's memory.
enum ProcessMemory {
  /// The most memory that the process held while the body ran, beyond what it held before, in
  /// bytes; nil where the system keeps no such peak or does not let it be reset.
  static func peak(_ body: () throws -> Void) rethrows -> Int? {
    MemoryTuning.giveBackFreedMemory()
    let isReset = resetPeak()
    let before = field("VmRSS:")
    try body()
    guard isReset, let before, let peak = field("VmHWM:") else { return nil }
    return max(0, peak - before)
  }

  private static func resetPeak() -> Bool {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return false }
    defer { try? file.close() }
    return (try? file.write(contentsOf: Data("5".utf8))) != nil
  }

  private static func field(_ name: String) -> Int? {
    guard let file = FileHandle(forReadingAtPath: "/proc/self/status") else { return nil }
    defer { try? file.close() }
    guard let data = try? file.readToEnd() else { return nil }
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      if words.count > 1, words[0] == name { return Int(words[1]).map { $0 * 1024 } }
    }
    return nil
  }
}
