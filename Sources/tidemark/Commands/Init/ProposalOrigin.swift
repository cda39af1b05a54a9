import Base
import Connector
import Foundation
import Ingest

/// What `--from` names: a URL, and the variable that holds it where one does.
struct ProposalOrigin {
  var url: String
  var variable: String?
  private var type: any SourceType.Type

  init(_ text: String) throws(IngestError) {
    if text.hasPrefix("env:") {
      let name = String(text.dropFirst(4))
      guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
        throw IngestError(
          .configuration, "the environment variable '\(name)', named by --from, is not set",
          remedy: "export \(name)='mysql://user:password@host:port/database'")
      }
      url = value
      variable = name
    } else if Self.isPath(text) {
      url = "file://" + text
    } else {
      url = text
    }
    // Never more of it than the scheme: what follows may be a password.
    let whole = url
    let scheme = whole.firstRange(of: "://").map { whole[..<$0.lowerBound].lowercased() }
    let known = Tidemark.sourceTypes.flatMap { $0.urlSchemes }
    guard let type = Tidemark.sourceTypes.first(where: { $0.urlSchemes.contains(scheme ?? "") })
    else {
      throw IngestError(
        .configuration,
        scheme.map { "--from: nothing is known about \($0):// URLs" } ?? "--from names no URL",
        remedy: "Give a URL that begins with \(known.map { $0 + "://" }.joined(separator: ", ")),"
          + " a path of log files, or env:NAME.")
    }
    self.type = type
  }

  /// Log files, by a path or pattern.
  private static func isPath(_ text: String) -> Bool {
    ["/", "./", "../"].contains { text.hasPrefix($0) }
      || FileManager.default.fileExists(atPath: text)
  }

  func propose() throws(IngestError) -> Proposal {
    let context = SourceContext(
      environment: { ProcessInfo.processInfo.environment[$0] },
      baseDirectory: FileManager.default.currentDirectoryPath, notify: { Terminal.notice($0) })
    do {
      return try type.propose(url: url, context)
    } catch {
      throw IngestError(error)
    }
  }

  var typeName: String { type.name }
}
