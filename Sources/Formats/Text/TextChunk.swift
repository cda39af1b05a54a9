internal import Kernels
internal import Records

/// Texts of one column in a chunk of rows.
struct TextChunk {
  let views: UnsafePointer<ByteView>
  let count: Int
  let times: TextTimes
  private let own: UnsafePointer<UInt8>
  private let block: UnsafePointer<UInt8>

  /// - Parameters:
  ///   - views: lie in `own` where their buffer is 0, else in `block`.
  ///   - own: texts, with eight bytes behind them, as the block has.
  init(
    _ views: UnsafePointer<ByteView>, count: Int, own: UnsafePointer<UInt8>,
    block: UnsafePointer<UInt8>, times: TextTimes
  ) {
    self.views = views
    self.count = count
    self.own = own
    self.block = block
    self.times = times
  }

  var texts: ParseTextColumn.Texts { ParseTextColumn.Texts(views, own: own, block: block) }

  private func isNull(_ row: Int) -> Bool {
    views[row].buffer == ParseTextColumn.null || views[row].length == 0
  }

  func text(_ row: Int) -> UnsafeBufferPointer<UInt8> {
    let view = views[row]
    return UnsafeBufferPointer(
      start: (view.buffer == 0 ? own : block) + Int(view.offset), count: Int(view.length))
  }

  func leadingNulls(_ rows: Range<Int>) -> Int {
    (rows.first { !isNull($0) } ?? rows.upperBound) - rows.lowerBound
  }

  func kind(_ row: Int) -> TextKind { TextKind(text(row), times: times) }

  /// Appends what `parse` makes of texts, zero for nulls, up to the first of which it makes
  /// nothing. Returns how many.
  func values<Value>(
    _ rows: Range<Int>, _ parse: (UnsafeBufferPointer<UInt8>) -> Value?, zero: Value,
    into values: inout [Value]
  ) -> Int {
    for row in rows {
      if isNull(row) {
        values.append(zero)
      } else if let value = parse(text(row)) {
        values.append(value)
      } else {
        return row - rows.lowerBound
      }
    }
    return rows.count
  }
}
