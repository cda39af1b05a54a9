internal import Base
internal import Records

/// A column whose type the config gives, and how JSON values become values of it.
struct DeclaredColumn {
  let field: Field
  let kind: JSONColumn.Kind
  /// The elements of a list, or the fields of a struct.
  let inner: [DeclaredColumn]
  /// How its dates or timestamps are written.
  private let time: TimePattern

  /// - Throws: `.invalidOption` for types that no JSON value becomes.
  init(_ field: Field, _ time: TimePattern? = nil) throws(FormatError) {
    self.field = field
    self.time = time ?? .iso8601
    var inner: [DeclaredColumn] = []
    switch field.type {
    case .boolean: kind = .boolean
    case .int8, .int16, .int32, .int64, .date, .timestamp(.microseconds, _): kind = .integer
    case .decimal(let precision, _) where precision <= 18: kind = .integer
    case .float32, .float64: kind = .double
    case .string: kind = .string
    case .json: kind = .json
    case .list(let element):
      kind = .list
      inner = [try DeclaredColumn(element, time)]
    case .structure(let fields):
      kind = .structure
      for field in fields { inner.append(try DeclaredColumn(field, time)) }
    default:
      throw FormatError(
        .invalidOption, "a column of JSON lines cannot be declared as \(field.type)",
        remedy: "Use boolean, tinyint, smallint, int, bigint, float, double, decimal(p,s) of up to "
          + "18 digits, date, timestamp, string, json, array<…> or struct<…:…>.",
        place: field.name)
    }
    self.inner = inner
  }

  /// Whether values of the type have other slots than they came with.
  var changesSlots: Bool {
    switch kind {
    case .string, .json, .list, .structure: false
    default: true
    }
  }

  /// The slot for the value in a column of the type; nil where it does not fit. Arrays are looked
  /// into, objects are not: their members have slots of their own.
  func convert(_ slot: JSONSlot, _ chunk: JSONChunk) -> JSONSlot? {
    switch field.type {
    case .string, .json: return slot
    case .boolean: return boolean(slot, chunk)
    case .int8: return integer(slot, chunk, in: -128...127)
    case .int16: return integer(slot, chunk, in: -32_768...32_767)
    case .int32: return integer(slot, chunk, in: Int64(Int32.min)...Int64(Int32.max))
    case .int64: return integer(slot, chunk, in: .min ... .max)
    case .float32, .float64: return double(slot, chunk)
    case .decimal(let precision, let scale):
      return decimal(slot, chunk, precision: precision, scale: scale)
    case .date:
      return text(slot, chunk) { time.parseDate($0, $0.indices) }
    case .timestamp:
      if slot.tag == JSONSlot.double {
        return time.parse(number: Double(bitPattern: slot.value)).map { JSONSlot(integer: $0) }
      }
      return text(slot, chunk) { time.parse($0, $0.indices) }
    case .list: return holds(slot, chunk) ? slot : nil
    case .structure: return slot.tag == JSONSlot.object ? slot : nil
    default: return nil
    }
  }

  /// The value as a message shows it.
  func excerpt(_ slot: JSONSlot, _ chunk: JSONChunk) -> String {
    var bytes: [UInt8] = []
    slot.appendJSON(chunk, to: &bytes)
    return String(decoding: bytes.prefix(60), as: UTF8.self) + (bytes.count > 60 ? "…" : "")
  }

  /// The text, or the digits of an integer, as a time.
  private func text<Time: BinaryInteger>(
    _ slot: JSONSlot, _ chunk: JSONChunk, _ parse: (UnsafeBufferPointer<UInt8>) -> Time?
  ) -> JSONSlot? {
    let time: Time?
    switch slot.tag {
    case JSONSlot.string: time = slot.stringBytes(chunk).withUnsafeBufferPointer(parse)
    case JSONSlot.integer:
      time = Array(String(Int64(bitPattern: slot.value)).utf8).withUnsafeBufferPointer(parse)
    default: time = nil
    }
    return time.map { JSONSlot(integer: Int64($0)) }
  }

  private func boolean(_ slot: JSONSlot, _ chunk: JSONChunk) -> JSONSlot? {
    if slot.tag == JSONSlot.boolean { return slot }
    guard slot.tag == JSONSlot.string else { return nil }
    let truth = slot.stringBytes(chunk).withUnsafeBufferPointer { DeclaredText.truth($0) }
    return truth.map { JSONSlot(tag: JSONSlot.boolean, value: $0 ? 1 : 0) }
  }

  private func integer(_ slot: JSONSlot, _ chunk: JSONChunk, in range: ClosedRange<Int64>)
    -> JSONSlot?
  {
    let value: Int64?
    switch slot.tag {
    case JSONSlot.integer: value = Int64(bitPattern: slot.value)
    case JSONSlot.double: value = Int64(exactly: Double(bitPattern: slot.value))
    case JSONSlot.string: value = Int64(String(decoding: slot.stringBytes(chunk), as: UTF8.self))
    default: value = nil
    }
    guard let value, range.contains(value) else { return nil }
    return JSONSlot(integer: value)
  }

  private func double(_ slot: JSONSlot, _ chunk: JSONChunk) -> JSONSlot? {
    switch slot.tag {
    case JSONSlot.integer, JSONSlot.unsigned, JSONSlot.double: return slot
    case JSONSlot.string:
      return Double(String(decoding: slot.stringBytes(chunk), as: UTF8.self)).map {
        JSONSlot(tag: JSONSlot.double, value: $0.bitPattern)
      }
    default: return nil
    }
  }

  /// Numbers are taken by their shortest decimal text and rounded to the scale, half away from
  /// zero; a text must fit exactly.
  private func decimal(_ slot: JSONSlot, _ chunk: JSONChunk, precision: Int, scale: Int)
    -> JSONSlot?
  {
    let unscaled: Int64?
    switch slot.tag {
    case JSONSlot.integer, JSONSlot.unsigned, JSONSlot.double:
      var bytes: [UInt8] = []
      slot.appendJSON(chunk, to: &bytes)
      unscaled = DecimalText.unscaled(bytes, scale: scale, rounds: true)
    case JSONSlot.string:
      unscaled = DecimalText.unscaled(Array(slot.stringBytes(chunk)), scale: scale, rounds: false)
    default: unscaled = nil
    }
    guard let unscaled, unscaled.magnitude < DecimalText.powersOfTen[precision] else { return nil }
    return JSONSlot(integer: unscaled)
  }
}

extension JSONSlot {
  fileprivate init(integer: Int64) {
    self.init(tag: JSONSlot.integer, value: UInt64(bitPattern: integer))
  }
}
