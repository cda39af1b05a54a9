import AWS
import Foundation
import Storage

/// Uploads a file as a run does: staged in parts, then published.
///
///     upload-bench FILE s3://bucket/prefix NAME
///
/// Where and with which credentials is said by AWS's own variables.
@main
struct UploadBench {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let file = FileHandle(forReadingAtPath: arguments[1]) else {
      print("usage: upload-bench FILE s3://bucket/prefix NAME")
      exit(2)
    }
    var settings = S3Store.Settings()
    // As with --memory 128MB.
    settings.bound(uploadBytes: 20 << 20)
    let store = try S3Store(arguments[2], settings)
    let writer = try store.stage(arguments[3], owner: "bench")
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
      try writer.write([UInt8](piece))
    }
    try store.publish(writer.finish())
  }
}
