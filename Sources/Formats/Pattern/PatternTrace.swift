internal import CPCRE2

/// Says how far into a text a pattern comes that does not match it.
///
/// It runs the pattern again, slowly, so it is for the first of many such texts.
final class PatternTrace {
  /// The furthest place in the text, and what of the pattern stands there.
  struct Reach: Equatable {
    var textOffset = 0
    var patternOffset = 0
    var itemLength = 0
    /// Items of the pattern that were tried.
    var steps = 0
  }

  private let program: PatternProgram
  private let context: OpaquePointer
  private let data: OpaquePointer

  private static let stepsMax = 20_000
  private static let textBytesMax = 4096

  /// nil where the pattern is too large to be watched.
  init?(_ pattern: Pattern) {
    guard let program = pattern.traced(), let context = pcre2_match_context_create_8(nil) else {
      return nil
    }
    guard let data = pcre2_match_data_create_8(1, nil) else {
      pcre2_match_context_free_8(context)
      return nil
    }
    self.program = program
    self.context = context
    self.data = data
    pcre2_set_heap_limit_8(context, 1024)
  }

  deinit {
    pcre2_match_data_free_8(data)
    pcre2_match_context_free_8(context)
  }

  /// - Parameter text: UTF-8, which is checked.
  func reach(_ text: [UInt8]) -> Reach {
    var reach = Reach()
    // Places further behind say little, and each costs.
    pcre2_set_offset_limit_8(context, 256)
    _ = withUnsafeMutablePointer(to: &reach) { reach in
      pcre2_set_callout_8(
        context,
        { block, reach in
          guard let block = block?.pointee,
            let reach = reach?.assumingMemoryBound(to: Reach.self)
          else { return 0 }
          let seen = (reach.pointee.textOffset, reach.pointee.patternOffset)
          if (block.current_position, block.pattern_position) > seen {
            reach.pointee.textOffset = block.current_position
            reach.pointee.patternOffset = block.pattern_position
            reach.pointee.itemLength = block.next_item_length
          }
          reach.pointee.steps += 1
          return reach.pointee.steps < PatternTrace.stepsMax ? 0 : PCRE2_ERROR_CALLOUT
        }, UnsafeMutableRawPointer(reach))
      return text.prefix(Self.textBytesMax).withUnsafeBufferPointer {
        pcre2_match_8(program.code, $0.baseAddress, $0.count, 0, 0, data, context)
      }
    }
    return reach
  }
}
