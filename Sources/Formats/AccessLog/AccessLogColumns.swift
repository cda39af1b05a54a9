internal import Kernels
internal import Records

/// The columns of an access log under construction.
struct AccessLogColumns {
  private let isCombined: Bool
  private var hasExtra: Bool
  private(set) var rowCount = 0
  private var host = TextColumn()
  private var ident = TextColumn()
  private var user = TextColumn()
  private var time: [Int64] = []
  private var method = TextColumn()
  private var path = TextColumn()
  private var version = TextColumn()
  private var request = TextColumn()
  private var status: [Int32] = []
  private var statusValidity = ColumnBits()
  private var bytes: [Int64] = []
  private var bytesValidity = ColumnBits()
  private var referer = TextColumn()
  private var agent = TextColumn()
  private var extra = TextColumn()

  init(isCombined: Bool, hasExtra: Bool) {
    self.isCombined = isCombined
    self.hasExtra = hasExtra
  }

  var byteCount: Int {
    let texts = [host, ident, user, method, path, version, request, referer, agent, extra]
    return texts.reduce(rowCount * 20) { $0 + $1.byteCount }
  }

  /// Says in which block the ranges that come lie.
  mutating func begin(_ block: [UInt8]) {
    host.begin(block)
    ident.begin(block)
    user.begin(block)
    method.begin(block)
    path.begin(block)
    version.begin(block)
    request.begin(block)
    referer.begin(block)
    agent.begin(block)
    extra.begin(block)
  }

  /// - Parameter isPlain: whether the texts are UTF-8 without escapes, so that they can stay
  ///   where they are.
  mutating func append(
    _ line: ScanAccessLine, isPlain: Bool, _ block: UnsafeBufferPointer<UInt8>
  ) {
    rowCount += 1
    host.append(line.host, isPlain, block)
    ident.append(line.ident, isPlain, block)
    user.append(line.user, isPlain, block)
    time.append(line.time)
    method.append(line.method, isPlain, block)
    path.append(line.path, isPlain, block)
    version.append(line.version, isPlain, block)
    request.append(line.version.isEmpty ? line.request : 0..<0, isPlain, block)
    status.append(line.status ?? 0)
    statusValidity.append(line.status != nil)
    bytes.append(line.bytes ?? 0)
    bytesValidity.append(line.bytes != nil)
    guard isCombined else { return }
    referer.append(line.referer, isPlain, block)
    agent.append(line.agent, isPlain, block)
    if hasExtra || !line.extra.isEmpty {
      if !hasExtra {
        hasExtra = true
        extra.appendNulls(rowCount - 1)
      }
      extra.append(line.extra, isPlain, block)
    }
  }

  /// The rows; goes on with none, and with the last block.
  mutating func finish() -> Batch {
    let count = rowCount
    func bitmap(_ words: [UInt64]?) -> Bitmap? { words.map { Bitmap(words: $0, count: count) } }
    var fields: [Field] = []
    var columns: [Column] = []
    func add(_ name: String, _ column: Column) {
      fields.append(Field(name, column.type))
      columns.append(column)
    }
    let timeType = DataType.timestamp(.microseconds, isUTC: true)
    add("remote_host", host.finish())
    add("ident", ident.finish())
    add("user", user.finish())
    add("time", Column(type: timeType, count: count, values: .int64(time)))
    add("method", method.finish())
    add("path", path.finish())
    add("protocol", version.finish())
    add("request", request.finish())
    add(
      "status",
      Column(
        type: .int32, count: count, validity: bitmap(statusValidity.take()), values: .int32(status))
    )
    add(
      "bytes",
      Column(
        type: .int64, count: count, validity: bitmap(bytesValidity.take()), values: .int64(bytes)))
    if isCombined {
      add("referer", referer.finish())
      add("user_agent", agent.finish())
      if hasExtra { add("extra", extra.finish()) }
    }
    time.removeAll()
    status.removeAll()
    bytes.removeAll()
    rowCount = 0
    return Batch(schema: Schema(fields), columns: columns, rowCount: count)
  }
}

/// A column of texts, each in the block at hand or written anew.
struct TextColumn {
  private var views = TextViews()
  private var validity = ColumnBits()
  private var count = 0
  private var block: [UInt8] = []
  /// The block's place in the views; 0 until the first text of it.
  private var buffer: UInt32 = 0

  var byteCount: Int { views.byteCount + count * 12 }

  mutating func begin(_ block: [UInt8]) {
    self.block = block
    buffer = 0
  }

  mutating func appendNulls(_ rows: Int) {
    views.appendNulls(rows)
    validity.append(false, count: rows)
    count += rows
  }

  /// Appends null where the range is empty.
  mutating func append(
    _ range: Range<Int>, _ isPlain: Bool, _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    count += 1
    if range.isEmpty {
      views.appendNulls(1)
      validity.append(false)
      return
    }
    validity.append(true)
    if isPlain {
      if buffer == 0 { buffer = views.bufferIndex(block) }
      views.append(buffer: buffer, offset: range.lowerBound, length: range.count)
    } else {
      let decoded = scanDecodeEscapes(bytes[range])
      views.append { $0.append(contentsOf: decoded) }
    }
  }

  /// Appends a text that was written anew.
  mutating func append(copying bytes: some Collection<UInt8>) {
    count += 1
    validity.append(true)
    views.append { $0.append(contentsOf: bytes) }
  }

  /// - Parameter type: `.string`, or `.json` where all texts are documents.
  mutating func finish(_ type: DataType = .string) -> Column {
    defer {
      count = 0
      buffer = 0
    }
    let valid = validity.take().map { Bitmap(words: $0, count: count) }
    return Column(type: type, count: count, validity: valid, values: .bytes(views.take()))
  }
}
