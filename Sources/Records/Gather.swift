extension Batch {
  /// The rows at the given indices, in that order. Complexity: O(rows × columns).
  public func gather(_ indices: [Int32]) -> Batch {
    Batch(schema: schema, columns: columns.map { $0.gather(indices) }, rowCount: indices.count)
  }

  /// The rows of a range. Texts are shared, not copied.
  public func slice(_ range: Range<Int>) -> Batch {
    if range == 0..<rowCount { return self }
    return Batch(
      schema: schema, columns: columns.map { $0.slice(range) }, rowCount: range.count)
  }
}

extension Column {
  public func gather(_ indices: [Int32]) -> Column {
    Column(
      type: type, count: indices.count, validity: validity?.gather(indices),
      values: values.gather(indices))
  }

  public func slice(_ range: Range<Int>) -> Column {
    Column(
      type: type, count: range.count, validity: validity?.slice(range),
      values: values.slice(range))
  }
}

extension Column.Values {
  func gather(_ indices: [Int32]) -> Column.Values {
    switch self {
    case .boolean(let bits): return .boolean(bits.gather(indices))
    case .int32(let values): return .int32(indices.map { values[Int($0)] })
    case .int64(let values): return .int64(indices.map { values[Int($0)] })
    case .int128(let values): return .int128(indices.map { values[Int($0)] })
    case .float(let values): return .float(indices.map { values[Int($0)] })
    case .double(let values): return .double(indices.map { values[Int($0)] })
    case .bytes(let column):
      return .bytes(
        ByteColumn(views: indices.map { column.views[Int($0)] }, buffers: column.buffers))
    case .fixedBytes(let width, let bytes):
      var result: [UInt8] = []
      result.reserveCapacity(width * indices.count)
      for index in indices { result += bytes[Int(index) * width..<(Int(index) + 1) * width] }
      return .fixedBytes(width: width, result)
    case .list(let offsets, let child):
      let (taken, elements) = Self.gatherOffsets(offsets, indices)
      return .list(offsets: taken, child.gather(elements))
    case .structure(let children): return .structure(children.map { $0.gather(indices) })
    case .map(let offsets, let keys, let values):
      let (taken, elements) = Self.gatherOffsets(offsets, indices)
      return .map(offsets: taken, keys: keys.gather(elements), values: values.gather(elements))
    }
  }

  func slice(_ range: Range<Int>) -> Column.Values {
    switch self {
    case .boolean(let bits): return .boolean(bits.slice(range))
    case .int32(let values): return .int32(Array(values[range]))
    case .int64(let values): return .int64(Array(values[range]))
    case .int128(let values): return .int128(Array(values[range]))
    case .float(let values): return .float(Array(values[range]))
    case .double(let values): return .double(Array(values[range]))
    case .bytes(let column):
      return .bytes(ByteColumn(views: Array(column.views[range]), buffers: column.buffers))
    case .fixedBytes(let width, let bytes):
      return .fixedBytes(
        width: width, Array(bytes[range.lowerBound * width..<range.upperBound * width]))
    case .list(let offsets, let child):
      let (taken, elements) = Self.sliceOffsets(offsets, range)
      return .list(offsets: taken, child.slice(elements))
    case .structure(let children): return .structure(children.map { $0.slice(range) })
    case .map(let offsets, let keys, let values):
      let (taken, elements) = Self.sliceOffsets(offsets, range)
      return .map(offsets: taken, keys: keys.slice(elements), values: values.slice(elements))
    }
  }

  private static func gatherOffsets(_ offsets: [Int32], _ indices: [Int32]) -> ([Int32], [Int32]) {
    var taken: [Int32] = [0]
    var elements: [Int32] = []
    for index in indices {
      elements.append(contentsOf: offsets[Int(index)]..<offsets[Int(index) + 1])
      taken.append(Int32(elements.count))
    }
    return (taken, elements)
  }

  private static func sliceOffsets(_ offsets: [Int32], _ range: Range<Int>) -> ([Int32], Range<Int>)
  {
    let first = offsets[range.lowerBound]
    return (
      offsets[range.lowerBound...range.upperBound].map { $0 - first },
      Int(first)..<Int(offsets[range.upperBound])
    )
  }
}
