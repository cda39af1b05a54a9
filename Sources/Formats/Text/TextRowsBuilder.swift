internal import Base
internal import Kernels
internal import Records

/// Rows of texts to columns whose types are found as values come.
///
///     let builder = try TextRowsBuilder(options, knownSchema: schema)
///     let status = try builder.column(named: "status")
///     builder.begin(block)
///     for line in block {
///       builder.set(status, 4..<7)
///       builder.endRow(line: number, text: 0..<20, &outcome)
///     }
///     let batch = builder.finish()
///
/// The kind of a column (`TextKind`) widens as values come and never narrows, also from batch to
/// batch; a column begins with its first text that is not empty. Rules:
///
/// - An integer is `0`, or digits that do not begin with 0, with or without a `-`: `007` and `+1`
///   are text. Beyond 64 bits it is a decimal, beyond 38 digits text.
/// - A double has a point or an exponent (`1.5`, `.5`, `1e5`), or is `nan`, `NaN`, `inf`,
///   `Infinity`; beyond the range of doubles it is text.
/// - `true` and `false` are booleans, in any case; dates and times are those of
///   `ISOTime`, in the zone of the options where they name none.
/// - An empty text is null, but in a column of text it stays empty where it was set as a literal.
/// - Where a column becomes text, all of it in the batch comes out as it was written.
///
/// Texts of the block are views into it; bytes that are not UTF-8 become U+FFFD, and their rows
/// are counted. One thread uses a builder.
final class TextRowsBuilder {
  /// When the file at hand was last written, for times that leave out their year.
  var reference: Instant?
  private let times: TextTimes
  private let names: TextColumnNames
  private(set) var columns: [InferredColumn] = []
  /// Columns whose texts are converted as rows end.
  private(set) var convertedPlaces: [Int] = []
  private let nullTexts: [[UInt8]]

  /// Texts of the rows that are not in the columns yet: `chunkRowsMax` for each column.
  private(set) var slots: UnsafeMutablePointer<ByteView>
  /// Whether a column has any in them.
  private(set) var isTouched: UnsafeMutablePointer<Bool>
  private var slotColumns = 16
  private(set) var pendingRows = 0
  private var flushedRows = 0

  /// Texts that were written anew come first, then blocks.
  private var buffers: [[UInt8]] = [[]]
  var own: [UInt8] = []
  /// Where the texts of the row at hand begin in `own`.
  private var ownRowStart = 0
  private var block = LineBlock([])
  /// Rows of the batch that were there before the block.
  private var rowsBeforeBlock = 0
  /// Bytes of the blocks before this one that the batch keeps.
  private var keptByteCount = 0
  private(set) var blockBuffer: UInt32 = 0
  /// Whether texts of the block can be taken without a look at them.
  private(set) var takesTextsAsTheyAre = true
  private var blockIsText = true
  private var rowIsRepaired = false

  /// Rows that slots hold; what is done by the column is done for so many at a time.
  static let chunkRowsMax = 256
  static let columnsMax = 2000

  /// - Parameters:
  ///   - knownSchema: the table's columns so far; those that lie in reserved names are passed over.
  ///   - infersTypes: whether columns that are not declared are more than text.
  ///   - nullTexts: texts that mean null, unless they are set as literals.
  /// - Throws: `.invalidOption` where a declared column cannot be had from text, or for a zone or
  ///   time pattern that is none.
  init(
    _ options: LineOptions, knownSchema: Schema?, infersTypes: Bool = true,
    nullTexts: [String] = []
  ) throws(FormatError) {
    let zone = try options.zoneRules()
    times = TextTimes(zone)
    names = TextColumnNames(options, infersTypes: infersTypes)
    self.nullTexts = nullTexts.map { Array($0.utf8) }.filter { !$0.isEmpty }
    slots = .allocate(capacity: slotColumns * Self.chunkRowsMax)
    slots.initialize(repeating: InferredColumn.nullText, count: slotColumns * Self.chunkRowsMax)
    isTouched = .allocate(capacity: slotColumns)
    isTouched.initialize(repeating: false, count: slotColumns)
    for column in try names.knownColumns(knownSchema) { add(column) }
  }

