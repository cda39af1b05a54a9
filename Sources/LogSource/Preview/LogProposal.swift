internal import Base
internal import Connector
internal import Kernels

/// Looks at a folder of logs, or at the files that a pattern matches, and proposes a stream for
/// each log, with the files that rotation makes of it.
struct LogProposal {
  private let context: SourceContext
  private let listing: FileListing
  private let place: LocalPlace
  private var root: String { place.root }
  private var streams: [ProposedStream] = []
  private var leftOut: [String] = []

  /// More logs than this in one folder tree want patterns of a person's own.
  private static let streamsMax = 100

  /// - Parameter path: absolute or from the context's folder: a folder, a file or a pattern.
  init(_ path: String, _ context: SourceContext) throws(ConnectorError) {
    self.context = context
    var whole = path.hasPrefix("/") ? path : context.baseDirectory + "/" + path
    if let status = try? ScanFile.status(path: whole) {
      whole = GlobPattern.escaped(whole) + (status.kind == .folder ? "/**/*" : "*")
    }
    let pattern = try GlobPattern(whole)
    place = LocalPlace(
      pattern: pattern, excluded: try ExcludedPaths([], root: pattern.root), clock: context.clock)
    listing = place.list { _ in false }
    guard !listing.files.isEmpty else {
      throw ConnectorError(
        .notFound, "no file matches \(whole)", remedy: "Check the path.", place: path)
    }
  }

  mutating func propose() throws(ConnectorError) -> Proposal {
    let groups = Dictionary(grouping: listing.files) { Self.pattern(of: $0.path) }
    for (pattern, files) in groups.sorted(by: { $0.key < $1.key }) {
      if streams.count == Self.streamsMax {
        leftOut.append("all after \(pattern): these are \(Self.streamsMax) streams already")
        break
      }
      try add(pattern, files)
    }
    for problem in listing.problems {
      leftOut.append("\(problem.path): it cannot be read: \(problem.failure)")
    }
    let folder = root.split(separator: "/").last.map(String.init) ?? "logs"
    return Proposal(
      suggestedName: folder == "log" ? "logs" : folder,
      place: "\(Units.describe(listing.files.count, "file")) in \(root)", urlKey: "path",
      urlForm: root,
      sourceOptions: [.init(key: "path", value: .string(GlobPattern.escaped(root) + "**/*"))],
      streams: streams, leftOut: leftOut)
  }

  private mutating func add(_ pattern: String, _ files: [ListedFile]) throws(ConnectorError) {
    let newest = files.filter { $0.status.size > 0 }
      .max { $0.status.modified < $1.status.modified }
    guard let newest else {
      leftOut.append("\(pattern): \(files.count == 1 ? "it is" : "they are") empty")
      return
    }
    let proposal: FormatProposal
    do {
      proposal = try FormatProposal(PreviewFiles(newest, in: place), [], context)
    } catch {
      leftOut.append("\(pattern): \(error.message)")
      return
    }
    guard let best = proposal.candidates.first else {
      leftOut.append(
        "\(pattern): no known format fits; describe its lines with a regex or grok, and try "
          + "with 'tidemark parse'")
      return
    }
    let lines = best.rows + best.rejected
    var remarks = [
      ProposalRemark(
        .reason, "\(best.rows) of the first \(lines) lines of \(newest.path) are '\(best.format)'")
    ]
    if proposal.candidates.count > 1 {
      remarks.append(
        ProposalRemark(
          .alternative,
          proposal.candidates.dropFirst().map(\.format).joined(separator: ", or ")))
    }
    streams.append(
      ProposedStream(
        item: item(pattern), members: files.map(\.path),
        options: [
          .init(key: "path", value: .string(pattern)),
          .init(key: "parse", value: best.parse),
        ] + best.options, remarks: remarks, bytes: files.reduce(0) { $0 + $1.status.size }))
  }

  /// A name that no other stream has.
  private func item(_ pattern: String) -> String {
    let name = pattern.split(separator: "/").last ?? "log"
    let words = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
      .filter { !["log", "json", "txt", "csv"].contains($0.lowercased()) }
    var stem = words.joined(separator: "_").lowercased()
    if !(stem.first?.isLetter ?? false) { stem = "log" + (stem.isEmpty ? "" : "_" + stem) }
    let taken = Set(streams.map(\.item))
    var item = stem
    var number = 2
    while taken.contains(item) {
      item = "\(stem)_\(number)"
      number += 1
    }
    return item
  }

  /// What a file and those that rotation or a date in the name make of it have in common:
  /// `nginx/access.log.2.gz` → `nginx/access.log*`, `2026-11-21.json` → `*-*-*.json*`.
  static func pattern(of path: String) -> String {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var name = ""
    for character in FileKinship.base(path) {
      if character.isASCII && character.isNumber {
        if !name.hasSuffix("*") { name.append("*") }
      } else {
        name += GlobPattern.escaped(String(character))
      }
    }
    return GlobPattern.escaped(folder) + name + "*"
  }
}
