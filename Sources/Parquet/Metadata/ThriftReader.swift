internal import Kernels

/// Reads Thrift's compact protocol out of a part of an array, trusting nothing.
///
/// Varints are at most 10 bytes, element counts never more than the bytes that are left, unknown
/// fields are skipped to a depth of 32, and the memory that lists may take is bounded by the size
/// of the input. Byte strings are slices of the input, not copies.
/// - SeeAlso: thrift-compact-protocol.md of Apache Thrift.
struct ThriftReader {
  /// The types as the protocol numbers them.
  enum WireType: UInt8 {
    case boolTrue = 1
    case boolFalse = 2
    case int8 = 3
    case int16 = 4
    case int32 = 5
    case int64 = 6
    case double = 7
    case binary = 8
    case list = 9
    case set = 10
    case map = 11
    case structure = 12
    case uuid = 13
  }

  struct FieldHeader {
    let id: Int
    let type: WireType
  }

  private let bytes: [UInt8]
  private let end: Int
  /// The index of the next byte in the array.
  private(set) var position: Int
  /// Bytes of memory that list elements may still take.
  private var memoryLeft: Int

  static let skipDepthMax = 32

  /// - Parameter range: the part to read; all where nil.
  init(_ bytes: [UInt8], range: Range<Int>? = nil) {
    let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
    memoryLeft = 1 << 20 + range.count * 24
  }

  var bytesLeft: Int { end - position }

  // MARK: Structures

  /// The next field of the structure being read; nil at its end.
  /// - Parameter id: the id of the field before, 0 at first; set to the new one.
  mutating func nextField(after id: inout Int) throws(ParquetError) -> FieldHeader? {
    let byte = try byte()
    if byte == 0 { return nil }
    guard let type = WireType(rawValue: byte & 0x0F) else {
      throw corrupt("a field of type \(byte & 0x0F), which Thrift does not have")
    }
    let step = Int(byte >> 4)
    if step == 0 {
      let value = try zigzag()
      guard let next = Int16(exactly: value) else { throw corrupt("a field id of \(value)") }
      id = Int(next)
    } else {
      id += step
      guard id <= Int(Int16.max) else { throw corrupt("a field id of \(id)") }
    }
    return FieldHeader(id: id, type: type)
  }

  func require<Value>(_ value: Value?, _ name: String) throws(ParquetError) -> Value {
    guard let value else { throw corrupt("the field \(name) is missing") }
    return value
  }

  mutating func structure<Structure: ThriftStructure>(
    _ field: FieldHeader, as type: Structure.Type = Structure.self
  ) throws(ParquetError) -> Structure {
    try expect(.structure, field)
    return try Structure(from: &self)
  }

  // MARK: Single values

  func bool(_ field: FieldHeader) throws(ParquetError) -> Bool {
    switch field.type {
    case .boolTrue: return true
    case .boolFalse: return false
    default: throw mismatch(.boolTrue, field)
    }
  }

  mutating func int8(_ field: FieldHeader) throws(ParquetError) -> Int8 {
    try expect(.int8, field)
    return Int8(bitPattern: try byte())
  }

  mutating func int16(_ field: FieldHeader) throws(ParquetError) -> Int16 {
    try expect(.int16, field)
    let value = try zigzag()
    guard let narrow = Int16(exactly: value) else { throw corrupt("\(value) as a 16-bit number") }
    return narrow
  }

  mutating func int32(_ field: FieldHeader) throws(ParquetError) -> Int32 {
    try expect(.int32, field)
    return try int32()
  }

  mutating func int64(_ field: FieldHeader) throws(ParquetError) -> Int64 {
    try expect(.int64, field)
    return try zigzag()
  }

  mutating func double(_ field: FieldHeader) throws(ParquetError) -> Double {
    try expect(.double, field)
    guard bytesLeft >= 8 else { throw truncated() }
    var bits: UInt64 = 0
    for index in (0..<8).reversed() { bits = bits << 8 | UInt64(bytes[position + index]) }
    position += 8
    return Double(bitPattern: bits)
  }

  mutating func binary(_ field: FieldHeader) throws(ParquetError) -> ArraySlice<UInt8> {
    try expect(.binary, field)
    return try binary()
  }

  mutating func string(_ field: FieldHeader) throws(ParquetError) -> String {
    String(decoding: try binary(field), as: UTF8.self)
  }

