internal import CKernels

extension HybridDecoder {
  /// Appends `dictionary[index]` for each of the next `count` indices.
  ///
  /// Indices are unpacked a block at a time; one maximum a block checks them all, so that the
  /// gather itself checks nothing.
  /// - Throws: `.dictionaryIndex` where one is past the dictionary.
  /// - Complexity: O(count); allocates nothing.
  @inlinable
  public mutating func gather<Value: BitwiseCopyable>(
    _ bytes: Span<UInt8>, count: Int, from dictionary: Span<Value>,
    into output: inout OutputSpan<Value>
  ) throws(DecodeError) {
    precondition(output.freeCapacity >= count)
    try bytes.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
      try dictionary.withUnsafeBufferPointer { (dictionary) throws(DecodeError) in
        try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
          guard let base = output.baseAddress else { return }
          var left = count
          while left > 0 {
            let step = try gatherPacked(
              bytes, count: left, dictionary: UnsafeRawPointer(dictionary.baseAddress),
              dictionaryCount: dictionary.count, size: MemoryLayout<Value>.stride,
              into: UnsafeMutableRawPointer(base + filled))
            if step > 0 {
              filled += step
              left -= step
              continue
            }
            let (index, repeats) = try takeRepeated(count: left)
            guard index < dictionary.count else {
              throw indexError(index, dictionaryCount: dictionary.count)
            }
            (base + filled).update(repeating: dictionary[index], count: repeats)
            filled += repeats
            left -= repeats
          }
        }
      }
    }
  }

  /// Appends the bytes of the dictionary's entries of `width` bytes for the next `count` indices.
  public mutating func gatherBytes(
    _ bytes: Span<UInt8>, count: Int, width: Int, from dictionary: Span<UInt8>,
    into output: inout OutputSpan<UInt8>
  ) throws(DecodeError) {
    precondition(width > 0 && output.freeCapacity >= count * width)
    let entryCount = dictionary.count / width
    try bytes.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
      try dictionary.withUnsafeBufferPointer { (dictionary) throws(DecodeError) in
        try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
          guard let base = output.baseAddress else { return }
          var left = count
          while left > 0 {
            let step = try gatherPacked(
              bytes, count: left, dictionary: UnsafeRawPointer(dictionary.baseAddress),
              dictionaryCount: entryCount, size: width,
              into: UnsafeMutableRawPointer(base + filled))
            if step > 0 {
              filled += step * width
              left -= step
              continue
            }
            let (index, repeats) = try takeRepeated(count: left)
            guard index < entryCount, let entries = dictionary.baseAddress else {
              throw indexError(index, dictionaryCount: entryCount)
            }
            for _ in 0..<repeats {
              (base + filled).update(from: entries + index * width, count: width)
              filled += width
            }
            left -= repeats
          }
        }
      }
    }
  }

  /// Gathers from the packed run at hand (reading the next header where one ended); 0 where it is
  /// a repeated one.
  @usableFromInline
  mutating func gatherPacked(
    _ bytes: UnsafeBufferPointer<UInt8>, count: Int, dictionary: UnsafeRawPointer?,
    dictionaryCount: Int, size: Int, into output: UnsafeMutableRawPointer
  ) throws(DecodeError) -> Int {
    if runLeft == 0 { try beginRun(bytes) }
    guard isPacked else { return 0 }
    let total = min(count, runLeft)
    try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.blockCount) {
      (block) throws(DecodeError) in
      guard let indices = block.baseAddress else { return }
      var done = 0
      while done < total {
        let step = min(total - done, Self.blockCount)
        unpack(bytes, count: step, into: indices)
        let largest = Int(tm_max32(indices, step))
        guard largest < dictionaryCount, let entries = dictionary else {
          throw indexError(largest, dictionaryCount: dictionaryCount)
        }
        tm_gather(entries, indices, step, size, output + done * size)
        done += step
      }
    }
    return total
  }

  /// Takes up to `count` values of the repeated run at hand.
  @usableFromInline
  mutating func takeRepeated(count: Int) throws(DecodeError) -> (index: Int, repeats: Int) {
    let repeats = min(count, runLeft)
    if bitWidth > 0 { runLeft -= repeats }
    return (Int(value), repeats)
  }

  @usableFromInline
  func indexError(_ index: Int, dictionaryCount: Int) -> DecodeError {
    DecodeError(
      .dictionaryIndex, at: position,
      "dictionary index \(index), expected one below \(dictionaryCount)")
  }
}
