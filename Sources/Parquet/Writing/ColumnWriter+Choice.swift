internal import Compression
internal import Kernels

/// Choosing the encoding by the values of a chunk's first page.
extension ColumnWriter {
  /// Without compression a dictionary has to save a fifth: it is a step more for readers.
  private static let plainMargin = 0.8
  /// Readers evaluate conditions on a small dictionary alone: it may be somewhat larger than
  /// another encoding.
  private static let smallDictionaryMargin = 1.2
  /// Values of the page that are encoded every way to compare sizes.
  private static let sampleCount = 16_384
  private static let dictionarySampleBytes = 1 << 17

  /// The encodings beside the dictionary that are tried, and what size counts as for each: one
  /// that is slower to read has to save more. DuckDB 1.5 reads numbers split into byte streams
  /// only where they are FLOAT or DOUBLE, so other types are split only where it is asked for.
  private var candidates: [(encoding: Encoding, weight: Double)] {
    guard options.profile == .max else { return [(.plain, 1)] }
    switch layout {
    case .boolean: return [(.plain, 1), (.rle, 1.05)]
    case .int32, .int64: return [(.plain, 1), (.deltaBinaryPacked, 1.03)]
    case .float, .double: return [(.plain, 1), (.byteStreamSplit, 1.03)]
    case .bytes where settings.isArrowDictionary: return [(.plain, 1)]
    case .bytes: return [(.plain, 1), (.deltaLengthByteArray, 1.02), (.deltaByteArray, 1.1)]
    case .fixed: return [(.plain, 1), (.deltaByteArray, 1.1)]
    }
  }

  /// Decides, when the first page with values ends, how the chunk's values are encoded.
  /// - Parameter isLastPage: the chunk ends with it, nothing has to be foretold.
  func chooseEncoding(isLastPage: Bool, _ scratch: PageScratch) throws(ParquetError) {
    let count = valueCount
    guard !isChosen, count > 0 else { return }
    isChosen = true
    guard settings.encoding == nil else { return }
    let share = dictionary.map { Double($0.entryCount) / Double(count) }
    if let verdict, isStanding(verdict, share) {
      valueEncoding = verdict.fallback
      return
    }
    let (best, sizes) = try compareCandidates(scratch)
    var verdict = EncodingVerdict(
      encoding: best.encoding, fallback: best.encoding, reason: "", valueCount: count,
      pageShare: share)
    if let dictionary {
      verdict.probeShare = distinctShare(first: EncodingVerdict.probeCount)
      let (pays, dictionarySizes) = try pays(
        dictionary, against: best, isLastPage: isLastPage, scratch)
      verdict.reason = "\(dictionary.entryCount) distinct in \(count) values"
      let all = sizes + dictionarySizes
      if !all.isEmpty { verdict.reason += "; bytes: " + all.joined(separator: ", ") }
      if pays {
        verdict.encoding = .rleDictionary
      } else {
        dropDictionary()
      }
    } else {
      verdict.reason = "\(count) values"
      if !sizes.isEmpty { verdict.reason += "; bytes: " + sizes.joined(separator: ", ") }
    }
    valueEncoding = verdict.fallback
    self.verdict = verdict
  }

  /// Whether what an earlier chunk showed holds for this one too.
  private func isStanding(_ verdict: EncodingVerdict, _ share: Double?) -> Bool {
    guard verdict.valueCount >= EncodingVerdict.valueCountMin else { return false }
    guard let share else { return verdict.encoding != .rleDictionary }
    // A dictionary that is still there is the verdict's, or the values look different from those.
    return verdict.encoding == .rleDictionary
      && EncodingVerdict.isAlike(share, verdict.pageShare)
      && valueCount <= verdict.valueCount * 2 && verdict.valueCount <= valueCount * 2
  }

  /// The page's values go on in PLAIN form.
  func dropDictionary() {
    guard let dictionary else { return }
    indices.withBytes { dictionary.spell($0, into: &plain) }
    collectHashes(of: dictionary)
    self.dictionary = nil
    indices.removeAll()
  }

  /// Entries are numbered as they come up, so the largest number tells how many there were.
  private func distinctShare(first most: Int) -> Double {
    let count = min(most, indices.count / 4)
    return Double(distinctCount(first: count)) / Double(max(1, count))
  }

  private func distinctCount(first count: Int) -> Int {
    indices.withBytes {
      IndexRange.max($0.extracting(0..<count * 4)).map { Int($0) + 1 } ?? 0
    }
  }

  // MARK: Sizes

  private struct Candidate {
    var encoding: Encoding
    /// Weighted, for as many values as the page has.
    var bytes: Double
  }

  /// Bytes of the page's values in PLAIN encoding, before compression.
  private var plainByteCount: Int {
    switch layout {
    case .boolean: (valueCount + 7) / 8
    case .bytes: Int(byteStringBytes) + valueCount * 4
    default: valueCount * (layout.memoryWidth ?? 1)
    }
  }

