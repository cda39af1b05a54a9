internal import Base
internal import Connector
internal import Kernels

extension LogSession {
  /// Tells files that were rotated away to names that the pattern does not match from files that
  /// were written anew: what was written to those last is not loaded, and rows of theirs must stay.
  func noteRotatedAside(_ planned: inout FileTasks, _ listing: FileListing) {
    if place.isRemote { return }
    let listed = Set(planned.overwritten.isEmpty ? [] : listing.files.map(\.path))
    for index in planned.overwritten.indices where !planned.overwritten[index].isRotated {
      let path = planned.overwritten[index].path
      let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
      let base = FileKinship.base(path)
      var oddNames = 0
      guard path == folder + base,
        let names = try? scanFolder(path: place.root + folder, oddNames: &oddNames).map(\.name),
        let aside = names.sorted().first(where: {
          $0 != base && FileKinship.base($0) == base && !listed.contains(folder + $0)
        })
      else { continue }
      planned.overwritten[index].isRotated = true
      planned.warnings.append(
        "\(path) was rotated, and the pattern \(settings.patternText) leaves out what it became, such "
          + "as \(folder)\(aside): what was written between the last run and the rotation is not "
          + "loaded (a pattern such as \(base)* takes both)")
    }
  }

  /// Files that rotation has removed since they were read.
  func lost(_ keys: [String], of ledger: any Ledger) throws(ConnectorError) -> [String] {
    let wanted = Set(keys)
    var generations: [(key: String, generation: Generation)] = []
    try ledger.forEachEntry { key, value in
      if let generation = Generation(json: value) { generations.append((key, generation)) }
    }
    let planned = try settledTasks(try list(generations), generations, LogTotals(nil))
    let edits = Dictionary(planned.changes.map { ($0.key, $0) }) { $1 }
    return generations.filter { wanted.contains($0.key) && $0.generation.offset > 0 }.compactMap {
      key, generation in
      let now = edits[key].map(\.generation) ?? generation
      guard let now, now.status == .open, now.missingSince == nil else { return generation.path }
      return nil
    }
  }
}
