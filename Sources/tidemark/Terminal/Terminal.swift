import Foundation

/// What is written to the person: colours only where one looks.
enum Terminal {
  enum Output { case standardOutput, standardError }

  static func isTerminal(_ output: Output) -> Bool {
    isatty(output == .standardOutput ? STDOUT_FILENO : STDERR_FILENO) == 1
  }

  private static func hasColours(_ output: Output) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    return isTerminal(output) && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
  }

  enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  static func styled(_ text: String, _ style: Style, on output: Output = .standardOutput) -> String
  {
    hasColours(output) ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Writes all of it. Where nobody reads standard output any more, the program ends quietly;
  /// where nobody reads what is said of the work, the work goes on.
  static func write(_ text: String, to output: Output = .standardOutput) {
    write(bytes: Array(text.utf8), to: output)
  }

  static func write(bytes: [UInt8], to output: Output = .standardOutput) {
    let handle = output == .standardOutput ? FileHandle.standardOutput : FileHandle.standardError
    do {
      try handle.write(contentsOf: Data(bytes))
    } catch {
      if output == .standardOutput { Foundation.exit(0) }
    }
  }

  static func error(_ message: String, remedy: String?) {
    write(styled("error:", .red, on: .standardError) + " \(message)\n", to: .standardError)
    if let remedy, !remedy.isEmpty {
      write(styled("  next:", .cyan, on: .standardError) + " \(remedy)\n", to: .standardError)
    }
  }

  static func notice(_ text: String) {
    write(styled("note:", .yellow, on: .standardError) + " \(text)\n", to: .standardError)
  }
}

func endProgram(_ code: Int32) -> Never { Foundation.exit(code) }
