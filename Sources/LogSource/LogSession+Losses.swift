internal import Base
internal import Connector

extension LogSession {
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