  deinit {
    slots.deallocate()
    isTouched.deallocate()
  }

  // MARK: Columns

  /// The place of the column that a key fills, which is made where there is none.
  /// - Returns: nil where no column can have the name: `ColumnName.problem` says why.
  /// - Throws: `.nameCollision`, `.tooManyColumns`: the batch cannot go on.
  func column(named key: UnsafeBufferPointer<UInt8>) throws(FormatError) -> Int? {
    if let place = names.place(of: key) { return place }
    guard ColumnName.problem(key) == nil else { return nil }
    let (place, column) = try names.add(key, columns)
    if let column {
      column.appendNulls(flushedRows)
      add(column)
    }
    return place
  }

  /// As `column(named:)` with a name of the format's own, which can be a column's.
  func column(named key: String) throws(FormatError) -> Int {
    let place = try Array(key.utf8).withUnsafeBufferPointer { key throws(FormatError) in
      try column(named: key)
    }
    guard let place else {
      throw FormatError(
        .invalidOption, "no column can be named '\(key)'",
        remedy: "Use 1 to \(JSONRowOptions.nameBytesMax) bytes without control characters.",
        place: key)
    }
    return place
  }

  /// A column of the format's own whose values are set as such, with `set(_:value:)`, or as texts
  /// that must fit.
  /// To be called before the first row.
  /// - Parameters:
  ///   - type: one that `DeclaredText` takes.
  ///   - time: how texts write it, where they do not write ISO 8601.
  /// - Throws: `.invalidOption` where the config declares the column.
  func column(named key: String, type: DataType, time: TimePattern? = nil) throws(FormatError)
    -> Int
  {
    guard let declared = DeclaredText(type, time: time) else {
      throw FormatError(
        .invalidOption, "no text becomes \(type)", remedy: "Use another type.", place: key)
    }
    try names.give(key, declared, &columns)
    let place = try column(named: key)
    if !convertedPlaces.contains(place), columns[place].isConverted {
      convertedPlaces.append(place)
    }
    return place
  }

  private func add(_ column: InferredColumn) {
    if columns.count == slotColumns { growSlots() }
    if column.isConverted { convertedPlaces.append(columns.count) }
    columns.append(column)
  }

  private func growSlots() {
    let count = slotColumns * Self.chunkRowsMax
    let grown = UnsafeMutablePointer<ByteView>.allocate(capacity: 2 * count)
    grown.initialize(from: slots, count: count)
    (grown + count).initialize(repeating: InferredColumn.nullText, count: count)
    slots.deallocate()
    slots = grown
    let touched = UnsafeMutablePointer<Bool>.allocate(capacity: 2 * slotColumns)
    touched.initialize(from: isTouched, count: slotColumns)
    (touched + slotColumns).initialize(repeating: false, count: slotColumns)
    isTouched.deallocate()
    isTouched = touched
    slotColumns *= 2
  }

  // MARK: Rows

  /// Begins a block: the ranges that come lie in it. No row spans two.
  func begin(_ block: LineBlock) {
    flush()
    if flushedRows > rowsBeforeBlock {
      keptByteCount += self.block.bytes.count
    } else if buffers.count > 1 {
      // No row has a text of the block before.
      buffers.removeLast()
    }
    rowsBeforeBlock = flushedRows
    self.block = block
    buffers.append(block.bytes)
    blockBuffer = UInt32(buffers.count - 1)
    blockIsText = TextValidation.isUTF8(block.bytes.span, 0..<block.count)
    takesTextsAsTheyAre = blockIsText && nullTexts.isEmpty
  }

