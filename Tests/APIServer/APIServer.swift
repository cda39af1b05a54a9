public import Base
internal import Foundation
internal import HTTPClient

/// The misbehaving HTTP server of the tests, a process of its own: one for all tests of a bundle.
/// It ends with this process, however that ends.
public final class APIServer: Sendable {
  /// Starting it must not fail quietly: tests without their server prove nothing.
  public static let shared: Result<APIServer, APIServerProblem> = Result {
    () throws(APIServerProblem) in
    try APIServer()
  }

  public let port: Int
  /// Speaks TLS, with a certificate for `localhost` that only `/http/certificate` vouches for.
  public let securePort: Int
  private let process: Process
  private let input: Pipe
  private let session = HTTPSession()

  public var url: String { "http://127.0.0.1:\(port)" }

  /// Finds the interpreter in `TIDEMARK_TEST_PYTHON`, else in `.build/venv` from the working
  /// folder upwards, else on the PATH.
  private init() throws(APIServerProblem) {
    process = Process()
    input = Pipe()
    let output = Pipe()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("server.py").path
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [Self.interpreter, script]
    process.standardInput = input
    process.standardOutput = output
    do { try process.run() } catch {
      throw APIServerProblem(description: "the test server does not start: \(error)")
    }
    var line = ""
    while !line.hasSuffix("\n") {
      let data = output.fileHandleForReading.readData(ofLength: 1)
      if data.isEmpty { break }
      line += String(decoding: data, as: UTF8.self)
    }
    let ports = line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard ports.count == 2 else {
      throw APIServerProblem(description: "the test server printed '\(line)' instead of its ports")
    }
    port = ports[0]
    securePort = ports[1]
  }

  private static var interpreter: String {
    if let path = ProcessInfo.processInfo.environment["TIDEMARK_TEST_PYTHON"], !path.isEmpty {
      return path
    }
    var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    while folder.path != "/" {
      let path = folder.appendingPathComponent(".build/venv/bin/python").path
      if FileManager.default.isExecutableFile(atPath: path) { return path }
      folder.deleteLastPathComponent()
    }
    return "python3"
  }

  /// Sets an API up that nobody else uses.
  /// - Returns: its base URL.
  public func api(_ setup: JSONValue) throws -> String {
    let base = "\(url)/s/\(UUID().uuidString)"
    try post(base + "/setup", setup)
    return base
  }

  /// Changes the data or the behaviour of an API: see `Session.change` in server.py.
  public func change(_ base: String, _ changes: [JSONValue]) throws {
    try post(base + "/change", .array(changes))
  }

  /// The requests that an API has seen.
  public func log(_ base: String) throws -> [JSONValue] {
    let response = try session.send(HTTPRequest(.get, base + "/log"))
    return try JSONValue(parsing: response.body).array ?? []
  }

  /// What speaks HTTP/2 for this server.
  public func front() throws -> JSONValue {
    try JSONValue(parsing: session.send(HTTPRequest(.get, url + "/front")).body)
  }

  private func post(_ url: String, _ body: JSONValue) throws {
    let request = HTTPRequest(.post, url, body: HTTPBody(body.text()))
    try session.send(request).requireSuccess(of: request)
  }
}

public struct APIServerProblem: Error, CustomStringConvertible {
  public let description: String
}
