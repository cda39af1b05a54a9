import Foundation

/// A value of a result.
enum ScriptedValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case double(Double)
  case text(String)
  case bytes([UInt8])
  /// `2026-11-21 07:34:00.000000` as its parts; without a time of day where it is a DATE.
  case moment([Int])

  /// As the text protocol has it.
  var text: [UInt8] {
    switch self {
    case .null: []
    case .integer(let value): Array(String(value).utf8)
    case .double(let value): Array(String(value).utf8)
    case .text(let value): Array(value.utf8)
    case .bytes(let value): value
    case .moment(let parts): Array(parts.map(String.init).joined(separator: "-").utf8)
    }
  }
}

/// A column of a result, as the server describes it.
struct ScriptedColumn: Sendable {
  /// Numbers of types on the wire.
  enum Code: UInt8, Sendable {
    case tiny = 1
    case long = 3
    case null = 6
    case timestamp = 7
    case longLong = 8
    case dateTime = 12
    case year = 13
    case vector = 242
    case json = 245
    case newDecimal = 246
    case blob = 252
    case varString = 253
    case string = 254
    case geometry = 255
  }

  var name: String
  var code: Code
  var charset: UInt16
  var length: UInt32
  var decimals: UInt8
  var flags: UInt16

  static let notNull: UInt16 = 1
  static let unsigned: UInt16 = 32
  static let zerofill: UInt16 = 64
  static let enumeration: UInt16 = 256
  static let set: UInt16 = 2048
  static let binary: UInt16 = 63

  init(
    _ name: String, _ code: Code, charset: UInt16 = ScriptedColumn.binary, length: UInt32 = 20,
    decimals: UInt8 = 0, flags: UInt16 = 0
  ) {
    self.name = name
    self.code = code
    self.charset = charset
    self.length = length
    self.decimals = decimals
    self.flags = flags
  }

  /// A column of a look-up: text in utf8mb4.
  static func text(_ name: String) -> ScriptedColumn {
    ScriptedColumn(name, .varString, charset: 45, length: 1024)
  }

  var packet: ScriptedPacket {
    var packet = ScriptedPacket()
    for part in ["def", "shop", "t", "t", name, name] { packet.add(counted: Array(part.utf8)) }
    packet.add(byte: 12)
    packet.add(UInt32(charset), bytes: 2)
    packet.add(length, bytes: 4)
    packet.add(byte: code.rawValue)
    packet.add(UInt32(flags), bytes: 2)
    packet.add(byte: decimals)
    packet.add(0, bytes: 2)
    return packet
  }

  /// A value as the binary protocol has it.
  func add(_ value: ScriptedValue, to packet: inout ScriptedPacket) {
    switch (code, value) {
    case (.tiny, .integer(let number)): packet.add(UInt32(truncatingIfNeeded: number), bytes: 1)
    case (.year, .integer(let number)): packet.add(UInt32(truncatingIfNeeded: number), bytes: 2)
    case (.long, .integer(let number)): packet.add(UInt32(truncatingIfNeeded: number), bytes: 4)
    case (.longLong, .integer(let number)):
      packet.add(UInt32(truncatingIfNeeded: number), bytes: 4)
      packet.add(UInt32(truncatingIfNeeded: number >> 32), bytes: 4)
    case (_, .moment(let parts)):
      packet.add(byte: parts.count > 6 ? 11 : parts.count > 3 ? 7 : 4)
      packet.add(UInt32(parts[0]), bytes: 2)
      for part in parts[1..<min(6, parts.count)] { packet.add(UInt32(part), bytes: 1) }
      if parts.count > 6 { packet.add(UInt32(parts[6]), bytes: 4) }
    default: packet.add(counted: value.text)
    }
  }
}

/// What a statement comes to.
enum ScriptedReply: Sendable {
  struct Failure: Sendable {
    var code: UInt16
    var state: String
    var message: String
  }

  case ok
  case failure(Failure)
  case rows([ScriptedColumn], [[ScriptedValue]])
}

/// A packet's payload while it is made.
struct ScriptedPacket {
  private(set) var bytes: [UInt8]

  init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  mutating func add(byte: UInt8) { bytes.append(byte) }
  mutating func add(bytes more: [UInt8]) { bytes += more }
  mutating func add(terminated text: String) { bytes += Array(text.utf8) + [0] }

  mutating func add(_ number: UInt32, bytes count: Int) {
    for index in 0..<count {
      bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(8 * index)))
    }
  }

  /// A number of one to nine bytes.
  mutating func add(count: Int) {
    if count < 251 { return add(byte: UInt8(count)) }
    add(byte: count < 65_536 ? 252 : 253)
    add(UInt32(count), bytes: count < 65_536 ? 2 : 3)
  }

  mutating func add(counted text: [UInt8]) {
    add(count: text.count)
    bytes += text
  }
}

