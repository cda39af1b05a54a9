import Base
import Crypto
import Foundation
import Synchronization

/// A server that speaks MySQL's protocol and answers from a script: it stands in for the versions
/// of MySQL that are not at hand, in what they alone do.
///
/// It knows a family's dictionary and variables (`ScriptedFamily`), and refuses what that family
/// does not have, with the number and the words of the real one. It keeps no rows of its own: a
/// table's are given with it.
///
/// - SeeAlso: MySQL Source Code Documentation, "Client/Server Protocol".
final class ScriptedServer: Sendable {
  let family: ScriptedFamily
  let tables: [ScriptedTable]
  /// Connections, statements and transactions that others seem to have.
  let others: [ScriptedActivity]
  /// Where rows are to be spoilt: what by.
  let damageSeed: UInt64?
  let port: Int
  static let user = "reader"
  static let password = "p@ss wörd"

  private let listener: Int32
  private struct Seen {
    var statements: [String] = []
    var unknown: [String] = []
    var connections: Int = 0
  }
  private let seen = Mutex(Seen())

  /// All statements, in their order.
  var statements: [String] { seen.withLock { $0.statements } }
  /// Statements that the script has no answer to: a test is incomplete where there are any.
  var unknown: [String] { seen.withLock { $0.unknown } }

  init(
    _ family: ScriptedFamily, tables: [ScriptedTable], others: [ScriptedActivity] = [],
    damageSeed: UInt64? = nil
  ) throws {
    self.damageSeed = damageSeed
    self.family = family
    self.tables = tables
    self.others = others
    (listener, port) = try Self.listen()
    WorkerThread("scripted-server") { [self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        if descriptor < 0 { return }
        // Each packet is sent by itself.
        var on: Int32 = 1
        setsockopt(
          descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let id = seen.withLock { seen -> Int in
          seen.connections += 1
          return 100 + seen.connections
        }
        WorkerThread("scripted-connection") { [self] in serve(descriptor, id: id) }
      }
    }
  }

  /// Takes no more connections.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  func url(database: String = "shop", password: String = "p%40ss%20w%C3%B6rd") -> String {
    "mysql://\(Self.user):\(password)@127.0.0.1:\(port)/\(database)"
  }

  func note(_ statement: String) { seen.withLock { $0.statements.append(statement) } }

  func noteUnknown(_ statement: String) { seen.withLock { $0.unknown.append(statement) } }

