internal import Bookmarks
internal import Lake
internal import Storage

/// Files that rewriting left where they lay, for readers that still go on with them.
///
/// They may lie only where no partition's files are looked for. So what brings a partition back
/// to a folder, or leaves it without files, which brings it home, takes them out of sight.
struct LeftFiles {
  private let log: any CommitLog
  private let stream: String

  init(_ log: any CommitLog, _ stream: String) {
    self.log = log
    self.stream = stream
  }

  /// Keys of left files that lie where partitions are after a change and were not before it.
  /// - Parameters:
  ///   - before: the keys of the table's files before.
  ///   - after: and after.
  func inTheWay(from before: [String], to after: [String]) throws -> [String] {
    let locationsBefore = PartitionLocations(keys: before)
    let locationsAfter = PartitionLocations(keys: after)
    var folders = Set<String>()
    for key in before {
      let home = PartitionLocations.home(ofFolder: PartitionLocations.folder(ofKey: key))
      let folder = locationsAfter.folder(ofHome: home)
      if folder != locationsBefore.folder(ofHome: home) { folders.insert(folder) }
    }
    if folders.isEmpty { return [] }
    let present = Set(after)
    return try log.formerFiles(of: stream).filter { former in
      former.place == .left && folders.contains(PartitionLocations.folder(ofKey: former.file.key))
        && !present.contains(former.file.key)
    }.map(\.file.key)
  }
}