/// One connection's packets.
struct ScriptedWire {
  /// LONG_PASSWORD (no MariaDB), LONG_FLAG, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS,
  /// SECURE_CONNECTION, PLUGIN_AUTH, CONNECT_ATTRS, PLUGIN_AUTH_LENENC, DEPRECATE_EOF.
  static let capabilities: UInt32 = 0x0138_A20D

  let descriptor: Int32
  var clientCapabilities: UInt32 = 0
  /// Spoils rows of the binary protocol.
  var damage: ScriptedDamage?
  private var sequence: UInt8 = 0

  init(descriptor: Int32) { self.descriptor = descriptor }

  private var hasEndPackets: Bool { clientCapabilities & Self.capabilities & 0x100_0000 == 0 }

  /// The next packet; nil where the client is gone.
  mutating func receive() -> [UInt8]? {
    guard let header = read(4) else { return nil }
    sequence = header[3] &+ 1
    return read(Int(header[0]) | Int(header[1]) << 8 | Int(header[2]) << 16)
  }

  private func read(_ count: Int) -> [UInt8]? {
    var result: [UInt8] = []
    while result.count < count {
      var chunk = [UInt8](repeating: 0, count: count - result.count)
      let received = recv(descriptor, &chunk, chunk.count, 0)
      if received <= 0 { return nil }
      result += chunk.prefix(received)
    }
    return result
  }

  mutating func send(_ packet: ScriptedPacket) {
    let count = packet.bytes.count
    let header = (0..<3).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + [sequence]
    sequence &+= 1
    var rest = header + packet.bytes
    while !rest.isEmpty {
      let sent = Foundation.send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
      if sent <= 0 { return }
      rest.removeFirst(sent)
    }
  }

  mutating func sendOK() { send(ScriptedPacket([0, 0, 0, 2, 0, 0, 0])) }

  mutating func sendError(_ failure: ScriptedReply.Failure) {
    var packet = ScriptedPacket([0xFF])
    packet.add(UInt32(failure.code), bytes: 2)
    packet.add(bytes: Array("#\(failure.state)\(failure.message)".utf8))
    send(packet)
  }

  /// The end of columns, where the client expects one.
  private mutating func sendEndOfColumns() {
    if hasEndPackets { send(ScriptedPacket([0xFE, 0, 0, 2, 0])) }
  }

  mutating func send(_ reply: ScriptedReply, isBinary: Bool) {
    switch reply {
    case .ok: sendOK()
    case .failure(let failure): sendError(failure)
    case .rows(let columns, let rows):
      var count = ScriptedPacket()
      count.add(count: columns.count)
      send(count)
      for column in columns { send(column.packet) }
      sendEndOfColumns()
      for row in rows {
        if isBinary {
          let packet = Self.binary(row, columns)
          send(damage?.damaged(packet) ?? packet)
        } else {
          send(Self.text(row))
        }
      }
      send(ScriptedPacket(hasEndPackets ? [0xFE, 0, 0, 2, 0] : [0xFE, 0, 0, 2, 0, 0, 0]))
    }
  }

  private static func text(_ row: [ScriptedValue]) -> ScriptedPacket {
    var packet = ScriptedPacket()
    for value in row {
      if value == .null { packet.add(byte: 0xFB) } else { packet.add(counted: value.text) }
    }
    return packet
  }

  private static func binary(_ row: [ScriptedValue], _ columns: [ScriptedColumn])
    -> ScriptedPacket
  {
    var nulls = [UInt8](repeating: 0, count: (columns.count + 9) / 8)
    for (index, value) in row.enumerated() where value == .null {
      nulls[(index + 2) / 8] |= 1 << UInt8((index + 2) % 8)
    }
    var packet = ScriptedPacket([0] + nulls)
    for (column, value) in zip(columns, row) where value != .null {
      column.add(value, to: &packet)
    }
    return packet
  }

  /// The answer to a statement that is prepared: its number and its columns.
  mutating func sendPrepared(_ prepared: (id: Int, reply: ScriptedReply)) {
    var columns: [ScriptedColumn] = []
    switch prepared.reply {
    case .failure(let failure): return sendError(failure)
    case .rows(let described, _): columns = described
    case .ok: break
    }
    var packet = ScriptedPacket([0])
    packet.add(UInt32(prepared.id), bytes: 4)
    packet.add(UInt32(columns.count), bytes: 2)
    packet.add(bytes: [0, 0, 0, 0, 0])
    send(packet)
    for column in columns { send(column.packet) }
    if !columns.isEmpty { sendEndOfColumns() }
  }
}
