internal import Foundation

/// moto's server: plays AWS where no real server here does, STS among them, and S3 as AWS has it.
public final class MotoServer: Sendable {
  public static let shared: Result<MotoServer, S3Problem> = Result { () throws(S3Problem) in
    try MotoServer()
  }

  public let endpoint: String
  private let process: TestProcess

  public func makeBucket(_ name: String) throws(S3Problem) {
    try S3Server.makeBucket(name, endpoint)
  }

  public init() throws(S3Problem) {
    let folder = try TestProcess.makeFolder("moto")
    let port = try TestProcess.freePorts(1)[0]
    endpoint = "http://127.0.0.1:\(port)"
    process = try TestProcess(
      [try TestProcess.python(), "-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
      folder: folder)
    let ready = """
      import sys, time, urllib.request
      opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
      for _ in range(300):
          try:
              opener.open(sys.argv[1] + "/moto-api/", timeout=5)
              sys.exit(0)
          except OSError:
              time.sleep(0.1)
      sys.exit("no answer")
      """
    do throws(S3Problem) {
      _ = try S3Server.run(try TestProcess.python(), ["-c", ready, endpoint])
    } catch {
      throw S3Problem("moto is not ready: \(error) \(process.log)")
    }
  }
}
