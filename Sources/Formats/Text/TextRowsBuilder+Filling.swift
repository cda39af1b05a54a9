/// Many rows at once, for formats whose fields are found by a kernel.
extension TextRowsBuilder {
  /// Whether whole rows can be filled at once: nothing is to be looked at in texts of the block.
  var takesRows: Bool { takesTextsAsTheyAre }
  /// Whether rows must be ended one by one, as texts are converted then.
  var convertsRows: Bool { !convertedPlaces.isEmpty }

  /// Has rows filled at once, at most `count`; `endRows` or `endRow` ends them.
  /// - Parameters:
  ///   - places: of the columns that are filled.
  ///   - fill: writes texts into the slots of its rows, each column having `stride`: of the block
  ///     with the buffer that it is given, others as of buffer 0 from `first` on. Returns how many
  ///     rows it filled, and the others. What it leaves in a row behind them is to be abandoned.
  func fillRows(
    _ count: Int, places: [UInt32],
    _ fill: (
      _ slots: UnsafeMutableRawPointer, _ stride: Int, _ buffer: UInt32, _ first: UInt32,
      _ rows: Range<Int>
    ) -> (rows: Int, texts: UnsafeBufferPointer<UInt8>)
  ) -> Int {
    let most = min(count, Self.chunkRowsMax - pendingRows, convertsRows ? 1 : Int.max)
    let filled = fill(
      slots, Self.chunkRowsMax, blockBuffer, UInt32(own.count), pendingRows..<pendingRows + most)
    for place in places { isTouched[Int(place)] = true }
    own.append(contentsOf: filled.texts)
    return filled.rows
  }
}
