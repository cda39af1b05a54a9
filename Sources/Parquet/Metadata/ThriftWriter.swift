/// Writes Thrift's compact protocol.
///
/// Fields are written in ascending order of their ids; each call that takes an optional writes
/// nothing for nil.
struct ThriftWriter {
  typealias WireType = ThriftReader.WireType

  private(set) var bytes: [UInt8] = []
  /// The id of the last field of the structure being written.
  private var lastID = 0

  // MARK: Fields

  mutating func bool(_ id: Int, _ value: Bool?) {
    if let value { header(id, value ? .boolTrue : .boolFalse) }
  }

  mutating func int8(_ id: Int, _ value: Int8?) {
    guard let value else { return }
    header(id, .int8)
    bytes.append(UInt8(bitPattern: value))
  }

  mutating func int16(_ id: Int, _ value: Int16?) {
    guard let value else { return }
    header(id, .int16)
    zigzag(Int64(value))
  }

  mutating func int32(_ id: Int, _ value: Int32?) {
    guard let value else { return }
    header(id, .int32)
    zigzag(Int64(value))
  }

  mutating func int64(_ id: Int, _ value: Int64?) {
    guard let value else { return }
    header(id, .int64)
    zigzag(value)
  }

  mutating func double(_ id: Int, _ value: Double?) {
    guard let value else { return }
    header(id, .double)
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
    }
  }

  mutating func binary(_ id: Int, _ value: ArraySlice<UInt8>?) {
    guard let value else { return }
    header(id, .binary)
    binary(value)
  }

  mutating func string(_ id: Int, _ value: String?) {
    guard let value else { return }
    header(id, .binary)
    binary(value.utf8)
  }

  mutating func structure(_ id: Int, _ value: (some ThriftStructure)?) {
    guard let value else { return }
    header(id, .structure)
    nested(value)
  }

  /// A structure without fields, as unions use them for their plain cases.
  mutating func emptyStructure(_ id: Int) {
    header(id, .structure)
    bytes.append(0)
  }

  /// A structure written by hand.
  mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
    header(id, .structure)
    let outer = lastID
    lastID = 0
    body(&self)
    stop()
    lastID = outer
  }

  /// Ends the structure being written.
  mutating func stop() { bytes.append(0) }

  // MARK: Lists

  mutating func structures(_ id: Int, _ values: [some ThriftStructure]?) {
    guard let values else { return }
    list(id, .structure, count: values.count)
    for value in values { nested(value) }
  }

  mutating func int32s(_ id: Int, _ values: [Int32]?) {
    guard let values else { return }
    list(id, .int32, count: values.count)
    for value in values { zigzag(Int64(value)) }
  }

  mutating func int64s(_ id: Int, _ values: [Int64]?) {
    guard let values else { return }
    list(id, .int64, count: values.count)
    for value in values { zigzag(value) }
  }

  mutating func bools(_ id: Int, _ values: [Bool]?) {
    guard let values else { return }
    list(id, .boolTrue, count: values.count)
    for value in values { bytes.append(value ? 1 : 2) }
  }

  mutating func binaries(_ id: Int, _ values: [ArraySlice<UInt8>]?) {
    guard let values else { return }
    list(id, .binary, count: values.count)
    for value in values { binary(value) }
  }

  mutating func strings(_ id: Int, _ values: [String]?) {
    guard let values else { return }
    list(id, .binary, count: values.count)
    for value in values { binary(value.utf8) }
  }

  // MARK: Bytes

  private mutating func nested(_ value: some ThriftStructure) {
    let outer = lastID
    lastID = 0
    value.write(to: &self)
    lastID = outer
  }

  private mutating func header(_ id: Int, _ type: WireType) {
    let step = id - lastID
    if (1...15).contains(step) {
      bytes.append(UInt8(step) << 4 | type.rawValue)
    } else {
      bytes.append(type.rawValue)
      zigzag(Int64(id))
    }
    lastID = id
  }

  private mutating func list(_ id: Int, _ type: WireType, count: Int) {
    header(id, .list)
    if count < 15 {
      bytes.append(UInt8(count) << 4 | type.rawValue)
    } else {
      bytes.append(0xF0 | type.rawValue)
      varint(UInt64(count))
    }
  }

  private mutating func binary(_ value: some Collection<UInt8>) {
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func zigzag(_ value: Int64) {
    varint(UInt64(bitPattern: value << 1 ^ value >> 63))
  }
}