  /// Sets a value of the row at hand: bytes of the block as they are.
  /// - Parameter isLiteral: whether an empty text, or one that else means null, is just that.
  @inline(__always)
  func set(_ column: Int, _ range: Range<Int>, isLiteral: Bool = false) {
    if !takesTextsAsTheyAre { return setChecked(column, range, isLiteral) }
    precondition(range.upperBound <= block.count && column < columns.count)
    setSlot(
      column,
      range.isEmpty && !isLiteral
        ? InferredColumn.nullText
        : ByteView(
          buffer: blockBuffer, offset: UInt32(truncatingIfNeeded: range.lowerBound),
          length: UInt32(truncatingIfNeeded: range.count)))
  }

  @inline(__always)
  private func setSlot(_ column: Int, _ view: ByteView) {
    slots[column &* Self.chunkRowsMax &+ pendingRows] = view
    isTouched[column] = true
  }

  private func setChecked(_ column: Int, _ range: Range<Int>, _ isLiteral: Bool) {
    precondition(range.upperBound <= block.count && column < columns.count)
    let bytes = block.bytes[range]
    var isText = blockIsText
    if !isText { isText = TextValidation.isUTF8(block.bytes.span, range) }
    if !isLiteral, bytes.isEmpty || isNull(bytes) {
      setSlot(column, InferredColumn.nullText)
    } else if isText {
      setSlot(
        column,
        ByteView(
          buffer: blockBuffer, offset: UInt32(range.lowerBound), length: UInt32(range.count)))
    } else {
      setRepaired(column, bytes)
    }
  }

  /// Whether a text means null, and none is empty.
  func isNull(_ text: some Collection<UInt8>) -> Bool {
    nullTexts.contains { $0.count == text.count && $0.elementsEqual(text) }
  }

  /// Sets a value of the row at hand: a text that does not stand in the block as it is.
  /// - Parameter isLiteral: whether an empty text, or one that else means null, is just that.
  func set(_ column: Int, text: some Collection<UInt8>, isLiteral: Bool = false) {
    precondition(column < columns.count)
    if !isLiteral, text.isEmpty || isNull(text) {
      return setSlot(column, InferredColumn.nullText)
    }
    let start = own.count
    own.append(contentsOf: text)
    if TextValidation.isUTF8(own.span, start..<own.count) {
      setSlot(
        column,
        ByteView(buffer: 0, offset: UInt32(start), length: UInt32(own.count - start)))
    } else {
      own.removeLast(own.count - start)
      setRepaired(column, text)
    }
  }

  private func setRepaired(_ column: Int, _ bytes: some Collection<UInt8>) {
    let start = own.count
    own.append(contentsOf: String(decoding: bytes, as: UTF8.self).utf8)
    rowIsRepaired = true
    setSlot(
      column, ByteView(buffer: 0, offset: UInt32(start), length: UInt32(own.count - start)))
  }

  /// Sets a value of the row at hand in a column whose type is given: days, microseconds, 0 and 1,
  /// an integer, or an unscaled decimal.
  func set(_ column: Int, value: Int64) {
    precondition(columns[column].isConverted)
    columns[column].pending[pendingRows] = Int128(value)
    setSlot(column, Self.valueSlot)
  }

  /// Stands for a value that was set as such.
  private static let valueSlot = ByteView(buffer: ParseTextColumn.null - 1, offset: 0, length: 1)

  /// Ends the row; goes on with an empty one.
  /// - Returns: nil; or why it is none: nothing of it is kept then.
  func endRow() -> String? {
    if !convertedPlaces.isEmpty, let problem = convert() {
      abandonRow()
      return problem
    }
    rowIsRepaired = false
    ownRowStart = own.count
    pendingRows += 1
    if pendingRows == Self.chunkRowsMax { flush() }
    return nil
  }

