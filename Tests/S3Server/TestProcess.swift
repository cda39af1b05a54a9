internal import Foundation

/// A server that tests start: a process with a folder of its own. It ends with this process,
/// however that ends, and leaves nothing behind.
final class TestProcess: Sendable {
  let folder: String
  private let process = Process()
  /// Held open: the process's shell ends the server when it closes.
  private let lifeline = Pipe()

  /// A shell stands between: it ends the server and removes the folder when its input closes,
  /// which also happens when this process is killed. Killed itself, the server is started again
  /// by a line `start` on the input; `kill` kills it. Nothing here may `wait`: threads of Swift
  /// block the signal that a shell waits for.
  init(_ command: [String], folder: String) throws(S3Problem) {
    self.folder = folder
    let script = """
      folder=$1; shift
      "$@" >>"$folder/log" 2>&1 </dev/null &
      server=$!
      while read -r word; do
        case $word in
          kill) kill -9 $server; sleep 0.2; : >"$folder/killed" ;;
          start) rm -f "$folder/killed"; "$@" >>"$folder/log" 2>&1 </dev/null & server=$! ;;
        esac
      done
      kill -9 $server 2>/dev/null
      sleep 0.2
      rm -rf "$folder"
      """
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script, "sh", folder] + command
    process.standardInput = lifeline
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { throw S3Problem("\(command[0]) does not start: \(error)") }
  }

  func say(_ word: String) {
    try? lifeline.fileHandleForWriting.write(contentsOf: Data("\(word)\n".utf8))
  }

  /// Waits until it is dead.
  func kill() {
    say("kill")
    while !FileManager.default.fileExists(atPath: folder + "/killed") {
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  var log: String {
    let log = FileManager.default.contents(atPath: folder + "/log") ?? Data()
    return String(decoding: log.suffix(2000), as: UTF8.self)
  }

  var isRunning: Bool { process.isRunning }

  func stop() {
    try? lifeline.fileHandleForWriting.close()
    if process.isRunning { process.waitUntilExit() }
    try? FileManager.default.removeItem(atPath: folder)
  }

  deinit { stop() }

  /// Waits until a process has ended. The kernel is asked: Foundation learns of it by a socket, and
  /// a server that another thread starts at the same moment may hold that open as long as it lives.
  static func exitStatus(of process: Process) -> Int32 {
    while process.isRunning {
      var end = siginfo_t()
      if waitid(P_PID, id_t(process.processIdentifier), &end, WEXITED | WNOWAIT) == 0 {
        return end._sifields._sigchld.si_status
      }
      // Foundation has taken note meanwhile.
      Thread.sleep(forTimeInterval: 0.01)
    }
    return process.terminationStatus
  }

  static func makeFolder(_ name: String) throws(S3Problem) -> String {
    let path = NSTemporaryDirectory() + "/tidemark-\(name)-\(UUID().uuidString.prefix(8))"
    do {
      try FileManager.default.createDirectory(
        atPath: path + "/data", withIntermediateDirectories: true)
    } catch {
      throw S3Problem("no folder for the server: \(error)")
    }
    return path
  }

  /// Ports on 127.0.0.1 that are free, each another.
  static func freePorts(_ count: Int) throws(S3Problem) -> [Int] {
    var ports: [Int] = []
    var held: [Int32] = []
    defer { for descriptor in held { close(descriptor) } }
    for _ in 0..<count {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      held.append(descriptor)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let found = withUnsafeMutablePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
      }
      guard found else { throw S3Problem("no free port on 127.0.0.1") }
      ports.append(Int(UInt16(bigEndian: address.sin_port)))
    }
    return ports
  }

  /// The Python that tests use: `TIDEMARK_TEST_PYTHON`, or `.build/venv` of the project.
  static func python() throws(S3Problem) -> String {
    if let path = ProcessInfo.processInfo.environment["TIDEMARK_TEST_PYTHON"] { return path }
    var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    while folder.path != "/" {
      let path = folder.appendingPathComponent(".build/venv/bin/python").path
      if FileManager.default.isExecutableFile(atPath: path) { return path }
      folder.deleteLastPathComponent()
    }
    throw S3Problem("there is no Python for tests: run scripts/setup.sh test")
  }

  static func beside(_ python: String, _ name: String) throws(S3Problem) -> String {
    let path = URL(fileURLWithPath: python).deletingLastPathComponent()
      .appendingPathComponent(name).path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw S3Problem("\(name) is not installed beside \(python): run scripts/setup.sh test")
    }
    return path
  }
}

/// Why a test has no server.
public struct S3Problem: Error, CustomStringConvertible {
  public var description: String

  init(_ description: String) { self.description = description }
}
