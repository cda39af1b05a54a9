internal import Kernels

/// Columns outside of lists: an entry a row.
extension LeafReader {
  func readFlat(_ rowCount: Int) throws(ParquetError) {
    var left = rowCount
    while left > 0 {
      if entriesLeft == 0, try !nextPage() { throw endsTooEarly(left) }
      let step = min(left, entriesLeft)
      try decoding { () throws(DecodeError) in try appendFlat(step) }
      entriesLeft -= step
      slotCount += step
      left -= step
    }
  }

  private func appendFlat(_ count: Int) throws(DecodeError) {
    let first = bits.count
    let validBefore = bits.validCount
    if leaf.maxDefinitionLevel == 0 {
      try values.append(dense: count, slots: count, validity: [], from: 0)
      return
    }
    if leaf.maxDefinitionLevel == 1, !shape.needsLevels {
      try definition.decodeValidity(count, into: &bits)
    } else {
      let start = batchDefinition.count
      try definition.decode(count, into: &batchDefinition)
      bits.append(
        levels: batchDefinition.span.extracting(start..<start + count),
        atLeast: UInt8(clamping: leaf.maxDefinitionLevel))
    }
    try values.append(
      dense: bits.validCount - validBefore, slots: count, validity: bits.words, from: first)
  }

  func skipFlat(_ rowCount: Int) throws(ParquetError) {
    var left = rowCount
    while left > 0 {
      if entriesLeft == 0, try !nextPage() { throw endsTooEarly(left) }
      let step = min(left, entriesLeft)
      try decoding { () throws(DecodeError) in
        var dense = step
        if leaf.maxDefinitionLevel > 0 {
          var levels: [UInt8] = []
          try definition.decode(step, into: &levels)
          dense = LevelCounting.count(
            levels.span, atLeast: UInt8(clamping: leaf.maxDefinitionLevel))
        }
        try values.skip(dense: dense)
      }
      entriesLeft -= step
      left -= step
    }
  }
}