  /// Ends the row, and tells the outcome what became of it.
  /// - Parameter text: of the record, in the block.
  func endRow(line: Int, text: Range<Int>, _ outcome: inout LineOutcome) {
    let isRepaired = rowIsRepaired
    if let reason = endRow() {
      outcome.rejects.append(LineReject(line: line, bytes: block.bytes[text], reason: reason))
    } else {
      outcome.rowLines.append(line)
      if isRepaired { outcome.repairedCount += 1 }
    }
  }

  /// Ends rows that `fillRows` filled, where none is converted.
  func endRows(_ count: Int) {
    ownRowStart = own.count
    pendingRows += count
    if pendingRows == Self.chunkRowsMax { flush() }
  }

  /// Forgets what was set since the last row.
  func abandonRow() {
    rowIsRepaired = false
    own.removeLast(own.count - ownRowStart)
    for column in columns.indices {
      slots[column * Self.chunkRowsMax + pendingRows] = InferredColumn.nullText
    }
  }

  /// Makes values of the texts in columns whose type is given.
  private func convert() -> String? {
    for place in convertedPlaces {
      let column = columns[place]
      let view = slots[place * Self.chunkRowsMax + pendingRows]
      if view == Self.valueSlot { continue }
      var bits: Int128? = 0
      if view.buffer != ParseTextColumn.null, view.length > 0 {
        bits = withBytes(view) { column.declared?.bits($0, reference: reference) }
      }
      guard let bits else { return misfit(column, view) }
      column.pending[pendingRows] = bits
    }
    return nil
  }

  private func misfit(_ column: InferredColumn, _ view: ByteView) -> String {
    let text = withBytes(view) { text in
      String(decoding: text.prefix(60), as: UTF8.self) + (text.count > 60 ? "…" : "")
    }
    let type = column.declared.map { "\($0.type)" } ?? "value"
    return "the value of '\(column.name)' is no \(type): '\(text)'"
  }

  private func withBytes<Result>(
    _ view: ByteView, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    own.reserveCapacity(own.count + LineBlock.padding)
    let range = Int(view.offset)..<Int(view.offset) + Int(view.length)
    return (view.buffer == 0 ? own : block.bytes).withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[range]))
    }
  }

  // MARK: Batches

  var rowCount: Int { flushedRows + pendingRows }

  /// Bytes of column memory so far, not counting the last few rows; at least those of the blocks
  /// that rows have texts in.
  var byteCount: Int { max(keptByteCount, columns.reduce(0) { $0 + $1.byteCount }) }

  /// Moves the rows in the slots into the columns.
  private func flush() {
    let rows = pendingRows
    guard rows > 0 else { return }
    own.reserveCapacity(own.count + LineBlock.padding)
    own.withUnsafeBufferPointer { own in
      block.bytes.withUnsafeBufferPointer { block in
        guard let own = own.baseAddress, let block = block.baseAddress else { return }
        for (place, column) in columns.enumerated() {
          guard isTouched[place] else {
            column.appendNulls(rows)
            continue
          }
          let first = slots + place * Self.chunkRowsMax
          column.append(TextChunk(first, count: rows, own: own, block: block, times: times))
          first.update(repeating: InferredColumn.nullText, count: rows)
          isTouched[place] = false
        }
      }
    }
    flushedRows += rows
    pendingRows = 0
  }

  /// The rows so far as a batch; goes on with none, with the types found, and with the block.
  func finish() -> Batch {
    flush()
    buffers[0] = own
    var fields: [Field] = []
    var taken: [Column] = []
    for column in columns {
      if let values = column.take(buffers) {
        fields.append(Field(column.name, values.type))
        taken.append(values)
      }
    }
    let rows = flushedRows
    flushedRows = 0
    rowsBeforeBlock = 0
    own = []
    ownRowStart = 0
    buffers = [[], block.bytes]
    keptByteCount = 0
    blockBuffer = 1
    return Batch(schema: Schema(fields), columns: taken, rowCount: rows)
  }
}
