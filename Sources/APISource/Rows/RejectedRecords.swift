internal import Records

/// Records that are no rows, for the stream's side table `rejects`.
struct RejectedRecords {
  private var requests = BytesBuilder()
  private var numbers = FixedBuilder<Int64>()
  private var texts = BytesBuilder()
  private var reasons = BytesBuilder()

  /// What is kept of a record.
  static let textBytesMax = 65_536

  var isEmpty: Bool { numbers.count == 0 }
  var isFull: Bool { numbers.count >= 1000 || texts.byteCount >= 1 << 20 }

  /// - Parameters:
  ///   - request: the page's address, without secrets.
  ///   - record: its place on the page, from 1.
  mutating func append(request: String, record: Int, text: String, reason: String) {
    requests.append(request)
    numbers.append(Int64(record))
    texts.append(String(decoding: text.utf8.prefix(Self.textBytesMax), as: UTF8.self))
    reasons.append(reason)
  }

  mutating func finish() -> Batch {
    let columns = [
      requests.finish(.string), numbers.finish(.int64), texts.finish(.string),
      reasons.finish(.string),
    ]
    let names = ["request", "record", "text", "reason"]
    let fields = zip(names, columns).map { Field($0, $1.type, isNullable: false) }
    return Batch(schema: Schema(fields), columns: columns, rowCount: columns[0].count)
  }
}
