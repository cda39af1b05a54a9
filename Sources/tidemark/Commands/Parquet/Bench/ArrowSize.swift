import Records

extension Column {
  /// Bytes that the column takes in Arrow's form: values of their fixed width or offsets of four
  /// bytes and the texts, and a bit a value where some are null. Offsets are counted once a value.
  var arrowByteCount: Int {
    let bits = validity == nil ? 0 : (count + 7) / 8
    switch values {
    case .boolean: return bits + (count + 7) / 8
    case .int32, .int64, .int128, .float, .double: return bits + count * type.arrowWidth
    case .bytes(let texts): return bits + count * 4 + texts.byteCount
    case .fixedBytes(_, let bytes): return bits + bytes.count
    case .list(_, let child): return bits + count * 4 + child.arrowByteCount
    case .structure(let children): return bits + children.reduce(0) { $0 + $1.arrowByteCount }
    case .map(_, let keys, let values):
      return bits + count * 4 + keys.arrowByteCount + values.arrowByteCount
    }
  }

  /// The same with texts one after the other in a buffer of their own, as Arrow has them, and not
  /// as views into the pages that they were read from.
  var compacted: Column {
    let values: Values
    switch self.values {
    case .bytes(let texts) where texts.byteCount < Int(UInt32.max):
      var builder = BytesBuilder(capacity: texts.count)
      for row in 0..<texts.count { builder.append(texts[row]) }
      values = builder.finish(type).values
    case .list(let offsets, let child): values = .list(offsets: offsets, child.compacted)
    case .structure(let children): values = .structure(children.map(\.compacted))
    case .map(let offsets, let keys, let items):
      values = .map(offsets: offsets, keys: keys.compacted, values: items.compacted)
    default: return self
    }
    return Column(type: type, count: count, validity: validity, values: values)
  }
}

extension DataType {
  /// Bytes of a value of fixed width in Arrow; decimals have 16.
  fileprivate var arrowWidth: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32, .date, .time(.milliseconds): 4
    case .decimal: 16
    default: 8
    }
  }
}
