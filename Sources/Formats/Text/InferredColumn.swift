internal import Kernels
internal import Records

/// A column of texts under construction, and the values that they have been found to be.
///
/// The texts' places are kept beside the values until the batch is finished, so that all of them
/// come out as they were written where the column turns out to be text.
final class InferredColumn {
  let name: String
  /// The key that fills it; nil while none has.
  var key: String?
  let declared: DeclaredText?
  /// Values of the rows that are not in the column yet, where its type is given: bits of the
  /// physical type.
  var pending: [Int128]
  private(set) var kind: TextKind
  private(set) var count = 0
  private var texts: [ByteView] = []
  private var textByteCount = 0

  // What `kind`, or the declared type, says is filled; the others are empty.
  private var booleans: [UInt8] = []
  private var integers: [Int64] = []
  private var decimals: [Int128] = []
  private var doubles: [Double] = []
  private var days: [Int32] = []

  static let nullText = ByteView(buffer: ParseTextColumn.null, offset: 0, length: 0)

  /// - Parameter rows: that the batch has already, which are null.
  init(name: String, kind: TextKind, rows: Int = 0) {
    self.name = name
    self.kind = kind
    declared = nil
    pending = []
    appendNulls(rows)
  }

  init(name: String, declared: DeclaredText, rows: Int = 0) {
    self.name = name
    self.declared = declared
    kind = .string
    pending = declared.isText ? [] : Array(repeating: 0, count: TextRowsBuilder.chunkRowsMax)
    appendNulls(rows)
  }

  /// Whether values are converted, to a type that is given.
  var isConverted: Bool { !pending.isEmpty }

  var byteCount: Int {
    let values =
      booleans.count + days.count * 4 + (integers.count + doubles.count) * 8 + decimals.count * 16
    return texts.count * 12 + textByteCount + values
  }

  // MARK: Appending

  func appendNulls(_ rows: Int) {
    guard rows > 0 else { return }
    texts.append(contentsOf: repeatElement(Self.nullText, count: rows))
    if isConverted {
      appendPending(rows) { _ in 0 }
    } else {
      appendZeros(rows)
    }
    count += rows
  }

  private func appendZeros(_ rows: Int) {
    switch kind {
    case .undetermined, .string: break
    case .boolean: booleans.append(contentsOf: repeatElement(0, count: rows))
    case .integer, .timestamp: integers.append(contentsOf: repeatElement(0, count: rows))
    case .decimal: decimals.append(contentsOf: repeatElement(0, count: rows))
    case .double: doubles.append(contentsOf: repeatElement(0, count: rows))
    case .date: days.append(contentsOf: repeatElement(0, count: rows))
    }
  }

  func append(_ chunk: TextChunk) {
    texts.append(contentsOf: UnsafeBufferPointer(start: chunk.views, count: chunk.count))
    textByteCount += ParseTextColumn.byteCount(chunk.views, count: chunk.count)
    if isConverted {
      appendPending(chunk.count) { pending[$0] }
    } else {
      var row = 0
      while kind != .string {
        row += convert(chunk, row..<chunk.count)
        if row == chunk.count { break }
        widen(to: kind.widened(with: chunk.kind(row)), rows: count + row)
      }
    }
    count += chunk.count
  }

  private func appendPending(_ rows: Int, _ bits: (Int) -> Int128) {
    switch declared?.type.physicalType {
    case .float, .double:
      for row in 0..<rows {
        doubles.append(Double(bitPattern: UInt64(truncatingIfNeeded: bits(row))))
      }
    case .int128: for row in 0..<rows { decimals.append(bits(row)) }
    default: for row in 0..<rows { integers.append(Int64(truncatingIfNeeded: bits(row))) }
    }
  }

