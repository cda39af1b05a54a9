internal import CMariaDB

/// Fills memory with a result's packets as they come over the wire.
///
/// On a plain connection bytes are received straight to where they stay. Under TLS (or whatever
/// else stands between) the library hands out packet by packet.
struct PacketSource: ~Copyable {
  /// What a packet of a binary result is, by its first byte.
  enum Mark {
    static let row: UInt8 = 0x00
    static let end: UInt8 = 0xFE
    static let error: UInt8 = 0xFF
  }

  /// Payload bytes that tell that the next packet goes on with the same row.
  static let longPacketBytes = 0xFF_FFFF

  private let connection: Connection
  private let socket: Int32?
  /// Received, but not yet handed out.
  private var ahead: [UInt8] = []

  /// - Precondition: a statement was executed and none of its rows read.
  init(_ connection: Connection, packetBytesMax: Int) throws(ServerError) {
    self.connection = connection
    var cache = [UInt8](repeating: 0, count: 65_536)
    let (count, descriptor) = try connection.withHandle { (library) throws(ServerError) in
      library.pointee.net.max_packet_size = UInt(clamping: packetBytesMax)
      return (
        tm_mysql_take_ahead(library, &cache, cache.count), Int32(mysql_get_socket(library))
      )
    }
    if count >= 0 {
      socket = descriptor
      ahead = Array(cache.prefix(count))
    } else {
      socket = nil
    }
  }

  /// Whether bytes come as they are on the wire; else packet by packet.
  var isRaw: Bool { socket != nil }

  /// Receives at least one byte.
  mutating func receive(into output: UnsafeMutableRawBufferPointer) throws(ServerError) -> Int {
    guard let base = output.baseAddress, !output.isEmpty, let socket else { return 0 }
    if !ahead.isEmpty {
      let count = min(ahead.count, output.count)
      output.copyBytes(from: ahead.prefix(count))
      ahead.removeFirst(count)
      return count
    }
    let seconds = connection.endpoint.patience.readSeconds
    let count = tm_socket_read(
      socket, base.assumingMemoryBound(to: UInt8.self), output.count, Int32(clamping: seconds))
    if count > 0 { return count }
    if count == -Int(ETIMEDOUT) { throw ServerError.silence(seconds: seconds) }
    throw ServerError(
      code: 2013,
      message: count == 0
        ? "the connection was closed while rows were read"
        : "the connection broke while rows were read (errno \(-count))")
  }

  /// The next packet's payload; the bytes are valid until the next call.
  mutating func packet() throws(ServerError) -> UnsafeRawBufferPointer {
    try connection.withHandle { (library) throws(ServerError) in
      var payload: UnsafePointer<UInt8>?
      let length = tm_mysql_read_packet(library, &payload)
      if tm_mysql_packet_failed(length) {
        throw connection.lastError.isTimeout
          ? .silence(seconds: connection.endpoint.patience.readSeconds) : connection.lastError
      }
      return UnsafeRawBufferPointer(start: payload, count: Int(length))
    }
  }

  /// Says that the last packet of the result has been read.
  func finish() throws(ServerError) {
    try connection.withHandle { tm_mysql_result_is_read($0) }
  }

  /// The error that a packet carries: a mark, a number, `#` and a state, a message.
  static func error(in payload: UnsafeRawBufferPointer) -> ServerError {
    guard payload.count >= 3 else {
      return ServerError(code: 2027, message: "a malformed error packet")
    }
    let code = UInt32(payload[1]) | UInt32(payload[2]) << 8
    var text = payload.dropFirst(3)
    if text.first == UInt8(ascii: "#") { text = text.dropFirst(6) }
    return ServerError(code: code, message: String(decoding: text, as: UTF8.self))
  }
}
