internal import CPCRE2

/// A regular expression as the library compiled it, with the machine code for it where the
/// processor and the system allow that. It does not change any more, so threads share it.
final class PatternProgram: @unchecked Sendable {
  let code: OpaquePointer
  /// Whether there is machine code; the library interprets the pattern otherwise.
  let isNative: Bool

  /// A number of the library, and the byte of the pattern that it is about.
  struct Fault: Error {
    let code: Int32
    let offset: Int
  }

  /// - Parameters:
  ///   - options: of `pcre2_compile`, beside those that every pattern has.
  ///   - isTraced: whether a callback is told of each step; there is no machine code then.
  init(_ text: String, options: UInt32, isTraced: Bool = false) throws(Fault) {
    guard let context = pcre2_compile_context_create_8(nil) else {
      throw Fault(code: PCRE2_ERROR_NOMEMORY, offset: 0)
    }
    defer { pcre2_compile_context_free_8(context) }
    pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    var all = PCRE2_UTF | PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT
    all |= options
    // Or nothing is told of a line that cannot match for want of a byte.
    if isTraced { all |= PCRE2_AUTO_CALLOUT | PCRE2_NO_START_OPTIMIZE | PCRE2_NO_AUTO_POSSESS }
    var fault: Int32 = 0
    var offset = 0
    let bytes = Array(text.utf8)
    let compiled = bytes.withUnsafeBufferPointer {
      pcre2_compile_8($0.baseAddress, $0.count, all, &fault, &offset, context)
    }
    guard let compiled else { throw Fault(code: fault, offset: min(offset, bytes.count)) }
    code = compiled
    // It says that it is done, too, for patterns that do not want it: (*NO_JIT).
    var size = 0
    isNative =
      !isTraced && pcre2_jit_compile_8(compiled, PCRE2_JIT_COMPLETE) == 0
      && pcre2_pattern_info_8(compiled, UInt32(PCRE2_INFO_JITSIZE), &size) == 0 && size > 0
  }

  deinit { pcre2_code_free_8(code) }

  /// Named groups with their numbers, in the order of the numbers.
  func names() -> [(name: String, number: Int)] {
    var count: UInt32 = 0
    var size: UInt32 = 0
    var table: UnsafePointer<UInt8>?
    guard pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count) == 0,
      pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &size) == 0,
      pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table) == 0,
      let table, count > 0
    else { return [] }
    // An entry is a number of two bytes and a name that ends in a zero.
    let names = (0..<Int(count)).map { index in
      let entry = UnsafeBufferPointer(start: table + index * Int(size), count: Int(size))
      let name = String(decoding: entry.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self)
      return (name: name, number: Int(entry[0]) << 8 | Int(entry[1]))
    }
    return names.sorted { $0.number < $1.number }
  }

  /// The library's words for one of its numbers.
  static func message(_ code: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    let count = text.withUnsafeMutableBufferPointer {
      pcre2_get_error_message_8(code, $0.baseAddress, $0.count)
    }
    return count < 0 ? "error \(code)" : String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
  }
}
