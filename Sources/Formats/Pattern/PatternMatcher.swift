internal import CPCRE2

/// Searches texts for a pattern. One thread uses it; it allocates nothing while it matches.
///
/// Work is bounded, whatever pattern and text: a text may cost some hundred million steps over
/// bytes, a second at most of those that a computer has. So a pattern that goes back and forth
/// (`(a+)+$`) ends in `.tooManySteps` and not in a run that never ends.
final class PatternMatcher {
  enum Outcome: Equatable {
    case matched
    case unmatched
    /// The pattern took more than so many steps at one place.
    case tooManySteps(Int)
    /// Going back would have taken more memory than there is for it.
    case tooMuchMemory
    /// A match would have to begin within the first so many bytes of so long a text.
    case unmatchedWithin(Int)
  }

  private let program: PatternProgram
  private let context: OpaquePointer
  private let data: OpaquePointer
  private let stack: OpaquePointer?
  private let ovector: UnsafeMutablePointer<Int>
  /// Groups of the last match that may be set, the whole one included.
  private var groupCount = 0

  /// Steps at the first place of a short text.
  static let stepsMax = 1_000_000
  /// Steps times bytes, and places times bytes, that one text may cost.
  private static let workMax = 1 << 30
  private static let stackBytesMax = 8 << 20

  init(_ pattern: Pattern) throws(FormatError) {
    program = pattern.program
    guard let context = pcre2_match_context_create_8(nil) else { throw .outOfMemory }
    guard let data = pcre2_match_data_create_from_pattern_8(program.code, nil) else {
      pcre2_match_context_free_8(context)
      throw .outOfMemory
    }
    self.context = context
    self.data = data
    ovector = pcre2_get_ovector_pointer_8(data)
    stack = program.isNative ? pcre2_jit_stack_create_8(32 << 10, Self.stackBytesMax, nil) : nil
    if let stack { pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
    pcre2_set_heap_limit_8(context, UInt32(Self.stackBytesMax >> 10))
    pcre2_set_depth_limit_8(context, UInt32(Self.stepsMax))
  }

  deinit {
    pcre2_match_data_free_8(data)
    pcre2_match_context_free_8(context)
    if let stack { pcre2_jit_stack_free_8(stack) }
  }

  /// Searches a text for the pattern.
  /// - Parameters:
  ///   - text: UTF-8, valid from its first byte to its last: anything may happen otherwise.
  func match(_ text: UnsafePointer<UInt8>, count: Int) -> Outcome {
    groupCount = 0
    // Most patterns of lines match at the first character, so that gets the most steps; how far
    // and with how many steps others are tried depends on what each may cost.
    let steps = min(Self.stepsMax, max(10_000, Self.workMax / max(1, count)))
    let first = run(text, count, from: 0, through: 0, steps)
    guard first == .unmatched, count > 0 else { return first }
    let places = min(count, max(256, Self.workMax / count))
    var second = 1
    while second < count, text[second] & 0xC0 == 0x80 { second += 1 }
    let outcome = run(text, count, from: second, through: places, max(100, 4 * steps / places))
    return outcome == .unmatched && places < count ? .unmatchedWithin(places) : outcome
  }

  private func run(
    _ text: UnsafePointer<UInt8>, _ count: Int, from start: Int, through last: Int, _ steps: Int
  ) -> Outcome {
    pcre2_set_match_limit_8(context, UInt32(steps))
    pcre2_set_offset_limit_8(context, last)
    let code =
      program.isNative
      ? pcre2_jit_match_8(program.code, text, count, start, 0, data, context)
      : pcre2_match_8(program.code, text, count, start, PCRE2_NO_UTF_CHECK, data, context)
    if code > 0 {
      groupCount = Int(code)
      return .matched
    }
    switch code {
    case PCRE2_ERROR_NOMATCH: return .unmatched
    case PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_DEPTHLIMIT: return .tooManySteps(steps)
    default: return .tooMuchMemory
    }
  }

  /// Where a group of the last match lies in the text; nil where it took no part.
  func range(_ group: Int) -> Range<Int>? {
    guard group < groupCount else { return nil }
    let (start, end) = (ovector[2 * group], ovector[2 * group + 1])
    // Groups without part in the match have the largest number, which is -1 here.
    return start >= 0 && start <= end ? start..<end : nil
  }

  /// Where the first of some groups that took part lies.
  func range(anyOf groups: [Int]) -> Range<Int>? {
    for group in groups {
      if let range = range(group) { return range }
    }
    return nil
  }
}
