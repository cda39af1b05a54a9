internal import CKernels

extension ValueDictionary {
  /// Forgets the entries from `count` on. The dictionary can spell values after that, but no
  /// longer encode.
  public func truncate(entryCount count: Int, pageByteCount bytes: Int) {
    precondition(count <= entryCount && bytes <= pageByteCount)
    entries = UInt32(clamping: count)
    pageByteCount = bytes
  }

  /// Appends the values of the given entries in PLAIN encoding.
  /// - Parameter indices: 32 bits each, every one below `entryCount`.
  public func spell(_ indices: RawSpan, into output: inout ByteBuffer) {
    let count = indices.byteCount / 4
    guard count > 0 else { return }
    indices.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress?.assumingMemoryBound(to: UInt32.self) else { return }
      let entriesBytes = page.assumingMemoryBound(to: UInt8.self)
      if let offsets {
        let needed = Int(tm_dictionary_spelled_bytes(entriesBytes, offsets, first, count))
        output.append(upTo: needed) { room in
          guard let target = room.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
          return tm_dictionary_spell(entriesBytes, offsets, first, count, target)
        }
      } else {
        let width = layout.valueByteCount
        output.append(upTo: count * width) { room in
          guard let target = room.baseAddress else { return 0 }
          tm_gather(page, first, count, width, target)
          return count * width
        }
      }
    }
  }

  /// The smallest and the largest of the given entries, by unsigned bytes.
  /// - Parameters:
  ///   - indices: 32 bits each, every one below `entryCount`.
  ///   - isSigned: compare entries of one width as big-endian two's complement instead.
  /// - Returns: nil where there are no indices.
  /// - Complexity: O(indices + entries).
  public func range(of indices: RawSpan, isSigned: Bool = false) -> (least: [UInt8], most: [UInt8])?
  {
    let count = indices.byteCount / 4
    guard count > 0 else { return nil }
    var seen = [UInt8](repeating: 0, count: entryCount)
    seen.withUnsafeMutableBufferPointer { seen in
      indices.withUnsafeBytes { bytes in
        guard let first = bytes.baseAddress?.assumingMemoryBound(to: UInt32.self),
          let marks = seen.baseAddress
        else { return }
        tm_mark_seen(first, count, marks)
      }
    }
    return layout == .views ? rangeOfViews(seen) : rangeOfFixed(seen, isSigned)
  }

  private func rangeOfViews(_ seen: [UInt8]) -> (least: [UInt8], most: [UInt8])? {
    guard let offsets else { return nil }
    let entriesBytes = page.assumingMemoryBound(to: UInt8.self)
    var views = ByteBuffer()
    views.append(upTo: (seen.count + 1) * ViewAccess.width) { room in
      seen.withUnsafeBufferPointer { seen in
        guard let marks = seen.baseAddress,
          let output = room.baseAddress?.assumingMemoryBound(to: tm_view.self)
        else { return 0 }
        return tm_seen_views(entriesBytes, offsets, marks, seen.count, output) * ViewAccess.width
      }
    }
    return views.withBytes { views in
      withPage { page in
        guard let found = ValueRange.views(views, in: page) else { return nil }
        let least = ViewSizes.place(views, at: found.least)
        let most = ViewSizes.place(views, at: found.most)
        return (copy(least.offset, least.length), copy(most.offset, most.length))
      }
    }
  }

  private func rangeOfFixed(_ seen: [UInt8], _ isSigned: Bool)
    -> (least: [UInt8], most: [UInt8])?
  {
    let width = layout.valueByteCount
    let entriesBytes = page.assumingMemoryBound(to: UInt8.self)
    var values = ByteBuffer()
    values.append(upTo: (seen.count + 1) * width) { room in
      seen.withUnsafeBufferPointer { seen in
        guard let marks = seen.baseAddress,
          let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return 0 }
        return tm_seen_fixed(entriesBytes, width, marks, seen.count, output) * width
      }
    }
    return values.withUnsafeBytes { bytes in
      let found = ValueRange.fixed(bytes.bytes, width: width, isSigned: isSigned)
      return found.map { found in
        (
          Array(bytes[found.least * width..<(found.least + 1) * width]),
          Array(bytes[found.most * width..<(found.most + 1) * width])
        )
      }
    }
  }

  private func copy(_ offset: Int, _ count: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: page + offset, count: count))
  }
}