  // MARK: Lists

  mutating func structures<Structure: ThriftStructure>(
    _ field: FieldHeader, of type: Structure.Type = Structure.self
  ) throws(ParquetError) -> [Structure] {
    var items: [Structure] = []
    for _ in 0..<(try listCount(field, .structure)) {
      try charge(MemoryLayout<Structure>.stride)
      items.append(try Structure(from: &self))
    }
    return items
  }

  /// Finds the structures of a list and passes over them. They count against the memory that lists
  /// may take as if they were parsed.
  /// - Returns: nil, and nothing is passed over, where they are to be parsed one by one: the bytes
  ///   break the protocol, which that explains better.
  mutating func located<Structure: ThriftStructure>(
    _ field: FieldHeader, as type: Structure.Type
  ) throws(ParquetError) -> LocatedStructures? {
    let start = position
    let count = try listCount(field, .structure)
    guard
      let found = ThriftScanning.structures(bytes.span, in: position..<end, count: count)
    else {
      position = start
      return nil
    }
    // There are no more of them than bytes.
    try charge(count * MemoryLayout<Structure>.stride)
    let range = position..<found.end
    position = found.end
    return LocatedStructures(bytes: bytes, range: range, offsets: found.offsets)
  }

  mutating func int32s(_ field: FieldHeader) throws(ParquetError) -> [Int32] {
    var items: [Int32] = []
    for _ in 0..<(try listCount(field, .int32)) { items.append(try int32()) }
    return items
  }

  mutating func int64s(_ field: FieldHeader) throws(ParquetError) -> [Int64] {
    var items: [Int64] = []
    for _ in 0..<(try listCount(field, .int64)) { items.append(try zigzag()) }
    return items
  }

  mutating func bools(_ field: FieldHeader) throws(ParquetError) -> [Bool] {
    var items: [Bool] = []
    // True is 1; false is 2 by the protocol and 0 by some writers.
    for _ in 0..<(try listCount(field, .boolTrue)) { items.append(try byte() == 1) }
    return items
  }

  mutating func binaries(_ field: FieldHeader) throws(ParquetError) -> [ArraySlice<UInt8>] {
    var items: [ArraySlice<UInt8>] = []
    for _ in 0..<(try listCount(field, .binary)) {
      try charge(MemoryLayout<ArraySlice<UInt8>>.stride)
      items.append(try binary())
    }
    return items
  }

  mutating func strings(_ field: FieldHeader) throws(ParquetError) -> [String] {
    var items: [String] = []
    for _ in 0..<(try listCount(field, .binary)) {
      try charge(MemoryLayout<String>.stride)
      items.append(String(decoding: try binary(), as: UTF8.self))
    }
    return items
  }

  private mutating func listCount(_ field: FieldHeader, _ element: WireType)
    throws(ParquetError) -> Int
  {
    try expect(.list, field)
    let (found, count) = try listHeader()
    let isBool = element == .boolTrue && found == .boolFalse
    guard found == element || isBool || count == 0 else {
      throw corrupt("field \(field.id) is a list of \(found), expected \(element)")
    }
    return count
  }

  private mutating func listHeader() throws(ParquetError) -> (WireType, Int) {
    let header = try byte()
    var count = Int(header >> 4)
    if count == 15 { count = Int(clamping: try varint()) }
    // Every element takes a byte at least.
    guard count <= bytesLeft else {
      throw corrupt("a list of \(count) elements in the \(bytesLeft) bytes that are left")
    }
    if let type = WireType(rawValue: header & 0x0F) { return (type, count) }
    guard count == 0 else { throw corrupt("a list of type \(header & 0x0F)") }
    return (.int8, 0)
  }

  private mutating func charge(_ bytes: Int) throws(ParquetError) {
    memoryLeft -= bytes
    if memoryLeft < 0 {
      throw ParquetError(
        .limitExceeded, "the metadata would take far more memory than their size explains",
        at: .init(offset: position))
    }
  }

  // MARK: Skipping

  /// Passes over a value of any type.
  mutating func skip(_ field: FieldHeader) throws(ParquetError) {
    switch field.type {
    case .boolTrue, .boolFalse: break
    default: try skip(field.type, depth: 0)
    }
  }

