public import Base
internal import Foundation

/// DuckDB's command line program as the query engine.
///
/// Each query is a session of its own, in memory, over views of the lake's tables; see
/// `DuckDBScript` for what it can reach. A first, short run has the statement parsed, so that
/// nothing but a single reading statement gets further.
public struct DuckDBEngine: QueryEngine {
  /// The program's path.
  public let program: String
  public var limits: QueryLimits
  /// The file of DuckDB's httpfs extension, which S3 needs; nil to have DuckDB look for it.
  public var httpfs: String?
  private let randomness: Randomness

  /// Finds the httpfs extension beside the program, or where Python's packages have it.
  public init(
    program: String, limits: QueryLimits = QueryLimits(), randomness: Randomness = .system
  ) {
    self.program = program
    self.limits = limits
    self.randomness = randomness
    httpfs = Self.httpfs(besides: program)
  }

  private static func httpfs(besides program: String) -> String? {
    let folder = URL(fileURLWithPath: program).resolvingSymlinksInPath().deletingLastPathComponent()
    let file = "httpfs.duckdb_extension"
    let beside = folder.appendingPathComponent(file).path
    if FileManager.default.fileExists(atPath: beside) { return beside }
    // site-packages/duckdb_cli/duckdb, or bin/duckdb, which starts that one.
    let library = folder.deletingLastPathComponent().appendingPathComponent("lib")
    let sitePackages =
      [folder.deletingLastPathComponent()]
      + entries(library).map { $0.appendingPathComponent("site-packages") }
    for packages in sitePackages {
      let versions = packages.appendingPathComponent("duckdb_extension_httpfs/extensions")
      for version in entries(versions).sorted(by: { $0.path > $1.path }) {
        let path = version.appendingPathComponent(file).path
        if FileManager.default.fileExists(atPath: path) { return path }
      }
    }
    return nil
  }

  private static func entries(_ folder: URL) -> [URL] {
    let found = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return found ?? []
  }

  /// Finds the program: where `TIDEMARK_DUCKDB` says, beside the running binary, on the PATH.
  /// - Throws: `.engineNotFound`.
  public static func find(
    environment: [String: String], limits: QueryLimits = QueryLimits()
  ) throws(QueryError) -> DuckDBEngine {
    let files = FileManager.default
    if let path = environment["TIDEMARK_DUCKDB"], !path.isEmpty {
      if isProgram(path) { return DuckDBEngine(program: path, limits: limits) }
      throw QueryError(
        .engineNotFound, "TIDEMARK_DUCKDB names no program that can be run",
        remedy: "set it to the path of DuckDB's command line program", place: path)
    }
    var folders: [String] = []
    if let binary = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      folders.append(URL(fileURLWithPath: binary).deletingLastPathComponent().path)
    }
    folders += (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for folder in folders where isProgram("\(folder)/duckdb") {
      return DuckDBEngine(program: "\(folder)/duckdb", limits: limits)
    }
    throw QueryError(
      .engineNotFound, "DuckDB, the query engine, is not installed",
      remedy: "install it (`pip install duckdb-cli`), or set TIDEMARK_DUCKDB to its path")
  }

  private static func isProgram(_ path: String) -> Bool {
    let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let type = try? FileManager.default.attributesOfItem(atPath: file)[.type] as? FileAttributeType
    return type == .typeRegular && FileManager.default.isExecutableFile(atPath: file)
  }

