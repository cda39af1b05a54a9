internal import CKernels

extension HybridDecoder {
  /// Appends `dictionary[index]` for each of the next `count` indices.
  ///
  /// Indices are unpacked a block at a time; one maximum a block checks them all, so that the
  /// gather itself checks nothing. What runs per value knows sizes, not types: the type of the
  /// values costs nothing even where this is called without specialization.
  /// - Throws: `.dictionaryIndex` where one is past the dictionary.
  /// - Complexity: O(count); allocates nothing.
  @inlinable
  public mutating func gather<Value: BitwiseCopyable>(
    _ bytes: Span<UInt8>, count: Int, from dictionary: Span<Value>,
    into output: inout OutputSpan<Value>
  ) throws(DecodeError) {
    precondition(output.freeCapacity >= count)
    let size = MemoryLayout<Value>.stride
    try dictionary.withUnsafeBufferPointer { (dictionary) throws(DecodeError) in
      try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
        guard let base = output.baseAddress else { return }
        try gatherRaw(
          bytes, count: count, from: UnsafeRawPointer(dictionary.baseAddress),
          dictionaryCount: dictionary.count, size: size,
          into: UnsafeMutableRawPointer(base + filled))
        filled += count
      }
    }
  }

  /// Appends the bytes of the dictionary's entries of `width` bytes for the next `count` indices.
  public mutating func gatherBytes(
    _ bytes: Span<UInt8>, count: Int, width: Int, from dictionary: Span<UInt8>,
    into output: inout OutputSpan<UInt8>
  ) throws(DecodeError) {
    precondition(width > 0 && output.freeCapacity >= count * width)
    try dictionary.withUnsafeBufferPointer { (dictionary) throws(DecodeError) in
      try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
        guard let base = output.baseAddress else { return }
        try gatherRaw(
          bytes, count: count, from: UnsafeRawPointer(dictionary.baseAddress),
          dictionaryCount: dictionary.count / width, size: width,
          into: UnsafeMutableRawPointer(base + filled))
        filled += count * width
      }
    }
  }

  /// Writes the entries, of `size` bytes each, for the next `count` indices.
  @usableFromInline
  mutating func gatherRaw(
    _ bytes: Span<UInt8>, count: Int, from dictionary: UnsafeRawPointer?, dictionaryCount: Int,
    size: Int, into output: UnsafeMutableRawPointer
  ) throws(DecodeError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
      var output = output
      var left = count
      while left > 0 {
        if runLeft == 0 { try beginRun(bytes) }
        let step = min(left, runLeft)
        if isPacked {
          try gatherPacked(
            bytes, count: step, from: dictionary, dictionaryCount: dictionaryCount, size: size,
            into: output)
        } else {
          let index = Int(value)
          guard index < dictionaryCount, let dictionary else {
            throw indexError(index, dictionaryCount: dictionaryCount)
          }
          tm_repeat(dictionary + index * size, size, step, output)
          if bitWidth > 0 { runLeft -= step }
        }
        output += step * size
        left -= step
      }
    }
  }

  private mutating func gatherPacked(
    _ bytes: UnsafeBufferPointer<UInt8>, count: Int, from dictionary: UnsafeRawPointer?,
    dictionaryCount: Int, size: Int, into output: UnsafeMutableRawPointer
  ) throws(DecodeError) {
    try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.blockCount) {
      (block) throws(DecodeError) in
      guard let indices = block.baseAddress else { return }
      var done = 0
      while done < count {
        let step = min(count - done, Self.blockCount)
        unpack(bytes, count: step, into: indices)
        let largest = Int(tm_max32(indices, step))
        guard largest < dictionaryCount, let dictionary else {
          throw indexError(largest, dictionaryCount: dictionaryCount)
        }
        tm_gather(dictionary, indices, step, size, output + done * size)
        done += step
      }
    }
  }

  private func indexError(_ index: Int, dictionaryCount: Int) -> DecodeError {
    DecodeError(
      .dictionaryIndex, at: position,
      "dictionary index \(index), expected one below \(dictionaryCount)")
  }
}
