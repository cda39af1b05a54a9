internal import Kernels
internal import Records

/// Where values go: into the dictionary, or into the page as they are.
extension ColumnWriter {
  /// How many of the values at `range` the page has room for, as far as that can be told
  /// beforehand; 0 asks for a new page.
  func fitting(_ values: Column.Values, _ range: Range<Int>) throws(ParquetError) -> Int {
    let isEmpty = levels.rowCount == 0
    switch layout {
    case .boolean: return range.count
    case .bytes:
      let room = options.pageBytesMax - plain.count
      let count = try values.withRaw(range) { raw throws(ParquetError) in
        ViewSizes.fitting(raw, byteCountMax: room)
      }
      return count == 0 && isEmpty ? min(1, range.count) : count
    case .int32, .int64, .float, .double, .fixed:
      let width = layout.memoryWidth ?? 1
      let room =
        dictionary == nil
        ? (options.pageBytesMax - plain.count) / width
        : (options.pageBytesMax - indices.count) / 4
      let count = min(range.count, max(0, room))
      return count == 0 && isEmpty ? min(1, range.count) : count
    }
  }

  /// Whether the next row should begin a page.
  var isPageFull: Bool {
    levels.rowCount >= options.pageRowsMax || plain.count >= options.pageBytesMax
      || indices.count >= options.pageBytesMax || bits.count / 8 >= options.pageBytesMax
  }

  /// Appends values without nulls.
  func appendDense(_ raw: RawSpan, _ buffers: [[UInt8]], _ scratch: PageScratch)
    throws(ParquetError)
  {
    if let dictionary {
      try appendEntries(raw, buffers, dictionary, scratch)
    } else {
      appendPlain(raw, buffers)
    }
    // Those of byte strings with a dictionary come from its entries when the page ends.
    if settings.isOrdered, dictionary == nil || !layout.isByteString {
      bounds.merge(.of(raw, layout, buffers))
    }
    if layout == .bytes {
      byteStringBytes += Int64(truncatingIfNeeded: ViewSizes.byteCount(raw))
    }
  }

  private func appendEntries(
    _ raw: RawSpan, _ buffers: [[UInt8]], _ dictionary: ValueDictionary, _ scratch: PageScratch
  ) throws(ParquetError) {
    let width = layout.memoryWidth ?? 1
    let indexBytes = indices.count
    let entryCount = dictionary.entryCount
    let pageByteCount = dictionary.pageByteCount
    let probed = min(raw.byteCount, probeCountLeft * width)
    var isRoom = encode(raw.extracting(0..<probed), buffers, dictionary)
    if isRoom, probed > 0 { repeatVerdict() }
    let rest = raw.extracting(probed..<raw.byteCount)
    guard self.dictionary != nil else { return appendPlain(rest, buffers) }
    isRoom = isRoom && encode(rest, buffers, dictionary)
    if isRoom { return }
    // At its limit: the page ends before these values, what they added is taken back.
    indices.truncate(to: indexBytes)
    dictionary.truncate(entryCount: entryCount, pageByteCount: pageByteCount)
    try finishPage(scratch)
    if isChosen, self.dictionary != nil { wasDictionaryFull = true }
    try closeDictionary(scratch)
    appendPlain(raw, buffers)
  }

  /// Where an earlier chunk did without a dictionary: values that are still to come before this
  /// chunk's first ones are compared with that one's.
  private var probeCountLeft: Int {
    guard !isChosen, settings.encoding == nil, let verdict, verdict.encoding != .rleDictionary,
      verdict.valueCount >= EncodingVerdict.valueCountMin
    else { return 0 }
    return max(0, EncodingVerdict.probeCount - indices.count / 4)
  }

  /// Does without a dictionary, if the first values are as distinct as those of the chunk that
  /// did; otherwise the choice is made again when the page ends.
  private func repeatVerdict() {
    guard let dictionary, let verdict, indices.count / 4 == EncodingVerdict.probeCount else {
      return
    }
    let share = Double(dictionary.entryCount) / Double(EncodingVerdict.probeCount)
    guard EncodingVerdict.isAlike(share, verdict.probeShare) else { return }
    if layout.isByteString, settings.isOrdered {
      bounds.merge(indices.withBytes { .of($0, in: dictionary, layout) })
    }
    dropDictionary()
    valueEncoding = verdict.encoding
    isChosen = true
  }

  private func encode(
    _ raw: RawSpan, _ buffers: [[UInt8]], _ dictionary: ValueDictionary
  ) -> Bool {
    guard layout == .bytes else {
      let width = layout.memoryWidth ?? 1
      return dictionary.encode(raw, into: &indices) == raw.byteCount / width
    }
    var start = 0
    while start < raw.byteCount {
      let rest = raw.extracting(start..<raw.byteCount)
      let (buffer, count) = ViewSizes.run(rest)
      let run = rest.extracting(0..<count * 12)
      let bytes = buffers[buffer]
      let done = dictionary.encode(views: run, in: bytes.span.bytes, into: &indices)
      if done < count { return false }
      start += count * 12
    }
    return true
  }

  private func appendPlain(_ raw: RawSpan, _ buffers: [[UInt8]]) {
    guard layout == .bytes else {
      bloom?.insert(raw, width: layout.memoryWidth ?? 1)
      return plain.append(raw)
    }
    var start = 0
    while start < raw.byteCount {
      let rest = raw.extracting(start..<raw.byteCount)
      let (buffer, count) = ViewSizes.run(rest)
      let bytes = buffers[buffer]
      let run = rest.extracting(0..<count * 12)
      bloom?.insert(views: run, in: bytes.span.bytes)
      plain.appendPlain(views: run, in: bytes.span.bytes)
      start += count * 12
    }
  }

  /// Adds the values of a dictionary to the bloom filter.
  func collectHashes(of dictionary: ValueDictionary) {
    guard bloom != nil else { return }
    dictionary.withPage { page in
      if layout == .bytes {
        bloom?.insert(plain: page, count: dictionary.entryCount)
      } else {
        bloom?.insert(page, width: layout.memoryWidth ?? 1)
      }
    }
  }
}
