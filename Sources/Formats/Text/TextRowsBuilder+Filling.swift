/// Many rows at once, for formats whose fields are found by a kernel.
extension TextRowsBuilder {
  /// Whether whole rows can be filled at once: nothing is to be looked at in texts of the block.
  var takesRows: Bool { takesTextsAsTheyAre }
  /// Whether rows must be ended one by one, as texts are converted then.
  var convertsRows: Bool { !convertedPlaces.isEmpty }

  /// Has rows filled at once, at most `count`; `endRows` or `endRow` ends them.
  /// - Parameters:
  ///   - places: of the columns that are filled.
  ///   - fill: writes texts of the block into the slots of its rows, each column having `stride`,
  ///     with the buffer that it is given; returns how many rows it filled. What it leaves in a
  ///     row behind them is to be abandoned.
  func fillRows(
    _ count: Int, places: [UInt32],
    _ fill: (
      _ slots: UnsafeMutableRawPointer, _ stride: Int, _ buffer: UInt32, _ rows: Range<Int>
    ) -> Int
  ) -> Int {
    let most = min(count, Self.chunkRowsMax - pendingRows, convertsRows ? 1 : Int.max)
    let filled = fill(slots, Self.chunkRowsMax, blockBuffer, pendingRows..<pendingRows + most)
    for place in places { isTouched[Int(place)] = true }
    return filled
  }
}
