internal import Kernels
internal import Records

/// Decodes values and says of each, in a byte, whether it meets conditions: of a page's values, or
/// once of a dictionary's entries, so that indices are looked up in the answers.
final class TestingDecoder<Source: BitwiseCopyable>: ValueDecoder<UInt8> {
  typealias Test = (borrowing [Source], inout OutputSpan<UInt8>) -> Void

  private let inner: ValueDecoder<Source>
  private let tests: [Test]
  private let onBlock: () -> Void
  private var block: [Source] = []
  private var answers: [UInt8] = []
  private var others: [UInt8] = []

  /// - Parameters:
  ///   - tests: each appends a byte a value; there is one at least.
  ///   - onBlock: is called before values are decoded.
  init(
    _ inner: ValueDecoder<Source>, tests: [Test], onBlock: @escaping () -> Void = {}
  ) {
    self.inner = inner
    self.tests = tests
    self.onBlock = onBlock
  }

  override func decode(_ count: Int, into output: inout OutputSpan<UInt8>) throws(DecodeError) {
    var left = count
    while left > 0 {
      let step = min(left, 2048)
      onBlock()
      block.removeAll(keepingCapacity: true)
      try block.append(addingCapacity: step * inner.valuesPerSlot) {
        (output) throws(DecodeError) in
        try inner.decode(step, into: &output)
      }
      appendAnswers(step, to: &output)
      left -= step
    }
  }

  private func appendAnswers(_ count: Int, to output: inout OutputSpan<UInt8>) {
    guard tests.count > 1 else {
      for test in tests { test(block, &output) }
      return
    }
    answers.removeAll(keepingCapacity: true)
    for (number, test) in tests.enumerated() {
      others.removeAll(keepingCapacity: true)
      others.append(addingCapacity: count) { test(block, &$0) }
      if number == 0 {
        swap(&answers, &others)
      } else {
        ValueTests.intersect(&answers, from: 0, with: others)
      }
    }
    for answer in answers { output.append(answer) }
  }

  override func skip(_ count: Int) throws(DecodeError) { try inner.skip(count) }
  override func checkEnd() throws(DecodeError) { try inner.checkEnd() }
}
