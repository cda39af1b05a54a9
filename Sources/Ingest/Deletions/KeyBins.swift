internal import Base

/// The keys of the source and of the table, sorted by their digests into bins that fit in memory
/// one after another: in files, so that their number does not matter.
///
///     source   digest
///     table    digest │ 4 · version + what is said │ length │ key, of rows
struct KeyBins {
  /// What a bin's keys may take when they are compared.
  let memoryBytes: Int
  private let source: SpillFile
  private let table: SpillFile
  private let name: String
  private let level: Int
  private var record: [UInt8] = []

  private static let binCountMax = 1024
  private static let binCountOfLevel = 32
  private static let levelMax = 5
  /// Of a key in the table: what is remembered of it while a bin is compared.
  private static let entryBytes = MemoryLayout<Entry>.stride
  private static let headerBytes = KeyDigest.byteCount + 12

  /// - Parameters:
  ///   - rowCount: rows of the table that are about to come.
  ///   - memoryBytes: what the bins may take, without what is read at the time.
  ///   - name: of the temporary files.
  init(rowCount: Int, memoryBytes: Int, name: String) throws(IngestError) {
    // Half of it is for the pieces on their way to the files; bins are not quite of one size.
    let expected = rowCount.multipliedReportingOverflow(by: Self.entryBytes * 4)
    let wanted = expected.overflow ? Self.binCountMax : expected.partialValue / max(1, memoryBytes)
    try self.init(
      binCount: min(max(16, wanted), Self.binCountMax, max(16, memoryBytes / 20_000)),
      memoryBytes: memoryBytes / 2, name: name, level: 0)
  }

  private init(
    binCount: Int, memoryBytes: Int, name: String, level: Int
  ) throws(IngestError) {
    self.memoryBytes = memoryBytes
    self.name = name
    self.level = level
    source = try SpillFile(binCount: binCount, name: name + "-source")
    table = try SpillFile(binCount: binCount, name: name + "-table")
  }

  mutating func addSource(_ digest: KeyDigest) throws(IngestError) {
    record.removeAll(keepingCapacity: true)
    digest.append(to: &record)
    try source.append(record, toBin: digest.bin(of: source.binCount, level: level))
  }

  /// What the table and its deleted keys say of a key.
  enum Statement: UInt64 {
    /// A row of it was read.
    case row = 0
    case gone = 1
    /// It is in the source again, although no row of it was read.
    case back = 2
  }

  /// - Parameter version: of the stream, that brought the statement.
  mutating func addTable(
    _ digest: KeyDigest, _ key: ArraySlice<UInt8>, version: Int, _ statement: Statement
  ) throws(IngestError) {
    record.removeAll(keepingCapacity: true)
    digest.append(to: &record)
    KeyDigest.append(UInt64(clamping: version) << 2 | statement.rawValue, to: &record)
    let length = statement == .row ? UInt64(key.count) : 0
    for shift in 0..<4 { record.append(UInt8(truncatingIfNeeded: length >> UInt64(shift * 8))) }
    if statement == .row { record += key }
    try table.append(record, toBin: digest.bin(of: table.binCount, level: level))
  }

  var binCount: Int { table.binCount }

  /// In what the source and a bin of the table differ.
  struct Finding {
    /// Keys that are in the table and not known to be gone.
    var presentCount = 0
    /// Those of them that the source has not.
    var goneCount = 0
    /// Keys that are known to be gone, and that the source has.
    var backCount = 0

    static func += (sum: inout Finding, more: Finding) {
      sum.presentCount += more.presentCount
      sum.goneCount += more.goneCount
      sum.backCount += more.backCount
    }
  }

  /// Compares one bin.
  /// - Parameter found: gets each key that is gone or back once.
  func compare(bin: Int, _ found: (ArraySlice<UInt8>, Statement) throws -> Void) throws -> Finding {
    let needed = table.byteCount(ofBin: bin) / Self.headerBytes * Self.entryBytes
    let fits = needed + source.byteCount(ofBin: bin) <= memoryBytes
    if fits || level == Self.levelMax { return try compareInMemory(bin, found) }
    let parts = try divided(bin)
    var finding = Finding()
    for part in 0..<parts.binCount {
      finding += try parts.compare(bin: part, found)
    }
    return finding
  }