  /// As an element of a list or map, where a bool takes a byte.
  private mutating func skip(_ type: WireType, depth: Int) throws(ParquetError) {
    guard depth < Self.skipDepthMax else {
      throw ParquetError(
        .limitExceeded, "unknown fields nest deeper than \(Self.skipDepthMax) levels",
        at: .init(offset: position))
    }
    switch type {
    case .boolTrue, .boolFalse, .int8: _ = try byte()
    case .int16, .int32, .int64: _ = try varint()
    case .double: try advance(8)
    case .uuid: try advance(16)
    case .binary: _ = try binary()
    case .list, .set:
      let (element, count) = try listHeader()
      for _ in 0..<count { try skip(element, depth: depth + 1) }
    case .map:
      let count = Int(clamping: try varint())
      if count == 0 { return }
      guard count <= bytesLeft / 2 else { throw corrupt("a map of \(count) entries") }
      let types = try byte()
      guard let key = WireType(rawValue: types >> 4), let value = WireType(rawValue: types & 15)
      else { throw corrupt("a map of types \(types)") }
      for _ in 0..<count {
        try skip(key, depth: depth + 1)
        try skip(value, depth: depth + 1)
      }
    case .structure:
      var id = 0
      while let field = try nextField(after: &id) {
        if field.type == .boolTrue || field.type == .boolFalse { continue }
        try skip(field.type, depth: depth + 1)
      }
    }
  }

  // MARK: Bytes

  private mutating func byte() throws(ParquetError) -> UInt8 {
    guard position < end else { throw truncated() }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func advance(_ count: Int) throws(ParquetError) {
    guard count <= bytesLeft else { throw truncated() }
    position += count
  }

  private mutating func varint() throws(ParquetError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let byte = try byte()
      if shift == 63 && byte > 1 { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw corrupt("a number of more than 64 bits")
  }

  private mutating func zigzag() throws(ParquetError) -> Int64 {
    let raw = try varint()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  private mutating func int32() throws(ParquetError) -> Int32 {
    let value = try zigzag()
    guard let narrow = Int32(exactly: value) else { throw corrupt("\(value) as a 32-bit number") }
    return narrow
  }

  private mutating func binary() throws(ParquetError) -> ArraySlice<UInt8> {
    let length = Int(clamping: try varint())
    guard length <= bytesLeft else {
      throw ParquetError(
        .truncated, "a string of \(length) bytes in the \(bytesLeft) bytes that are left",
        at: .init(offset: position))
    }
    defer { position += length }
    return bytes[position..<position + length]
  }

  // MARK: Errors

  private func expect(_ type: WireType, _ field: FieldHeader) throws(ParquetError) {
    if field.type != type { throw mismatch(type, field) }
  }

  private func mismatch(_ type: WireType, _ field: FieldHeader) -> ParquetError {
    corrupt("field \(field.id) has type \(field.type), expected \(type)")
  }

  func corrupt(_ message: String) -> ParquetError {
    ParquetError(.corrupt, "metadata: \(message)", at: .init(offset: position))
  }

  private func truncated() -> ParquetError {
    ParquetError(.truncated, "metadata: the bytes end within a value", at: .init(offset: position))
  }
}

/// Structures of a list that are not parsed yet.
struct LocatedStructures: Sendable {
  fileprivate let bytes: [UInt8]
  fileprivate let range: Range<Int>
  /// Of each structure, from the start of the range.
  fileprivate let offsets: [UInt32]

  var count: Int { offsets.count }

  /// - Precondition: the index is in 0 ..< count.
  func structure<Structure: ThriftStructure>(
    at index: Int, as type: Structure.Type = Structure.self
  ) throws(ParquetError) -> Structure {
    let start = range.lowerBound + Int(offsets[index])
    let end =
      index + 1 < offsets.count ? range.lowerBound + Int(offsets[index + 1]) : range.upperBound
    var reader = ThriftReader(bytes, range: start..<end)
    return try Structure(from: &reader)
  }
}

/// A structure of parquet.thrift.
protocol ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError)

  /// Writes the fields and the stop byte.
  func write(to writer: inout ThriftWriter)
}

extension ThriftStructure {
  /// The structure in the compact protocol.
  func serialized() -> [UInt8] {
    var writer = ThriftWriter()
    write(to: &writer)
    return writer.bytes
  }
}
