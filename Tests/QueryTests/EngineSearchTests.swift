import Base
import Foundation
import Query
import Testing

@Suite struct EngineSearchTests {
  private func makeFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tidemark-engine-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  private func makeProgram(_ path: String, _ text: String) throws {
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  private func kind(_ environment: [String: String]) -> QueryError.Kind? {
    do {
      _ = try DuckDBEngine.find(environment: environment)
      return nil
    } catch { return error.kind }
  }

  @Test func findsTheProgram() throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try makeProgram(folder + "/duckdb", "exit 0")
    try makeProgram(folder + "/mine", "exit 0")
    let path = ["PATH": "/nowhere:\(folder)"]
    #expect(try DuckDBEngine.find(environment: path).program == folder + "/duckdb")
    let named = path.merging(["TIDEMARK_DUCKDB": folder + "/mine"]) { $1 }
    #expect(try DuckDBEngine.find(environment: named).program == folder + "/mine")
  }

  @Test func saysThatThereIsNone() throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(kind(["PATH": folder]) == .engineNotFound)
    #expect(kind([:]) == .engineNotFound)
    #expect(kind(["TIDEMARK_DUCKDB": folder]) == .engineNotFound)
    #expect(kind(["TIDEMARK_DUCKDB": folder + "/none"]) == .engineNotFound)
  }

  @Test(arguments: [
    ("exit 0", QueryError.Kind.engineUnusable),
    ("echo no such option >&2; exit 2", .engineUnusable),
    ("echo --tidemark-ready--; echo '{'", .engineUnusable), ("kill -SEGV $$", .engineCrashed),
    ("echo 'INTERNAL Error: oops' >&2; exit 1", .engineCrashed),
  ])
  func saysThatTheProgramIsNoGood(_ text: String, _ expected: QueryError.Kind) throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try makeProgram(folder + "/duckdb", text)
    let engine = DuckDBEngine(program: folder + "/duckdb")
    let error = #expect(throws: QueryError.self) {
      try engine.run(QueryRequest(sql: "SELECT 1", tables: []), cancellation: Cancellation()) { _ in
        true
      }
    }
    #expect(error?.kind == expected)
  }

  /// Whatever started the child's children, they end with it.
  @Test func endsTheWholeProcessGroup() throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try makeProgram(folder + "/duckdb", "sleep 60 & echo $! > \(folder)/pid; wait")
    let cancellation = Cancellation()
    WorkerThread("canceller") {
      while !FileManager.default.fileExists(atPath: folder + "/pid") { usleep(10_000) }
      usleep(50_000)
      cancellation.cancel("stop")
    }
    let engine = DuckDBEngine(program: folder + "/duckdb")
    let error = #expect(throws: QueryError.self) {
      try engine.run(QueryRequest(sql: "SELECT 1", tables: []), cancellation: cancellation) { _ in
        true
      }
    }
    #expect(error?.kind == .cancelled)
    let text = try String(contentsOfFile: folder + "/pid", encoding: .utf8)
    let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    // The signal has been sent; give it a moment to arrive.
    var isAlive = true
    for _ in 0..<200 where isAlive {
      isAlive = kill(pid, 0) == 0 && !isZombie(pid)
      if isAlive { usleep(10_000) }
    }
    #expect(!isAlive)
  }

  private func isZombie(_ pid: pid_t) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    return status.isEmpty || status.contains(") Z ")
  }
}
