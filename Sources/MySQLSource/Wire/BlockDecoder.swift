internal import Base
internal import Connector
internal import Kernels
internal import Records

/// Turns blocks of rows into columns. One thread at a time.
struct BlockDecoder: ~Copyable {
  let plans: [ColumnPlan]
  private let widths: [Int]
  private let zeroDates: ZeroDates
  /// For messages.
  private let place: String
  private var offsets: FieldOffsets

  /// Dates that were none and became null.
  private(set) var zeroDateCount = 0
  /// Texts that were not UTF-8; what is not became U+FFFD.
  private(set) var brokenTextCount = 0

  init(plans: [ColumnPlan], zeroDates: ZeroDates, place: String) {
    self.plans = plans
    self.zeroDates = zeroDates
    self.place = place
    widths = plans.map(\.fixedWidth)
    offsets = FieldOffsets(columnCount: plans.count)
  }

  /// All columns of a block.
  mutating func decode(_ block: RowBlock) throws(ConnectorError) -> [Column] {
    let broken = block.bytes.withUnsafeBytes { bytes -> Int? in
      widths.withUnsafeBufferPointer { widths -> Int? in
        guard let base = bytes.baseAddress, let widths = widths.baseAddress else { return 0 }
        return offsets.scan(
          base, byteCount: block.rowBytes, rowCount: block.rowCount, widths: widths)
      }
    }
    if let broken {
      throw ConnectorError(
        .malformed, "row \(broken + 1) of a block is not what the protocol says",
        remedy: "Check for a proxy between here and the server that changes results.",
        place: place)
    }
    var columns: [Column] = []
    columns.reserveCapacity(plans.count)
    for index in plans.indices { columns.append(try column(index, block)) }
    return columns
  }

  private mutating func column(
    _ index: Int, _ block: RowBlock
  ) throws(ConnectorError) -> Column {
    let plan = plans[index]
    if offsets.hasNulls[index], !plan.field.isNullable {
      throw ConnectorError(
        .malformed, "column `\(plan.field.name)` holds NULL, which the server said it never does",
        remedy: "Read the table with a `query`: its columns may all be NULL.", place: place)
    }
    var nonASCIIRows: [Int] = []
    var (values, conversion) = block.bytes.withUnsafeBytes {
      bytes -> (Column.Values, ColumnConversion) in
      // A block has its padding: it is never without an address.
      let base = bytes.baseAddress.unsafelyUnwrapped
      var conversion = ColumnConversion(
        block: base, offsets: offsets.column(index), rowCount: block.rowCount,
        hasNulls: offsets.hasNulls[index])
      return (Self.values(plan, &conversion, block, &nonASCIIRows), conversion)
    }
    if let row = conversion.malformedRow {
      throw ConnectorError(
        .malformed,
        "column `\(plan.field.name)` holds a value that is no \(plan.field.type)"
          + " in row \(row + 1) of a block",
        remedy: "Read the column as text with a `query` that casts it, or leave it out.",
        place: place)
    }
    if !conversion.noDateRows.isEmpty {
      if zeroDates == .error {
        throw ConnectorError(
          .malformed,
          "column `\(plan.field.name)` holds a date that is none, such as 0000-00-00",
          remedy: "Set `zero_dates: null` or `zero_dates: text` on the stream, or mend the rows.",
          place: place)
      }
      zeroDateCount += conversion.noDateRows.count
    }
    if !nonASCIIRows.isEmpty, case .bytes(let column) = values {
      values = .bytes(checked(column, rows: nonASCIIRows, block))
    }
    return Column(
      type: plan.field.type, count: block.rowCount, validity: conversion.validity(),
      values: values)
  }

  private static func values(
    _ plan: ColumnPlan, _ conversion: inout ColumnConversion, _ block: RowBlock,
    _ nonASCIIRows: inout [Int]
  ) -> Column.Values {
    switch plan.wire {
    case .int8: return .int32(conversion.loaded { Int32($0.load(as: Int8.self)) })
    case .uint8: return .int32(conversion.loaded { Int32($0.load(as: UInt8.self)) })
    case .int16:
      return .int32(
        conversion.loaded { Int32(Int16(littleEndian: $0.loadUnaligned(as: Int16.self))) })
    case .uint16:
      return .int32(
        conversion.loaded { Int32(UInt16(littleEndian: $0.loadUnaligned(as: UInt16.self))) })
    case .bits32:
      return .int32(conversion.loaded { Int32(littleEndian: $0.loadUnaligned(as: Int32.self)) })
    case .bits64:
      return .int64(conversion.loaded { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) })
    case .float:
      return .float(
        conversion.loaded {
          Float(bitPattern: UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)))
        })
    case .double:
      return .double(
        conversion.loaded {
          Double(bitPattern: UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)))
        })
    case .date: return .int32(conversion.calendar { CalendarFields.days($0) })
    case .dateTime: return .int64(conversion.calendar { CalendarFields.microseconds($0) })
    case .time: return .int64(conversion.calendar { CalendarFields.duration($0) })
    case .dateText: return .bytes(conversion.calendarTexts(withTime: false, digits: 0))
    case .dateTimeText:
      return .bytes(conversion.calendarTexts(withTime: true, digits: plan.scale))
    case .decimal32:
      return .int32(conversion.decimals(scale: plan.scale, below: plan.decimalBound))
    case .decimal64:
      return .int64(conversion.decimals(scale: plan.scale, below: plan.decimalBound))
    case .decimal128:
      return .int128(conversion.wideDecimals(scale: plan.scale, below: plan.decimalBound))
    case .text, .nothing:
      return .bytes(
        ByteColumn(views: conversion.textViews(&nonASCIIRows), buffers: [block.bytes]))
    case .bytes:
      return .bytes(ByteColumn(views: conversion.views(skipping: 0), buffers: [block.bytes]))
    case .geometry:
      // Four bytes of spatial reference system stand before the well-known binary form.
      return .bytes(ByteColumn(views: conversion.views(skipping: 4), buffers: [block.bytes]))
    case .bits: return .int64(conversion.bits())
    }
  }

  /// The texts with those that are not UTF-8 repaired.
  private mutating func checked(_ column: ByteColumn, rows: [Int], _ block: RowBlock) -> ByteColumn
  {
    var column = column
    var repaired: [UInt8] = []
    for row in rows {
      let view = column.views[row]
      let range = Int(view.offset)..<Int(view.offset) + Int(view.length)
      if TextValidation.isUTF8(block.bytes.span, range) { continue }
      brokenTextCount += 1
      let start = repaired.count
      repaired += Array(String(decoding: block.bytes[range], as: UTF8.self).utf8)
      column.views[row] = ByteView(
        buffer: 1, offset: UInt32(start), length: UInt32(repaired.count - start))
    }
    if !repaired.isEmpty { column.buffers.append(repaired) }
    return column
  }
}
