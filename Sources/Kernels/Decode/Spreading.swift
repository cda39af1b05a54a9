internal import CKernels

extension OutputSpan where Element: BitwiseCopyable {
  /// Spreads the last `dense` elements over `slots` slots, in place: slot i gets the next one
  /// where bit `first + i` of `validity` is one, else zeros.
  ///
  /// - Parameter validity: 64 bits a word; exactly `dense` of those at first ..< first + slots
  ///   are one.
  /// - Precondition: room for `slots - dense` more elements.
  /// - Complexity: O(slots); allocates nothing.
  @inlinable
  public mutating func spreadLast(
    dense: Int, over slots: Int, validity: [UInt64], from first: Int
  ) {
    guard dense < slots else { return }
    precondition(dense >= 0 && dense <= count && freeCapacity >= slots - dense)
    precondition(first >= 0 && first + slots <= validity.count * 64)
    withUnsafeMutableBufferPointer { output, filled in
      guard let base = output.baseAddress else { return }
      validity.withUnsafeBufferPointer { validity in
        spread(
          UnsafeMutableRawPointer(base + filled - dense), size: MemoryLayout<Element>.stride,
          dense: dense, slots: slots, validity: validity, from: first)
      }
      filled += slots - dense
    }
  }

  /// As `spreadLast`, for groups of `width` elements: dense and slots count groups.
  @inlinable
  public mutating func spreadLastGroups(
    width: Int, dense: Int, over slots: Int, validity: [UInt64], from first: Int
  ) {
    guard dense < slots else { return }
    precondition(dense >= 0 && dense * width <= count && freeCapacity >= (slots - dense) * width)
    precondition(first >= 0 && first + slots <= validity.count * 64)
    withUnsafeMutableBufferPointer { output, filled in
      guard let base = output.baseAddress else { return }
      validity.withUnsafeBufferPointer { validity in
        spread(
          UnsafeMutableRawPointer(base + filled - dense * width),
          size: width * MemoryLayout<Element>.stride, dense: dense, slots: slots,
          validity: validity, from: first)
      }
      filled += (slots - dense) * width
    }
  }
}

@usableFromInline
func spread(
  _ values: UnsafeMutableRawPointer, size: Int, dense: Int, slots: Int,
  validity: UnsafeBufferPointer<UInt64>, from first: Int
) {
  guard let words = validity.baseAddress else { return }
  tm_spread(values, size, dense, words, first, slots)
}