  /// Appends the values of texts up to the first that is of another kind.
  private func convert(_ chunk: TextChunk, _ rows: Range<Int>) -> Int {
    switch kind {
    case .undetermined: return chunk.leadingNulls(rows)
    case .boolean:
      return Self.extend(&booleans, rows.count, 0) {
        ParseTextColumn.booleans(chunk.texts, rows, into: $0)
      }
    case .integer:
      return Self.extend(&integers, rows.count, 0) {
        ParseTextColumn.integers(chunk.texts, rows, into: $0)
      }
    case .double:
      return Self.extend(&doubles, rows.count, 0) {
        ParseTextColumn.doubles(chunk.texts, rows, into: $0)
      }
    case .decimal: return chunk.values(rows, TextNumber.wide, zero: 0, into: &decimals)
    case .date: return chunk.values(rows, chunk.times.date, zero: 0, into: &days)
    case .timestamp: return chunk.values(rows, chunk.times.timestamp, zero: 0, into: &integers)
    case .string: return rows.count
    }
  }

  /// Appends values that `parse` writes, as many as it says.
  private static func extend<Value>(
    _ values: inout [Value], _ count: Int, _ zero: Value,
    _ parse: (UnsafeMutablePointer<Value>) -> Int
  ) -> Int {
    let start = values.count
    values.append(contentsOf: repeatElement(zero, count: count))
    let done = values.withUnsafeMutableBufferPointer { values in
      values.baseAddress.map { parse($0 + start) } ?? 0
    }
    values.removeLast(count - done)
    return done
  }

  // MARK: Widening

  /// Makes the values of the first rows those of a wider kind.
  private func widen(to wider: TextKind, rows: Int) {
    let before = kind
    kind = wider
    switch (before, wider) {
    case (.undetermined, _): appendZeros(rows)
    case (.integer, .decimal): decimals = integers.map { Int128($0) }
    case (.integer, .double): doubles = integers.map { Double($0) }
    case (.decimal, .double): doubles = decimals.map { Double($0) }
    case (.date, .timestamp): integers = days.map { Int64($0) * 86_400_000_000 }
    default: break
    }
    if wider != .boolean { booleans = [] }
    if wider != .integer && wider != .timestamp { integers = [] }
    if wider != .decimal { decimals = [] }
    if wider != .double { doubles = [] }
    if wider != .date { days = [] }
  }

  // MARK: Finishing

  /// The column, or nil while it has no type; it goes on with no rows, and with the type.
  /// - Parameter buffers: which the texts' buffers number.
  func take(_ buffers: [[UInt8]]) -> Column? {
    defer {
      count = 0
      textByteCount = 0
      texts.removeAll(keepingCapacity: true)
      booleans.removeAll()
      integers.removeAll()
      decimals.removeAll()
      doubles.removeAll()
      days.removeAll()
    }
    guard let type = declared?.type ?? kind.type else { return nil }
    let isText = type.physicalType == .bytes
    let valid = validity(countsEmpty: isText)
    if isText {
      let values = ByteColumn(views: texts, buffers: buffers)
      // Let go of, so that clearing does not copy.
      texts = []
      return Column(type: type, count: count, validity: valid, values: .bytes(values))
    }
    return Column(type: type, count: count, validity: valid, values: values(type.physicalType))
  }

  private func validity(countsEmpty: Bool) -> Bitmap? {
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    let present = texts.withUnsafeMutableBytes { texts in
      words.withUnsafeMutableBufferPointer { words in
        guard let texts = texts.baseAddress, let words = words.baseAddress else { return 0 }
        return ParseTextColumn.presence(texts, count: count, countsEmpty: countsEmpty, into: words)
      }
    }
    return present == count ? nil : Bitmap(words: words, count: count)
  }

  private func values(_ physical: PhysicalType) -> Column.Values {
    switch physical {
    case .boolean:
      let bits = isConverted ? integers.map { $0 != 0 } : booleans.map { $0 != 0 }
      return .boolean(Bitmap(bits))
    case .int32:
      return .int32(isConverted ? integers.map { Int32(truncatingIfNeeded: $0) } : days)
    case .int128: return .int128(decimals)
    case .float: return .float(doubles.map { Float($0) })
    case .double: return .double(doubles)
    default: return .int64(integers)
    }
  }
}
