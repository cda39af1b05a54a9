internal import CKernels

/// Gives values numbers in the order in which they are first seen, and keeps each once, in PLAIN
/// encoding: the dictionary page of a Parquet column chunk as it grows.
///
///     slots   open addressing, load ≤ ½, linear probing        ─▶ number of the entry
///     page    the entries in PLAIN encoding, ready to be stored
///     offsets where each entry's bytes begin in the page       (byte strings only)
///
/// Memory is bounded by the page's limit: a value that would pass it is refused, and the caller
/// goes on without a dictionary.
public final class ValueDictionary {
  public enum Layout: Hashable, Sendable {
    /// 4 bytes, compared as they are: int32, float.
    case fixed32
    /// 8 bytes: int64, double.
    case fixed64
    /// Any other width.
    case fixed(width: Int)
    /// Byte strings behind views.
    case views
  }

  public let layout: Layout
  /// The most bytes that the page may take.
  public let pageBytesMax: Int

  /// How many distinct values there are.
  public var entryCount: Int { Int(entries) }
  /// Bytes of the page.
  public internal(set) var pageByteCount = 0

  private var slots: UnsafeMutableRawPointer
  private var slotsLog2: UInt32
  private(set) var page: UnsafeMutableRawPointer
  private var pageRoom: Int
  private(set) var offsets: UnsafeMutablePointer<UInt32>?
  var entries: UInt32 = 0

  private static let firstSlotsLog2: UInt32 = 10

  public init(_ layout: Layout, pageBytesMax: Int) {
    self.layout = layout
    // Entry numbers and offsets have 32 bits, hashes 32.
    self.pageBytesMax = min(max(0, pageBytesMax), 1 << 28)
    slotsLog2 = Self.firstSlotsLog2
    pageRoom = min(4096, self.pageBytesMax)
    page = .allocate(byteCount: pageRoom + ByteBuffer.padding, alignment: 64)
    let slotCount = 1 << Int(slotsLog2)
    slots = Self.emptySlots(slotCount * layout.slotByteCount)
    if layout == .views { offsets = .allocate(capacity: slotCount / 2) }
  }

  deinit {
    slots.deallocate()
    page.deallocate()
    offsets?.deallocate()
  }

  private static func emptySlots(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let slots = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    slots.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    return slots
  }

  /// Bytes of memory held.
  public var memoryByteCount: Int {
    let slotCount = 1 << Int(slotsLog2)
    return slotCount * layout.slotByteCount + pageRoom + (offsets == nil ? 0 : slotCount * 2)
  }

  /// The entries in PLAIN encoding.
  public func withPage<Result, E: Error>(_ body: (RawSpan) throws(E) -> Result)
    throws(E) -> Result
  {
    try body(UnsafeRawBufferPointer(start: page, count: pageByteCount).bytes)
  }

  // MARK: Encoding

  /// Appends the number of each value, 32 bits each, to `indices`.
  /// - Parameter values: one behind the other. Not for byte strings.
  /// - Returns: how many were done; fewer than there are when the page has come to its limit.
  public func encode(_ values: RawSpan, into indices: inout ByteBuffer) -> Int {
    let width = layout.valueByteCount
    precondition(layout != .views && values.byteCount % width == 0)
    let count = values.byteCount / width
    var done = 0
    while done < count {
      let rest = values.extracting(done * width..<count * width)
      done += step(rest, width, into: &indices)
      if done < count && !grow() { break }
    }
    return done
  }

  /// The same for byte strings behind views into one buffer.
  /// - Precondition: every view lies within the buffer.
  public func encode(views: RawSpan, in buffer: RawSpan, into indices: inout ByteBuffer) -> Int {
    precondition(layout == .views)
    let count = views.byteCount / ViewAccess.width
    var done = 0
    while done < count {
      let rest = views.extracting(done * ViewAccess.width..<count * ViewAccess.width)
      let taken = step(views: rest, buffer, into: &indices)
      done += taken
      if done < count {
        let next = views.extracting((done * ViewAccess.width)..<((done + 1) * ViewAccess.width))
        if !grow(by: 4 + Int(clamping: ViewSizes.byteCount(next))) { break }
      }
    }
    return done
  }

