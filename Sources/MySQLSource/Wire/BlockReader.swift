/// Cuts what comes over the wire into blocks of whole rows.
struct BlockReader: ~Copyable {
  struct Limits: Sendable {
    /// A block closes at this size; a row that is larger gets a block of its own.
    var blockBytes = 512 << 10
    var rowsMax = 65_536
    /// A larger row is an error.
    var rowBytesMax = 16 << 20
  }

  private var packets: PacketSource
  private let limits: Limits
  /// Bytes received behind the last whole row: the beginning of the next block.
  private var carry: [UInt8] = []
  private var isAtEnd = false

  init(_ packets: consuming PacketSource, _ limits: Limits) {
    self.packets = packets
    self.limits = limits
  }

  /// The next rows, nil at the end.
  mutating func next() throws(ServerError) -> RowBlock? {
    if isAtEnd && carry.isEmpty { return nil }
    return packets.isRaw ? try nextRaw() : try nextByPackets()
  }

  private func check(rowBytes: Int) throws(ServerError) {
    if rowBytes > limits.rowBytesMax {
      throw ServerError.row(bytes: rowBytes, bytesMax: limits.rowBytesMax)
    }
  }

  // MARK: Bytes as they are on the wire

  /// How a pass over received bytes ended.
  private enum Stop {
    case full, end, longRow
    case rowOf(bytes: Int)
    case failed(ServerError)
  }

  private mutating func nextRaw() throws(ServerError) -> RowBlock? {
    var capacity = max(limits.blockBytes, carry.count)
    while true {
      var rowCount = 0
      var stop = Stop.full
      let bytes = [UInt8](unsafeUninitializedCapacity: capacity + RowBlock.padding) {
        buffer, count in
        guard let base = buffer.baseAddress else { return }
        let memory = UnsafeMutableRawBufferPointer(start: base, count: capacity)
        var used = 0
        (used, rowCount, stop) = fill(memory)
        (memory.baseAddress.unsafelyUnwrapped + used)
          .initializeMemory(as: UInt8.self, repeating: 0, count: RowBlock.padding)
        count = used + RowBlock.padding
      }
      switch stop {
      case .failed(let error): throw error
      case .end:
        isAtEnd = true
        carry = []
        try packets.finish()
      case .longRow where rowCount == 0: return try longRow()
      case .rowOf(let rowBytes) where rowCount == 0:
        try check(rowBytes: rowBytes)
        capacity = rowBytes + 4
        continue
      case .full, .longRow, .rowOf: break
      }
      return rowCount == 0 ? nil : RowBlock(bytes: bytes, rowCount: rowCount)
    }
  }

  /// Receives into `memory` until no further row fits, and keeps what is behind the last whole
  /// row for the next block.
  private mutating func fill(_ memory: UnsafeMutableRawBufferPointer) -> (Int, Int, Stop) {
    memory.copyBytes(from: carry)
    var received = carry.count
    var parsed = 0
    var rowCount = 0
    var stop = Stop.full
    receiving: while true {
      while received - parsed >= 5 {
        let header = UInt32(
          littleEndian: memory.loadUnaligned(fromByteOffset: parsed, as: UInt32.self))
        let length = Int(header & 0xFF_FFFF)
        if length == PacketSource.longPacketBytes {
          stop = .longRow
          break receiving
        }
        if received - parsed < 4 + length {
          if parsed + 4 + length <= memory.count { break }
          stop = .rowOf(bytes: length)
          break receiving
        }
        let mark = memory[parsed + 4]
        if mark != PacketSource.Mark.row || length == 0 {
          if Self.isProgress(memory, at: parsed + 4, length) {
            let behind = UnsafeMutableRawBufferPointer(
              rebasing: memory[(parsed + 4 + length)..<received])
            UnsafeMutableRawBufferPointer(rebasing: memory[parsed...]).copyMemory(
              from: UnsafeRawBufferPointer(behind))
            received -= 4 + length
            continue
          }
          stop = Self.stop(at: mark, memory[(parsed + 4)..<(parsed + 4 + length)])
          break receiving
        }
        memory.storeBytes(
          of: UInt32(length).littleEndian, toByteOffset: parsed, as: UInt32.self)
        parsed += 4 + length
        rowCount += 1
        if rowCount == limits.rowsMax { break receiving }
      }
      if received == memory.count { break }
      do throws(ServerError) {
        received += try packets.receive(
          into: UnsafeMutableRawBufferPointer(rebasing: memory[received...]))
      } catch {
        stop = .failed(error)
        break
      }
    }
    carry = Array(memory[parsed..<received])
    return (parsed, rowCount, stop)
  }

