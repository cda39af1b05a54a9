internal import CKernels

/// Records of delimited fields (CSV and its kin), found in bytes that begin with a record.
///
///     a,"b, with ""quotes""",c
///       └ is_quoted, has_escapes
///
/// Behind the bytes given, 16 more may be read. Nothing is allocated but room for the fields of a record.
public struct ScanDelimited: Sendable {
  private var dialect: tm_dialect
  private var room: [tm_field]
  /// Fields of the last record.
  public private(set) var count = 0

  /// One field: where its text lies, without quotes around it.
  public struct Field: Sendable {
    public let range: Range<Int>
    public let isQuoted: Bool
    /// Whether doubled quotes or escapes are in it.
    public let hasEscapes: Bool
  }

  public enum Outcome: Sendable {
    /// The record is whole; the place is that behind it.
    case whole
    /// A quote opens and does not close; the place is that of the quote.
    case unclosed
    /// A quote opens and closes where no field ends; the place is that of the one that opens.
    case malformed
  }

  /// - Parameters:
  ///   - escape: makes the next byte part of the text; nil where only doubled quotes do so.
  ///   - trims: whether spaces around fields and quotes do not count.
  ///   - comment: what a line begins with that is no record; its first 8 bytes count.
  ///   - capacity: fields of a record that are kept at most.
  public init(
    delimiter: UInt8, quote: UInt8?, escape: UInt8? = nil, trims: Bool = false,
    comment: [UInt8] = [], capacity: Int = 0
  ) {
    dialect = tm_dialect()
    dialect.delimiter = delimiter
    dialect.quote = quote ?? 0
    dialect.escape = escape ?? 0
    dialect.trims = trims ? 1 : 0
    dialect.comment_count = UInt8(min(comment.count, 8))
    withUnsafeMutableBytes(of: &dialect.comment) { $0.copyBytes(from: comment.prefix(8)) }
    room = Array(repeating: tm_field(), count: capacity)
  }

  /// How many fields of a record are kept at most.
  public var capacity: Int { room.count }

  /// A field of the last record.
  /// - Precondition: index < min(count, capacity).
  public subscript(index: Int) -> Field {
    let field = room[index]
    return Field(
      range: Int(field.start)..<Int(field.start) + Int(field.length),
      isQuoted: field.is_quoted != 0, hasEscapes: field.has_escapes != 0)
  }

  /// Finds the fields of the record at a place, which ends with a newline or with the range.
  public mutating func record(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> (
    outcome: Outcome, place: Int
  ) {
    var place = 0
    let code = room.withUnsafeMutableBufferPointer { room in
      tm_delimited_record(
        bytes, range.lowerBound, range.upperBound, &dialect, room.baseAddress, room.count, &count,
        &place)
    }
    switch Int(code) {
    case TM_RECORD_WHOLE: return (.whole, place)
    case TM_RECORD_UNCLOSED: return (.unclosed, place)
    default: return (.malformed, place)
    }
  }

  /// What rows need besides their slots: texts that do not stand in the bytes as they are, and how
  /// many newlines each row has.
  public final class Room {
    fileprivate var room = tm_delimited_room()

    /// - Parameters:
    ///   - rows: that are filled at once at most.
    ///   - byteCount: of texts; a row that needs more is no ordinary one.
    public init(rows: Int, byteCount: Int = 1 << 18) {
      room.texts = .allocate(capacity: byteCount + 32)
      room.capacity = byteCount
      room.newlines = .allocate(capacity: rows)
      room.newlines.initialize(repeating: 0, count: rows)
    }

    deinit {
      room.texts.deallocate()
      room.newlines.deallocate()
    }

    /// The texts of the rows filled last.
    public var texts: UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(start: room.texts, count: room.count)
    }

    /// The newlines in a row of those filled last, from 0.
    /// - Precondition: row < the rows filled.
    public func newlineCount(_ row: Int) -> Int { Int(room.newlines[row]) }
  }

  /// Puts the fields of ordinary records (as many as `places`, no escapes, nothing to trim) as texts
  /// into columns of slots, up to the first that is another.
  /// - Parameters:
  ///   - position: moves behind them.
  ///   - places: of the columns that the fields go to; each has `stride` slots.
  ///   - buffer: of the texts, as in `ParseTextColumn`; those of the room are to become texts of
  ///     buffer 0 from `first` on.
  ///   - rows: to fill at most, no more than the room is for. The slots of the row behind the last may be written over.
  /// - Returns: how many rows were filled.
  public mutating func rows(
    _ bytes: UnsafePointer<UInt8>, _ position: inout Int, end: Int, places: [UInt32],
    buffer: UInt32, room: Room, first: UInt32, into slots: UnsafeMutableRawPointer, stride: Int,
    rows: Range<Int>
  ) -> Int {
    room.room.first = first
    return tm_delimited_rows(
      bytes, &position, end, &dialect, places, places.count, buffer, &room.room,
      slots.assumingMemoryBound(to: tm_text.self), stride, rows.lowerBound, rows.upperBound)
  }

  /// The end of the last whole record.
  /// - Parameters:
  ///   - bytes: begin with a record.
  ///   - count: how many of them to look at; the last one is a newline.
  ///   - delimiters: behind any of which a quote opens a field.
  /// - Returns: 0 where the first record may go on. A record with a quote at fault ends with its
  ///   first line.
  public func lastEnd(in bytes: [UInt8], count: Int, delimiters: [UInt8]) -> Int {
    precondition(count <= bytes.count)
    if bytes.capacity < count + 16 {
      var padded = Array(bytes[..<count])
      padded.reserveCapacity(count + 16)
      return lastEnd(in: padded, count: count, delimiters: delimiters)
    }
    var dialect = dialect
    return bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      return tm_delimited_last_end(base, count, &dialect, delimiters, delimiters.count)
    }
  }
}