  public func run(
    _ request: QueryRequest, cancellation: Cancellation, output: ([UInt8]) -> Bool
  ) throws(QueryError) {
    if request.sql.utf8.contains(0) {
      throw QueryError(.syntax, "the statement holds a NUL character", remedy: "remove it")
    }
    let workspace = try Workspace(in: limits.temporaryFolder, randomness)
    let script = DuckDBScript(
      limits: limits, spillFolder: workspace.path("spill"), httpfs: httpfs)
    let check = StatementCheck(request.sql)
    let tables = try tables(check, request, script, workspace, cancellation)

    var repair = JSONRepair()
    let isJSON = request.format == .json
    let text = script.query(check.executableText, request, tables: tables)
    let isWhole = try answer(text, tables: request.tables, workspace, cancellation) { piece in
      output(isJSON ? repair.next(piece) : piece)
    }
    let rest = repair.finish()
    if isWhole, !rest.isEmpty { _ = output(rest) }
  }

  /// The tables that the statement may read, if it is one that may be run.
  private func tables(
    _ check: StatementCheck, _ request: QueryRequest, _ script: DuckDBScript,
    _ workspace: Workspace, _ cancellation: Cancellation
  ) throws(QueryError) -> [QueryTable] {
    var bytes: [UInt8] = []
    let text = script.check(check.parsedText)
    _ = try answer(text, tables: [], workspace, cancellation) { piece in
      bytes += piece
      return true
    }
    let parsed: JSONValue
    do { parsed = try JSONValue(parsing: bytes) } catch {
      throw QueryError(
        .engineUnusable, "the query engine's parser gave no answer",
        remedy: "use DuckDB 1.5 or newer; `duckdb --version` says which one there is",
        place: program, cause: error.description)
    }
    return try check.tables(parsed, of: request.tables)
  }

  /// Runs a script and hands out what it prints after the ready mark.
  /// - Returns: false where the reader had enough.
  private func answer(
    _ script: String, tables: [QueryTable], _ workspace: Workspace, _ cancellation: Cancellation,
    _ output: ([UInt8]) -> Bool
  ) throws(QueryError) -> Bool {
    let file = try workspace.write(script)
    let child = ChildProcess(
      program: program, arguments: ["-batch", "-bail", "-no-init", "-f", file])
    let mark = Array(DuckDBScript.readyMark.utf8)
    var head: [UInt8] = []
    var isSetUp = false
    let ending = try child.run(cancellation: cancellation) { piece in
      if isSetUp { return output(piece) }
      head += piece
      guard let end = head.endOfFirst(mark) else { return true }
      isSetUp = true
      let rest = Array(head[end...])
      head = []
      return rest.isEmpty ? true : output(rest)
    }
    if ending.isStopped { return false }
    let message = DuckDBMessage(ending.errorText)
    if ending.signal != nil || (ending.code != 0 && ending.errorText.isEmpty) {
      throw message.crash(ending.signal)
    }
    if ending.code != 0 || !isSetUp { throw message.error(tables: tables, isSetUp: isSetUp) }
    return true
  }
}

extension [UInt8] {
  /// Where the first occurrence of the mark ends.
  fileprivate func endOfFirst(_ mark: [UInt8]) -> Int? {
    guard count >= mark.count else { return nil }
    for start in 0...(count - mark.count) where self[start...].starts(with: mark) {
      return start + mark.count
    }
    return nil
  }
}

/// A folder for one query, for its owner's eyes only; removed when it goes out of scope.
private final class Workspace {
  private let folder: URL

  init(in parent: String, _ randomness: Randomness) throws(QueryError) {
    folder = URL(fileURLWithPath: parent, isDirectory: true)
      .appendingPathComponent(
        "tidemark-query-" + String(randomness.next(), radix: 36), isDirectory: true)
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw QueryError(
        .engineUnusable, "no temporary folder can be made",
        remedy: "set TMPDIR to a folder that can be written", place: parent, cause: "\(error)")
    }
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func write(_ script: String) throws(QueryError) -> String {
    let file = path("script.sql")
    do { try Data(script.utf8).write(to: URL(fileURLWithPath: file)) } catch {
      throw QueryError(
        .engineUnusable, "the temporary folder cannot be written",
        remedy: "free some space, or set TMPDIR to another folder", place: file, cause: "\(error)")
    }
    return file
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}
