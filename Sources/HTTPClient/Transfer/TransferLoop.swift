internal import Base
internal import CCurl
internal import Foundation
internal import Synchronization

/// The one thread that runs all transfers of a session. libcurl's handles never leave it; other
/// threads leave commands and wake it.
///
///     start(a) ─┐
///     cancel(b) ├─▶ inbox ─▶ [ perform · finished? · poll ] ─▶ completions
///     resume(c) ┘                ▲                  │
///                                └──────────────────┘
final class TransferLoop: @unchecked Sendable {
  private enum Command {
    case start(Transfer)
    case cancel(Transfer, reason: String)
    case resume(Transfer)
  }

  private struct Inbox {
    var commands: [Command] = []
    var isStopped = false
    /// The handle is gone: nobody may wake it any more.
    var isFreed = false
  }

  private let inbox = Mutex(Inbox())
  private let multi: UnsafeMutableRawPointer?
  /// Only the loop's thread touches it.
  private var running: [UnsafeMutableRawPointer: Transfer] = [:]

  /// libcurl's own set-up, once in the process.
  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  /// - Parameter connectionsPerHost: further transfers wait for a free connection.
  init(connectionsPerHost: Int) {
    multi = Self.isReady ? curl_multi_init() : nil
    guard let multi else { return }
    ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, max(1, connectionsPerHost))
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(4, connectionsPerHost * 2))
    ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    WorkerThread("tidemark-http") { [self] in run() }
  }

  func start(_ transfer: Transfer) {
    if !leave(.start(transfer)) { transfer.finish(.failure(Self.closed(transfer))) }
  }

  func cancel(_ transfer: Transfer, reason: String) {
    _ = leave(.cancel(transfer, reason: reason))
  }

  /// Lets a transfer go on whose sink was full.
  func resume(_ transfer: Transfer) { _ = leave(.resume(transfer)) }

  /// Ends all transfers and the thread.
  func stop() {
    inbox.withLock { $0.isStopped = true }
    wake()
  }

  private func leave(_ command: Command) -> Bool {
    let isTaken = inbox.withLock { inbox in
      if inbox.isStopped || multi == nil { return false }
      inbox.commands.append(command)
      return true
    }
    if isTaken { wake() }
    return isTaken
  }

  private func wake() {
    // Under the lock under which the thread says that it frees the handle.
    inbox.withLock { inbox in
      if let multi, !inbox.isFreed { _ = curl_multi_wakeup(multi) }
    }
  }

  private static func closed(_ transfer: Transfer) -> HTTPError {
    transfer.error(.closed, "the session was closed")
  }

  // MARK: On the loop's thread

  private func run() {
    guard let multi else { return }
    // OpenSSL writes to sockets without MSG_NOSIGNAL: a closed connection must be an error code.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)

    while true {
      let (commands, isStopped) = inbox.withLock { inbox in
        defer { inbox.commands = [] }
        return (inbox.commands, inbox.isStopped)
      }
      if isStopped {
        shutDown(multi, commands)
        return
      }
      for command in commands { perform(command, multi) }
      var runningCount: Int32 = 0
      _ = curl_multi_perform(multi, &runningCount)
      takeFinished(multi)
      // libcurl cuts the wait short by its own timers, and a wake-up ends it.
      _ = curl_multi_poll(multi, nil, 0, 60_000, nil)
    }
  }

  private func perform(_ command: Command, _ multi: UnsafeMutableRawPointer) {
    switch command {
    case .start(let transfer): begin(transfer, multi)
    case .cancel(let transfer, let reason):
      guard let easy = transfer.easy, running[easy] === transfer else { return }
      remove(easy, multi)
      transfer.finish(.failure(transfer.error(.cancelled, reason)))
    case .resume(let transfer):
      guard let easy = transfer.easy, running[easy] === transfer else { return }
      _ = curl_easy_pause(easy, CURLPAUSE_CONT)
    }
  }

  private func begin(_ transfer: Transfer, _ multi: UnsafeMutableRawPointer) {
    do throws(HTTPError) {
      let easy = try transfer.prepare()
      guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
        throw transfer.error(.closed, "libcurl takes no further transfer")
      }
      running[easy] = transfer
    } catch {
      transfer.finish(.failure(error))
    }
  }

  private func remove(_ easy: UnsafeMutableRawPointer, _ multi: UnsafeMutableRawPointer) {
    _ = curl_multi_remove_handle(multi, easy)
    running[easy] = nil
  }

  private func takeFinished(_ multi: UnsafeMutableRawPointer) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = running[easy]
      else { continue }
      // The message is gone with the handle.
      let code = ccurl_message_result(message)
      let outcome = transfer.outcome(of: code)
      remove(easy, multi)
      switch outcome {
      case .result(let result): transfer.finish(result)
      case .again: begin(transfer, multi)
      }
    }
  }

  private func shutDown(_ multi: UnsafeMutableRawPointer, _ commands: [Command]) {
    for case .start(let transfer) in commands {
      transfer.finish(.failure(Self.closed(transfer)))
    }
    for (easy, transfer) in running {
      _ = curl_multi_remove_handle(multi, easy)
      transfer.finish(.failure(Self.closed(transfer)))
    }
    running = [:]
    inbox.withLock { $0.isFreed = true }
    _ = curl_multi_cleanup(multi)
  }
}
