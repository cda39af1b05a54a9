/// Bytes under construction: one allocation that grows, is never zeroed, and is kept for reuse.
///
///     base ─▶ [ count bytes written | room | 64 bytes that kernels may over-read or over-write ]
///
/// `count` ≤ `capacity`; the padding behind the capacity is always there. Not copyable, so that
/// a cursor in a hot loop needs no reference counting.
public struct ByteBuffer: ~Copyable, @unchecked Sendable {
  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var used = 0
  @usableFromInline var room: Int

  /// Bytes behind the capacity that belong to the allocation.
  public static let padding = 64

  public init(capacity: Int = 0) {
    room = max(0, capacity)
    base = .allocate(byteCount: room + Self.padding, alignment: 64)
  }

  deinit { base.deallocate() }

  /// Bytes written.
  @inlinable public var count: Int { used }

  /// Bytes allocated, without the padding.
  @inlinable public var capacity: Int { room }

  @inlinable public var isEmpty: Bool { used == 0 }

  /// Makes room for `additional` more bytes; the capacity at least doubles when it grows.
  @inlinable
  public mutating func reserve(_ additional: Int) {
    precondition(additional >= 0)
    if additional > room - used { grow(to: used + additional) }
  }

  @usableFromInline
  mutating func grow(to needed: Int) {
    let grown = max(needed, room * 2, 256)
    let larger = UnsafeMutableRawPointer.allocate(
      byteCount: grown + Self.padding, alignment: 64)
    larger.copyMemory(from: base, byteCount: used)
    base.deallocate()
    base = larger
    room = grown
  }

  /// Forgets the bytes and keeps the allocation.
  @inlinable
  public mutating func removeAll() { used = 0 }

  /// Forgets the bytes from `count` on.
  @inlinable
  public mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= used)
    used = count
  }

  /// Forgets the bytes and gives the allocation back where it is larger than `capacity`.
  public mutating func shrink(to capacity: Int) {
    used = 0
    guard room > capacity else { return }
    base.deallocate()
    room = capacity
    base = .allocate(byteCount: room + Self.padding, alignment: 64)
  }

  @inlinable
  public mutating func append(_ byte: UInt8) {
    reserve(1)
    base.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
    used += 1
  }

  /// Appends an integer, little-endian.
  @inlinable
  public mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(
    littleEndian value: Integer
  ) {
    let size = MemoryLayout<Integer>.size
    reserve(size)
    base.storeBytes(of: value.littleEndian, toByteOffset: used, as: Integer.self)
    used += size
  }

  /// Overwrites four bytes at `offset` with an integer, little-endian.
  public mutating func store(littleEndian value: UInt32, at offset: Int) {
    precondition(offset >= 0 && offset + 4 <= used)
    base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    (base + used).copyMemory(from: source, byteCount: bytes.count)
    used += bytes.count
  }

  public mutating func append(_ bytes: RawSpan) { bytes.withUnsafeBytes { append($0) } }

  public mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

  public mutating func append(_ other: borrowing ByteBuffer) {
    append(UnsafeRawBufferPointer(start: other.base, count: other.used))
  }

  public mutating func append(repeating byte: UInt8, count: Int) {
    reserve(count)
    (base + used).initializeMemory(as: UInt8.self, repeating: byte, count: count)
    used += count
  }

  /// Lets `body` write up to `additional` bytes behind the count and adds the number it returns.
  @inlinable
  public mutating func append<E: Error>(
    upTo additional: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Int
  ) throws(E) {
    reserve(additional)
    let written = try body(UnsafeMutableRawBufferPointer(start: base + used, count: additional))
    precondition(written >= 0 && written <= additional)
    used += written
  }

  /// The bytes written, for the length of the call.
  @inlinable
  public borrowing func withBytes<Result: ~Copyable, E: Error>(
    _ body: (RawSpan) throws(E) -> Result
  ) throws(E) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: used).bytes)
  }

  /// As `withBytes`, for the C bridges.
  @inlinable
  public borrowing func withUnsafeBytes<Result: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> Result
  ) throws(E) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: used))
  }

  /// A copy of the bytes. Complexity: O(count).
  public borrowing func array() -> [UInt8] {
    [UInt8](UnsafeRawBufferPointer(start: base, count: used))
  }

  /// A copy of the bytes behind others, in one allocation of just that size.
  public borrowing func array(behind prefix: [UInt8]) -> [UInt8] {
    let total = prefix.count + used
    return [UInt8](unsafeUninitializedCapacity: total) { room, initialized in
      let raw = UnsafeMutableRawBufferPointer(room)
      raw.copyBytes(from: prefix)
      UnsafeMutableRawBufferPointer(rebasing: raw[prefix.count..<total])
        .copyMemory(from: UnsafeRawBufferPointer(start: base, count: used))
      initialized = total
    }
  }
}
