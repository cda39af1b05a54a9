internal import Dispatch
internal import Foundation

/// A real S3 server for tests: SeaweedFS, which checks signatures and checksums.
public final class S3Server: Sendable {
  /// One for all tests of a bundle. Starting it must not fail quietly: tests without their server
  /// prove nothing.
  public static let shared: Result<S3Server, S3Problem> = Result { () throws(S3Problem) in
    try S3Server()
  }

  public static let accessKey = "tidemark"
  public static let secretKey = "a secret of tidemark's tests"
  public static let region = "us-east-1"

  /// `http://127.0.0.1:port`
  public let endpoint: String
  private let process: TestProcess

  public init() throws(S3Problem) {
    let folder = try TestProcess.makeFolder("seaweedfs")
    let weed = try TestProcess.beside(try TestProcess.python(), "weed")
    let ports = try TestProcess.freePorts(8)
    let identities = """
      {"identities": [{"name": "tests", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        "credentials": [{"accessKey": "\(Self.accessKey)", "secretKey": "\(Self.secretKey)"}]},
        {"name": "reader", "actions": ["Read", "List"],
        "credentials": [{"accessKey": "reader", "secretKey": "only reads"}]}]}
      """
    guard
      FileManager.default.createFile(
        atPath: folder + "/identities.json", contents: Data(identities.utf8))
    else { throw S3Problem("\(folder) cannot be written") }
    endpoint = "http://127.0.0.1:\(ports[0])"
    process = try TestProcess(
      [
        weed, "server", "-dir=\(folder)/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer",
        "-s3", "-s3.port=\(ports[0])", "-s3.port.grpc=\(ports[1])", "-s3.port.iceberg=0",
        "-s3.port.lance=0", "-s3.config=\(folder)/identities.json", "-master.port=\(ports[2])",
        "-master.port.grpc=\(ports[3])", "-volume.port=\(ports[4])",
        "-volume.port.grpc=\(ports[5])", "-filer.port=\(ports[6])",
        "-filer.port.grpc=\(ports[7])", "-master.volumeSizeLimitMB=512", "-volume.max=500",
        "-master.telemetry=false", "-master.electionTimeout=1s", "-master.heartbeatInterval=200ms",
      ], folder: folder)
    try waitUntilReady()
  }

  /// Ready is who can write: the gateway answers before the volumes have come up.
  public func waitUntilReady() throws(S3Problem) {
    for _ in 0..<300 {
      let probe = "bucket-ready-\(UUID().uuidString.lowercased().prefix(8))"
      if (try? makeBucket(probe)) != nil, (try? Client(endpoint).put("\(probe)/probe")) != nil {
        return
      }
      if !process.isRunning { break }
      Thread.sleep(forTimeInterval: 0.1)
    }
    throw S3Problem("SeaweedFS is not ready: \(process.log)")
  }

  public func makeBucket(_ name: String) throws(S3Problem) { try Self.makeBucket(name, endpoint) }

  static func makeBucket(_ name: String, _ endpoint: String) throws(S3Problem) {
    try Client(endpoint).put(name)
  }

  /// Kills it as a failing machine would.
  public func kill() { process.kill() }

  /// Starts it again with the data that it had.
  public func restart(afterSeconds seconds: Int) {
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { [process] in
      process.say("start")
    }
  }

  public func stop() { process.stop() }

  /// Makes what tests need before the code under test can be trusted, by another's hand.
  private struct Client {
    let endpoint: String

    init(_ endpoint: String) { self.endpoint = endpoint }

    func put(_ path: String) throws(S3Problem) {
      let python = try TestProcess.python()
      _ = try run(
        python,
        [
          "-c",
          """
          import sys, botocore.session
          from botocore.config import Config
          client = botocore.session.get_session().create_client(
              "s3", endpoint_url=sys.argv[1], aws_access_key_id=sys.argv[2],
              aws_secret_access_key=sys.argv[3], region_name="us-east-1",
              config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))
          bucket, _, key = sys.argv[4].partition("/")
          if key:
              client.put_object(Bucket=bucket, Key=key, Body=b"ready")
          else:
              client.create_bucket(Bucket=bucket)
          """, endpoint, S3Server.accessKey, S3Server.secretKey, path,
        ])
    }
  }

  /// Runs a program to its end.
  public static func run(_ program: String, _ arguments: [String]) throws(S3Problem) -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    do { try process.run() } catch { throw S3Problem("\(program) does not start: \(error)") }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let status = TestProcess.exitStatus(of: process)
    let text = String(decoding: data, as: UTF8.self)
    guard status == 0 else { throw S3Problem("\(program): \(text)") }
    return text
  }

  /// Runs a Python script with boto3 at hand; `client(endpoint)` in it makes an S3 client.
  public static func python(_ script: String, _ arguments: [String]) throws(S3Problem) -> String {
    let head = """
      import sys, boto3, json
      from botocore.config import Config
      def client(endpoint, service="s3"):
          return boto3.client(
              service, endpoint_url=endpoint, aws_access_key_id="\(accessKey)",
              aws_secret_access_key="\(secretKey)", region_name="\(region)",
              config=Config(s3={"addressing_style": "path"}))

      """
    return try run(try TestProcess.python(), ["-c", head + script] + arguments)
  }
}

private func run(_ program: String, _ arguments: [String]) throws(S3Problem) -> String {
  try S3Server.run(program, arguments)
}