  private func step(_ values: RawSpan, _ width: Int, into indices: inout ByteBuffer) -> Int {
    let count = values.byteCount / width
    let limit = entryLimit(width)
    var done = 0
    indices.append(upTo: count * 4) { room in
      values.withUnsafeBytes { values in
        guard let input = values.baseAddress,
          let output = room.baseAddress?.assumingMemoryBound(to: UInt32.self)
        else { return 0 }
        switch layout {
        case .fixed32:
          done = tm_dictionary32(
            slots.assumingMemoryBound(to: tm_slot32.self), slotsLog2,
            page.assumingMemoryBound(to: UInt32.self), &entries, limit,
            input.assumingMemoryBound(to: UInt32.self), count, output)
        case .fixed64:
          done = tm_dictionary64(
            slots.assumingMemoryBound(to: tm_slot64.self), slotsLog2,
            page.assumingMemoryBound(to: UInt64.self), &entries, limit,
            input.assumingMemoryBound(to: UInt64.self), count, output)
        case .fixed, .views:
          done = tm_dictionary_fixed(
            slots.assumingMemoryBound(to: tm_slot_bytes.self), slotsLog2,
            page.assumingMemoryBound(to: UInt8.self), &entries, limit,
            input.assumingMemoryBound(to: UInt8.self), width, count, output)
        }
        return done * 4
      }
    }
    pageByteCount = Int(entries) * width
    return done
  }

  private func step(views: RawSpan, _ buffer: RawSpan, into indices: inout ByteBuffer) -> Int {
    guard let offsets else { return 0 }
    var done = 0
    indices.append(upTo: views.byteCount / 3) { room in
      guard let output = room.baseAddress?.assumingMemoryBound(to: UInt32.self) else { return 0 }
      _ = ViewAccess.with(views, buffer) { views, count, bytes, byteCount in
        done = tm_dictionary_views(
          slots.assumingMemoryBound(to: tm_slot_bytes.self), slotsLog2,
          page.assumingMemoryBound(to: UInt8.self), &pageByteCount, pageRoom, offsets, &entries,
          UInt32(1) << (slotsLog2 - 1), views, count, bytes, byteCount, output)
      }
      return done * 4
    }
    return done
  }

  /// How many entries the slots and the page have room for.
  private func entryLimit(_ width: Int) -> UInt32 {
    UInt32(clamping: min(1 << Int(slotsLog2 - 1), pageRoom / width))
  }

  /// Makes room for another entry, of `byteCount` bytes in the page; false at the page's limit.
  private func grow(by byteCount: Int? = nil) -> Bool {
    let needed = pageByteCount + (byteCount ?? layout.valueByteCount)
    if needed > pageBytesMax { return false }
    if needed > pageRoom {
      let room = min(max(pageRoom * 2, needed), pageBytesMax)
      let larger = UnsafeMutableRawPointer.allocate(
        byteCount: room + ByteBuffer.padding, alignment: 64)
      larger.copyMemory(from: page, byteCount: pageByteCount)
      page.deallocate()
      page = larger
      pageRoom = room
    }
    if entries == UInt32(1) << (slotsLog2 - 1) { growSlots() }
    return true
  }

  private func growSlots() {
    let before = 1 << Int(slotsLog2)
    let larger = Self.emptySlots(before * 2 * layout.slotByteCount)
    let log2 = slotsLog2 + 1
    switch layout {
    case .fixed32:
      tm_rehash32(
        slots.assumingMemoryBound(to: tm_slot32.self), before,
        larger.assumingMemoryBound(to: tm_slot32.self), log2)
    case .fixed64:
      tm_rehash64(
        slots.assumingMemoryBound(to: tm_slot64.self), before,
        larger.assumingMemoryBound(to: tm_slot64.self), log2)
    case .fixed, .views:
      tm_rehash_bytes(
        slots.assumingMemoryBound(to: tm_slot_bytes.self), before,
        larger.assumingMemoryBound(to: tm_slot_bytes.self), log2)
    }
    slots.deallocate()
    slots = larger
    slotsLog2 = log2
    if let old = offsets {
      let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: before)
      grown.update(from: old, count: Int(entries))
      old.deallocate()
      offsets = grown
    }
  }
}

extension ValueDictionary.Layout {
  /// Bytes of a value in memory.
  public var valueByteCount: Int {
    switch self {
    case .fixed32: 4
    case .fixed64: 8
    case .fixed(let width): width
    case .views: ViewAccess.width
    }
  }

  fileprivate var slotByteCount: Int {
    switch self {
    case .fixed64: MemoryLayout<tm_slot64>.stride
    case .fixed32, .fixed, .views: MemoryLayout<tm_slot32>.stride
    }
  }
}
