internal import Foundation

/// A proxy before an S3 server that fails as it is told, and shows what it was asked. It also
/// plays the metadata services of containers and instances, and answers under any host's name.
public final class FaultyProxy: Sendable {
  /// One way to fail.
  public struct Fault: Codable, Sendable {
    /// `lose`: does the work and closes the connection without an answer; `truncate`: ends the
    /// answer half way; `reset`: closes before the work; `answer`: answers itself.
    public var kind: String
    public var method: String?
    /// Part of the path with the query.
    public var match: String
    /// Requests that it lets pass before it begins.
    public var skip = 0
    public var times = 1
    public var status = 503
    public var headers: [String: String] = [:]
    public var body = ""

    public init(
      _ kind: String, _ method: String? = nil, match: String = "", skip: Int = 0, times: Int = 1,
      status: Int = 503, headers: [String: String] = [:], body: String = ""
    ) {
      self.kind = kind
      self.method = method
      self.match = match
      self.skip = skip
      self.times = times
      self.status = status
      self.headers = headers
      self.body = body
    }
  }

  /// A request that came by.
  public struct Request: Codable, Sendable {
    public var method: String
    public var path: String
    public var headers: [String: String]
    public var body: String
  }

  public let endpoint: String
  private let process: TestProcess

  /// - Parameter backend: where requests go that are not failed; nil where all are answered here.
  public init(before backend: String? = nil) throws(S3Problem) {
    let folder = try TestProcess.makeFolder("proxy")
    let port = try TestProcess.freePorts(1)[0]
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("proxy.py").path
    endpoint = "http://127.0.0.1:\(port)"
    process = try TestProcess(
      [try TestProcess.python(), script, String(port)] + (backend.map { [$0] } ?? []),
      folder: folder)
    for _ in 0..<200 {
      if (try? ask("/_proxy/log", nil)) != nil { return }
      Thread.sleep(forTimeInterval: 0.05)
    }
    throw S3Problem("the proxy is not ready: \(process.log)")
  }

  /// Fails from now on in these ways, and forgets earlier ones and what it was asked.
  public func fail(_ faults: [Fault]) throws {
    _ = try ask("/_proxy/faults", try JSONEncoder().encode(faults))
  }

  /// What it was asked since it was last told how to fail.
  public func requests() throws -> [Request] {
    try JSONDecoder().decode([Request].self, from: try ask("/_proxy/log", nil))
  }

  private func ask(_ path: String, _ body: Data?) throws -> Data {
    return Data(
      try S3Server.run(
        try TestProcess.python(),
        ["-c", Self.script, endpoint + path]
          + (body.map { [String(decoding: $0, as: UTF8.self)] } ?? [])
      ).utf8)
  }

  private static let script = """
    import sys, urllib.request
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = sys.argv[2].encode() if len(sys.argv) > 2 else None
    sys.stdout.write(opener.open(sys.argv[1], data=data, timeout=10).read().decode())
    """
}