  private static func listen() throws -> (Int32, Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    guard isBound, Foundation.listen(descriptor, 16) == 0 else {
      throw ScriptedProblem(description: "no port for the scripted server")
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  // MARK: A connection

  private func serve(_ descriptor: Int32, id: Int) {
    var wire = ScriptedWire(descriptor: descriptor)
    defer { close(descriptor) }
    wire.damage = damageSeed.map(ScriptedDamage.init)
    guard greet(&wire, id: id) else { return }
    var session = ScriptedSession(server: self, id: id)
    while let packet = wire.receive(), let command = packet.first {
      switch command {
      case 0x01: return  // COM_QUIT
      case 0x03: wire.send(session.answer(text(packet)), isBinary: false)
      case 0x0E: wire.sendOK()  // COM_PING
      case 0x16: wire.sendPrepared(session.prepare(text(packet)))
      case 0x17: wire.send(session.execute(Self.number(packet)), isBinary: true)
      case 0x19: session.close(Self.number(packet))
      default: wire.sendError(.init(code: 1047, state: "08S01", message: "Unknown command"))
      }
    }
  }

  private func text(_ packet: [UInt8]) -> String {
    String(decoding: packet.dropFirst(), as: UTF8.self)
  }

  private static func number(_ packet: [UInt8]) -> Int {
    packet.count < 5 ? 0 : (1...4).reduce(0) { $0 | Int(packet[$1]) << (8 * ($1 - 1)) }
  }

  /// - Returns: whether the client may go on.
  private func greet(_ wire: inout ScriptedWire, id: Int) -> Bool {
    let salt = Array("8bytes..and12bytes!!".utf8)
    var hello = ScriptedPacket()
    hello.add(byte: 10)
    hello.add(terminated: family.version)
    hello.add(UInt32(id), bytes: 4)
    hello.add(bytes: Array(salt.prefix(8)) + [0])
    hello.add(ScriptedWire.capabilities & 0xFFFF, bytes: 2)
    hello.add(byte: UInt8(truncatingIfNeeded: family.collation))
    hello.add(2, bytes: 2)
    hello.add(ScriptedWire.capabilities >> 16, bytes: 2)
    hello.add(byte: 21)
    hello.add(bytes: [UInt8](repeating: 0, count: 10))
    hello.add(bytes: Array(salt.dropFirst(8)) + [0])
    hello.add(terminated: family.plugin.rawValue)
    wire.send(hello)
    guard let reply = wire.receive(), let login = ScriptedLogin(reply) else { return false }
    wire.clientCapabilities = login.capabilities
    var answer = login.answer
    if login.plugin != family.plugin.rawValue {
      var change = ScriptedPacket()
      change.add(byte: 0xFE)
      change.add(terminated: family.plugin.rawValue)
      change.add(bytes: salt + [0])
      wire.send(change)
      guard let again = wire.receive() else { return false }
      answer = again
    }
    guard login.user == Self.user, answer == family.plugin.proof(Self.password, salt) else {
      wire.sendError(
        .init(
          code: 1045, state: "28000",
          message: "Access denied for user '\(login.user)'@'127.0.0.1' (using password: YES)"))
      return false
    }
    // The server has the password's hash in its cache: no full exchange.
    if family.plugin == .cachingSHA2 { wire.send(ScriptedPacket([0x01, 0x03])) }
    wire.sendOK()
    return true
  }
}

struct ScriptedProblem: Error, CustomStringConvertible {
  var description: String
}

/// How a client proves that it knows the password.
enum ScriptedPlugin: String, Sendable {
  case native = "mysql_native_password"
  case cachingSHA2 = "caching_sha2_password"

  /// What a client sends that knows the password.
  func proof(_ password: String, _ salt: [UInt8]) -> [UInt8] {
    let secret = Array(password.utf8)
    switch self {
    case .native:
      let once = Array(Insecure.SHA1.hash(data: secret))
      let twice = Array(Insecure.SHA1.hash(data: once))
      return Self.xor(once, Array(Insecure.SHA1.hash(data: salt + twice)))
    case .cachingSHA2:
      let once = Array(SHA256.hash(data: secret))
      let twice = Array(SHA256.hash(data: once))
      return Self.xor(once, Array(SHA256.hash(data: twice + salt)))
    }
  }

  private static func xor(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] { zip(a, b).map { $0 ^ $1 } }
}

/// What a client says of itself.
private struct ScriptedLogin {
  var capabilities: UInt32
  var user: String
  var answer: [UInt8]
  var plugin: String

  init?(_ packet: [UInt8]) {
    guard packet.count > 33 else { return nil }
    capabilities = (0..<4).reduce(0) { $0 | UInt32(packet[$1]) << UInt32(8 * $1) }
    var rest = packet[32...]
    func terminated() -> String {
      let text = rest.prefix { $0 != 0 }
      rest = rest.dropFirst(text.count + 1)
      return String(decoding: text, as: UTF8.self)
    }
    user = terminated()
    // Shorter than 251 bytes, so that both forms of its length are one byte.
    let length = Int(rest.first ?? 0)
    answer = Array(rest.dropFirst().prefix(length))
    rest = rest.dropFirst(1 + length)
    if capabilities & 8 != 0 { _ = terminated() }
    plugin = capabilities & 0x80000 != 0 ? terminated() : ScriptedPlugin.native.rawValue
  }
}