  /// The best encoding without a dictionary, and how the sample did in each.
  private func compareCandidates(_ scratch: PageScratch) throws(ParquetError) -> (
    Candidate, [String]
  ) {
    let candidates = self.candidates
    guard candidates.count > 1 else {
      return (Candidate(encoding: candidates[0].encoding, bytes: Double(plainByteCount)), [])
    }
    let sample = fillSample(scratch)
    var best = Candidate(encoding: .plain, bytes: .infinity)
    var sizes: [String] = []
    for candidate in candidates {
      scratch.body.removeAll()
      if layout == .boolean {
        scratch.body.append(bits, as: candidate.encoding)
      } else {
        scratch.sample.withBytes {
          scratch.body.append($0, as: candidate.encoding, layout, count: sample)
        }
      }
      let size = try scratch.compressedBodyByteCount()
      let bytes = Double(size) * Double(valueCount) / Double(sample)
      sizes.append("\(Int(bytes)) \(candidate.encoding)")
      if bytes * candidate.weight < best.bytes {
        best = Candidate(encoding: candidate.encoding, bytes: bytes * candidate.weight)
      }
    }
    return (best, sizes)
  }

  /// Puts the page's first values, in PLAIN encoding, where they can be tried.
  /// - Returns: how many.
  private func fillSample(_ scratch: PageScratch) -> Int {
    scratch.sample.removeAll()
    if layout == .boolean { return valueCount }
    guard let dictionary else {
      scratch.sample.append(plain)
      return valueCount
    }
    let count = min(Self.sampleCount, indices.count / 4)
    indices.withBytes {
      dictionary.spell($0.extracting(0..<count * 4), into: &scratch.sample)
    }
    return count
  }

  // MARK: The dictionary

  /// Whether a dictionary makes the chunk smaller, as far as its first page tells.
  private func pays(
    _ dictionary: ValueDictionary, against best: Candidate, isLastPage: Bool,
    _ scratch: PageScratch
  ) throws(ParquetError) -> (Bool, [String]) {
    let count = indices.count / 4
    let isCompressed = options.codec != .none
    var forecast = DictionaryForecast(
      valueCount: count, entryCount: dictionary.entryCount,
      entriesOfFirstHalf: distinctCount(first: count / 2),
      dictionaryBytes: dictionary.pageByteCount,
      cost: .init(
        plain: plainByteCount, indices: count * Self.indexBitWidth(dictionary) / 8,
        dictionary: dictionary.pageByteCount))
    let total =
      isLastPage ? count : max(count, options.rowGroupRowsMax / max(1, levels.rowCount) * count)
    let hasOthers = candidates.count > 1
    if !hasOthers || !isCompressed {
      forecast.cost.plain = Int(best.bytes)
      let margin = best.encoding == .plain ? Self.plainMargin : 1
      let pays = forecast.pays(
        valueCount: total, dictionaryBytesMax: options.dictionaryBytesMax, margin: margin)
      // With few distinct values there is no doubt.
      if !pays || !isCompressed || dictionary.entryCount <= count / 10 {
        let cost = forecast.cost
        let plain = hasOthers ? nil : "\(cost.plain) PLAIN"
        let sizes = "\(cost.indices) + \(cost.dictionary) RLE_DICTIONARY"
        return (pays, [plain, sizes + " before compression"].compactMap(\.self))
      }
    }
    forecast.cost = try compressedCost(dictionary, scratch)
    let plain = hasOthers ? nil : "\(forecast.cost.plain) PLAIN"
    let sizes = "\(forecast.cost.indices) + \(forecast.cost.dictionary) RLE_DICTIONARY"
    if hasOthers { forecast.cost.plain = Int(best.bytes) }
    let isSmall = dictionary.entryCount <= count / 10
    let pays = forecast.pays(
      valueCount: total, dictionaryBytesMax: options.dictionaryBytesMax,
      margin: hasOthers && isSmall ? Self.smallDictionaryMargin : 1)
    return (pays, [plain, sizes].compactMap(\.self))
  }

  /// The page's values and the dictionary, compressed: samples of them, in proportion.
  private func compressedCost(_ dictionary: ValueDictionary, _ scratch: PageScratch)
    throws(ParquetError) -> DictionaryForecast.Cost
  {
    let count = indices.count / 4
    let sample = fillSample(scratch)
    func whole(_ bytes: Int, _ part: Int, of total: Int) -> Int {
      Int(Double(bytes) * Double(total) / Double(max(1, part)))
    }
    scratch.body.removeAll()
    scratch.body.append(scratch.sample)
    let plain = try scratch.compressedBodyByteCount()
    scratch.body.removeAll()
    let width = Self.indexBitWidth(dictionary)
    indices.withBytes {
      scratch.body.appendHybrid32($0.extracting(0..<sample * 4), bitWidth: width)
    }
    let indexBytes = try scratch.compressedBodyByteCount()
    scratch.body.removeAll()
    let entryBytes = min(dictionary.pageByteCount, Self.dictionarySampleBytes)
    dictionary.withPage { scratch.body.append($0.extracting(0..<entryBytes)) }
    let entries = try scratch.compressedBodyByteCount()
    return .init(
      plain: whole(plain, sample, of: count), indices: whole(indexBytes, sample, of: count),
      dictionary: whole(entries, entryBytes, of: dictionary.pageByteCount))
  }

  // MARK: The report

  /// Why the values are encoded as they are; nil before there were any.
  var encodingEntry: EncodingReport.Entry? {
    if let encoding = settings.encoding {
      let full = wasDictionaryFull ? "; PLAIN where the dictionary was full" : ""
      return .init(path: leaf.name, encoding: encoding, reason: "asked for" + full)
    }
    guard let verdict else { return nil }
    let full =
      wasDictionaryFull ? "; \(verdict.fallback) where the dictionary was full" : ""
    return .init(path: leaf.name, encoding: verdict.encoding, reason: verdict.reason + full)
  }
}
