internal import Kernels

/// Which lines make up a record, by a pattern that each line matches or does not.
///
/// A record ends at the latest after `linesMax` lines, and before the line by which it would be
/// longer than `bytesMax`; what comes then is the next record. So the same text always makes the
/// same records, however it is read. The pattern is searched for in the first 64 KiB of a line.
public struct Multiline: RecordFraming {
  public enum Rule: String, Sendable, CaseIterable {
    /// A line that matches begins a record.
    case start
    /// A line that matches belongs to the record of the line before.
    case continues
    /// A line that matches is the last of its record.
    case ends
  }

  let rule: Rule
  let pattern: Pattern
  let linesMax: Int
  let bytesMax: Int

  public static let linesMaxDefault = 1000

  /// Lines that are blank or begin with a blank go on, and what Java and .NET write between them.
  public static let indented =
    #"^(?:\s|$|Caused by:|Suppressed:|Wrapped by:|\.{3} \d+ (?:more|common frames omitted)|--- End of )"#

  /// - Parameter bytesMax: as `LineSplitter`'s `lineBytesMax`.
  /// - Throws: `.invalidOption` where the pattern is wrong.
  public init(
    _ rule: Rule, _ pattern: String, linesMax: Int = linesMaxDefault, bytesMax: Int = 16 << 20
  ) throws(FormatError) {
    self.rule = rule
    self.pattern = try Pattern(pattern, place: "multiline.\(rule.rawValue)")
    self.linesMax = max(1, linesMax)
    self.bytesMax = max(1, bytesMax)
  }

  public func lastEnd(in bytes: [UInt8], count: Int) -> Int? {
    guard let lines = try? MultilineScan(self) else { return nil }
    return lines.lastEnd(in: bytes, count: count)
  }
}

/// Looks for the records of whole lines. One thread uses it.
final class MultilineScan {
  private let multiline: Multiline
  private let matcher: PatternMatcher

  private static let matchedBytesMax = 1 << 16

  init(_ multiline: Multiline) throws(FormatError) {
    self.multiline = multiline
    matcher = try PatternMatcher(multiline.pattern)
  }

  /// The end of the last record that is whole for certain. Looks from behind, so mostly at one
  /// record alone.
  func lastEnd(in bytes: [UInt8], count: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress, count <= bytes.count else { return nil }
      var end = count
      while end > 0 {
        var start = end - 1
        while start > 0, base[start - 1] != 0x0A { start -= 1 }
        let isMatch = matches(base, start..<end, isText: false)
        switch multiline.rule {
        case .start where isMatch && start > 0: return start
        case .continues where !isMatch && start > 0: return start
        case .ends where isMatch: return end
        default: end = start
        }
      }
      // It is one record, so far as it goes; a piece of it may be whole.
      return ends(base, count, isText: false).dropLast().last
        ?? (scanIsFull(base, count) ? count : nil)
    }
  }

  /// Whether the lines, which are one piece of a record, can take no more.
  private func scanIsFull(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var lines = 0
    var position = 0
    while let newline = scanNewline(base, position..<count), lines < multiline.linesMax {
      lines += 1
      position = newline + 1
    }
    return lines >= multiline.linesMax
  }

  /// Where the records end that begin in whole lines, the last of which may lack its newline.
  /// - Parameter isText: whether the bytes are known to be UTF-8.
  func ends(_ base: UnsafePointer<UInt8>, _ count: Int, isText: Bool) -> [Int] {
    var ends: [Int] = []
    var position = 0
    var start = 0
    var lines = 0
    var isOver = false
    while position < count {
      let end = scanNewline(base, position..<count).map { $0 + 1 } ?? count
      let isMatch = matches(base, position..<end, isText: isText)
      let begins =
        switch multiline.rule {
        case .start: isMatch
        case .continues: !isMatch
        case .ends: isOver
        }
      if position > 0,
        begins || lines >= multiline.linesMax || end - start > multiline.bytesMax
      {
        ends.append(position)
        start = position
        lines = 0
      }
      isOver = isMatch
      lines += 1
      position = end
    }
    if count > 0 { ends.append(count) }
    return ends
  }

  private func matches(_ base: UnsafePointer<UInt8>, _ line: Range<Int>, isText: Bool) -> Bool {
    var (start, end) = (line.lowerBound, line.upperBound)
    while end > start, base[end - 1] == 0x0A || base[end - 1] == 0x0D { end -= 1 }
    while start < end, base[start] == 0 { start += 1 }
    if end - start > Self.matchedBytesMax {
      end = start + Self.matchedBytesMax
      while end > start, base[end] & 0xC0 == 0x80 { end -= 1 }
    }
    let text = UnsafeBufferPointer(start: base + start, count: end - start)
    if isText || TextValidation.isUTF8(text.span, 0..<text.count) {
      return matcher.match(base + start, count: text.count) == .matched
    }
    let repaired = Array(String(decoding: text, as: UTF8.self).utf8)
    return repaired.withUnsafeBufferPointer { repaired in
      repaired.baseAddress.map { matcher.match($0, count: repaired.count) == .matched } ?? false
    }
  }
}