  /// Whether a packet reports how far a long statement is: an error packet with a number that no
  /// error has.
  private static func isProgress(
    _ memory: UnsafeMutableRawBufferPointer, at start: Int, _ length: Int
  ) -> Bool {
    length >= 3 && memory[start] == PacketSource.Mark.error && memory[start + 1] == 0xFF
      && memory[start + 2] == 0xFF
  }

  private static func stop(
    at mark: UInt8, _ payload: Slice<UnsafeMutableRawBufferPointer>
  ) -> Stop {
    switch mark {
    case PacketSource.Mark.end where !payload.isEmpty: .end
    case PacketSource.Mark.error where !payload.isEmpty:
      .failed(
        PacketSource.error(
          in: UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: payload))))
    default: .failed(ServerError(code: 2027, message: "a malformed packet among the rows"))
    }
  }

  /// A row of 16 MiB and more, which comes in several packets. One that is too large is received
  /// to its end as well, so that the error can tell its size.
  private mutating func longRow() throws(ServerError) -> RowBlock {
    var row: [UInt8] = [0, 0, 0, 0]
    var rowBytes = 0
    var length: Int
    repeat {
      try receive(atLeast: 4)
      length = Int(carry[0]) | Int(carry[1]) << 8 | Int(carry[2]) << 16
      carry.removeFirst(4)
      rowBytes += length
      let isTooLarge = rowBytes > limits.rowBytesMax
      if isTooLarge { row = [] }
      var left = length
      while left > 0 {
        try receive(atLeast: 1)
        let step = min(left, carry.count)
        if !isTooLarge { row += carry.prefix(step) }
        carry.removeFirst(step)
        left -= step
      }
    } while length == PacketSource.longPacketBytes
    try check(rowBytes: rowBytes)
    return Self.block(ofRow: row)
  }

  private mutating func receive(atLeast count: Int) throws(ServerError) {
    while carry.count < count {
      var chunk = [UInt8](repeating: 0, count: 256 << 10)
      var received = 0
      var failure: ServerError?
      chunk.withUnsafeMutableBytes { buffer in
        do throws(ServerError) {
          received = try packets.receive(into: buffer)
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      carry += chunk.prefix(received)
    }
  }

  private static func block(ofRow row: consuming [UInt8]) -> RowBlock {
    let length = UInt32(truncatingIfNeeded: row.count - 4)
    for index in 0..<4 { row[index] = UInt8(truncatingIfNeeded: length >> UInt32(index * 8)) }
    row += [UInt8](repeating: 0, count: RowBlock.padding)
    return RowBlock(bytes: row, rowCount: 1)
  }

  // MARK: Packet by packet

  private mutating func nextByPackets() throws(ServerError) -> RowBlock? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(limits.blockBytes + RowBlock.padding)
    bytes += carry
    var rowCount = carry.isEmpty ? 0 : 1
    carry = []
    while !isAtEnd && rowCount < limits.rowsMax && bytes.count < limits.blockBytes {
      let payload = try packets.packet()
      switch payload.first {
      case PacketSource.Mark.row:
        try check(rowBytes: payload.count)
        let length = UInt32(truncatingIfNeeded: payload.count)
        let header = (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32($0 * 8)) }
        if rowCount > 0, bytes.count + payload.count > limits.blockBytes {
          carry = header + payload
          return Self.block(bytes, rowCount)
        }
        bytes += header
        bytes += payload
        rowCount += 1
      case PacketSource.Mark.end:
        isAtEnd = true
        try packets.finish()
      case PacketSource.Mark.error: throw PacketSource.error(in: payload)
      default: throw ServerError(code: 2027, message: "a malformed packet among the rows")
      }
    }
    return rowCount == 0 ? nil : Self.block(bytes, rowCount)
  }

  private static func block(_ bytes: [UInt8], _ rowCount: Int) -> RowBlock {
    RowBlock(bytes: bytes + [UInt8](repeating: 0, count: RowBlock.padding), rowCount: rowCount)
  }
}