  /// A bin's keys in bins of their own.
  private func divided(_ bin: Int) throws -> KeyBins {
    let parts = try KeyBins(
      binCount: Self.binCountOfLevel, memoryBytes: memoryBytes, name: "\(name)-\(level)-\(bin)",
      level: level + 1)
    try sourceDigests(bin) { digest in
      var record: [UInt8] = []
      digest.append(to: &record)
      try parts.source.append(
        record, toBin: digest.bin(of: parts.source.binCount, level: parts.level))
    }
    try tableRecords(bin) { record in
      let digest = KeyDigest(at: 0, in: record)
      try parts.table.append(
        record, toBin: digest.bin(of: parts.table.binCount, level: parts.level))
    }
    return parts
  }

  // MARK: One bin in memory

  /// What the table says of a key: the last version that brought a row of it or said that it was
  /// back, and the last that said it was gone; 0 where none did.
  private struct Entry {
    var digest: KeyDigest
    var there: UInt64
    var gone: UInt64

    var statement: Statement { there > gone ? .gone : .back }
  }

  private func compareInMemory(
    _ bin: Int, _ found: (ArraySlice<UInt8>, Statement) throws -> Void
  ) throws -> Finding {
    var entries = try self.entries(bin)
    entries.removeAll { $0.there == 0 }
    var finding = Finding(presentCount: entries.count { $0.there > $0.gone })
    if entries.isEmpty { return finding }
    var present: [KeyDigest] = []
    present.reserveCapacity(source.byteCount(ofBin: bin) / KeyDigest.byteCount)
    try sourceDigests(bin) { present.append($0) }
    present.sort()
    var index = 0
    entries.removeAll { entry in
      while index < present.count && present[index] < entry.digest { index += 1 }
      let isInSource = index < present.count && present[index] == entry.digest
      return isInSource == (entry.there > entry.gone)
    }
    if entries.isEmpty { return finding }
    try tableRecords(bin) { record in
      guard record.count > Self.headerBytes,
        let index = Self.index(of: KeyDigest(at: 0, in: record), in: entries),
        entries[index].there > 0
      else { return }
      let statement = entries[index].statement
      if statement == .gone { finding.goneCount += 1 } else { finding.backCount += 1 }
      // Told once, however many versions there are.
      entries[index].there = 0
      try found(record[Self.headerBytes...], statement)
    }
    return finding
  }

  private func entries(_ bin: Int) throws -> [Entry] {
    var entries: [Entry] = []
    var countMax = max(4096, memoryBytes / Self.entryBytes)
    try tableRecords(bin) { record in
      let word = KeyDigest.word(record[...], KeyDigest.byteCount, 8)
      let isGone = Statement(rawValue: word & 3) == .gone
      entries.append(
        Entry(
          digest: KeyDigest(at: 0, in: record), there: isGone ? 0 : word >> 2,
          gone: isGone ? word >> 2 : 0))
      if entries.count >= countMax {
        Self.merge(&entries)
        countMax = max(countMax, entries.count * 2)
      }
    }
    Self.merge(&entries)
    return entries
  }

  /// One entry a key, in order.
  private static func merge(_ entries: inout [Entry]) {
    entries.sort { $0.digest < $1.digest }
    var count = 0
    for index in entries.indices {
      let entry = entries[index]
      if count > 0, entries[count - 1].digest == entry.digest {
        entries[count - 1].there = max(entries[count - 1].there, entry.there)
        entries[count - 1].gone = max(entries[count - 1].gone, entry.gone)
      } else {
        entries[count] = entry
        count += 1
      }
    }
    entries.removeLast(entries.count - count)
  }

  private static func index(of digest: KeyDigest, in entries: [Entry]) -> Int? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].digest < digest { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].digest == digest ? low : nil
  }

  // MARK: Records

  private func sourceDigests(_ bin: Int, _ body: (KeyDigest) throws -> Void) throws {
    var rest: [UInt8] = []
    try source.read(bin: bin) { bytes in
      rest += bytes
      var start = 0
      while rest.count - start >= KeyDigest.byteCount {
        try body(KeyDigest(at: start, in: rest))
        start += KeyDigest.byteCount
      }
      rest.removeFirst(start)
    }
  }

  private func tableRecords(_ bin: Int, _ body: ([UInt8]) throws -> Void) throws {
    var rest: [UInt8] = []
    try table.read(bin: bin) { bytes in
      rest += bytes
      var start = 0
      while rest.count - start >= Self.headerBytes {
        let length = Int(KeyDigest.word(rest[...], start + Self.headerBytes - 4, 4))
        let end = start + Self.headerBytes + length
        if end > rest.count { break }
        try body(Array(rest[start..<end]))
        start = end
      }
      rest.removeFirst(start)
    }
  }
}
