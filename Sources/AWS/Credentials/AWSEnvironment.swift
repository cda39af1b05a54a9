internal import Foundation

/// What AWS's own tools read of a machine: variables and files.
public struct AWSEnvironment: Sendable {
  private let variables: @Sendable (String) -> String?
  private let files: @Sendable (String) -> [UInt8]?

  /// - Parameters:
  ///   - variable: the value of an environment variable.
  ///   - readFile: the bytes of a file; nil where it cannot be read.
  public init(
    variable: @escaping @Sendable (String) -> String?,
    readFile: @escaping @Sendable (String) -> [UInt8]?
  ) {
    variables = variable
    files = readFile
  }

  /// Variables of the process, files of the machine.
  public static let system = AWSEnvironment(
    variable: processVariable, readFile: AWSEnvironment.read)

  static let processVariable: @Sendable (String) -> String? = {
    ProcessInfo.processInfo.environment[$0]
  }

  /// The machine's files; nil for those that are too large to be meant.
  public static let read: @Sendable (String) -> [UInt8]? = { path in
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    guard let data = try? file.read(upToCount: fileBytesMax + 1), data.count <= fileBytesMax else {
      return nil
    }
    return Array(data)
  }

  static let fileBytesMax = 1 << 20

  /// Empty is the same as unset.
  func variable(_ name: String) -> String? {
    guard let value = variables(name), !value.isEmpty else { return nil }
    return value
  }

  func file(_ path: String) -> [UInt8]? { files(expand(path)) }

  /// `~` is the home folder.
  func expand(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/") else { return path }
    return (variables("HOME") ?? "") + path.dropFirst()
  }

  var configPath: String { variable("AWS_CONFIG_FILE") ?? "~/.aws/config" }
  var credentialsPath: String { variable("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials" }

  func isTrue(_ name: String) -> Bool { variable(name)?.lowercased() == "true" }
}
