internal import Base
internal import Foundation
internal import Glibc
internal import Synchronization

/// One run of a program whose output is read while it runs.
struct ChildProcess {
  struct Ending {
    var code: Int32
    /// The signal that ended it; nil where it ended by itself.
    var signal: Int32?
    /// The last of what it printed to standard error.
    var errorText: String
    /// Whether the reader had enough.
    var isStopped: Bool
  }

  var program: String
  var arguments: [String]

  /// Waits for the end. Whatever way this returns, the child is gone.
  /// - Throws: `.engineUnusable` where the program does not start, `.cancelled`.
  func run(cancellation: Cancellation, output: ([UInt8]) -> Bool) throws(QueryError) -> Ending {
    let process = Process()
    let outputPipe = Pipe()
    let errorPipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = outputPipe
    process.standardError = errorPipe
    // Told of the end, rather than `waitUntilExit`, which looks for it every 50 ms or so.
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    do { try process.run() } catch {
      throw QueryError(
        .engineUnusable, "the query engine does not start",
        remedy: "check that it is a program for this machine", place: program, cause: "\(error)")
    }
    let group = ProcessGroup(process.processIdentifier)
    let ticket = cancellation.onCancel { group.kill() }
    defer { cancellation.forget(ticket) }
    let errors = ErrorCollector(errorPipe.fileHandleForReading)

    var isStopped = false
    while let piece = try? outputPipe.fileHandleForReading.read(upToCount: 1 << 16), !piece.isEmpty
    {
      if !isStopped, !output([UInt8](piece)) {
        isStopped = true
        group.kill()
      }
    }
    ended.wait()
    group.forget()
    let text = errors.wait()
    if let reason = cancellation.reason, process.terminationReason == .uncaughtSignal {
      throw QueryError(.cancelled, "the query was stopped: \(reason)", remedy: "run it again")
    }
    return Ending(
      code: process.terminationStatus,
      signal: process.terminationReason == .uncaughtSignal ? process.terminationStatus : nil,
      errorText: text, isStopped: isStopped)
  }
}

/// The child and what it started: each child is made the head of a process group of its own.
private final class ProcessGroup: Sendable {
  private let leader: Mutex<pid_t?>

  init(_ leader: pid_t) { self.leader = Mutex(leader) }

  func kill() {
    leader.withLock { if let leader = $0 { _ = Glibc.kill(-leader, SIGKILL) } }
  }

  /// The child has been waited for: its number may be someone else's from now on.
  func forget() { leader.withLock { $0 = nil } }
}

/// Reads standard error beside standard output, so that neither fills up and blocks the child.
private final class ErrorCollector: Sendable {
  private static let byteCountMax = 1 << 16
  private let bytes = Mutex<[UInt8]>([])
  private let finished = DispatchSemaphore(value: 0)

  init(_ handle: FileHandle) {
    let descriptor = handle.fileDescriptor
    WorkerThread("engine-errors") { [self] in
      let reading = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
      while let piece = try? reading.read(upToCount: 4096), !piece.isEmpty {
        bytes.withLock { bytes in
          bytes.append(contentsOf: piece)
          if bytes.count > Self.byteCountMax { bytes.removeFirst(bytes.count - Self.byteCountMax) }
        }
      }
      withExtendedLifetime(handle) {}
      finished.signal()
    }
  }

  func wait() -> String {
    finished.wait()
    return bytes.withLock { String(decoding: $0, as: UTF8.self) }
  }
}
