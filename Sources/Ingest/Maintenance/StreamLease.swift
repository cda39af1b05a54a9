internal import Base
internal import Bookmarks
internal import Lake
internal import Storage

/// Holds a stream for upkeep: takes the lease, mends what a killed run left, gives the lease back.
struct StreamLease {
  private let workspace: Workspace
  private let stream: String
  /// Cancelled where another takes the stream over.
  private let cancellation: Cancellation

  init(_ workspace: Workspace, _ stream: String, _ cancellation: Cancellation) {
    self.workspace = workspace
    self.stream = stream
    self.cancellation = cancellation
  }

  /// - Throws: a `BookmarksError` of kind `.leaseHeld` where another holds it all the while.
  func hold<T>(waitSeconds: Double, _ body: (Lease) throws -> T) throws -> T {
    let deadline = workspace.clock.now.advanced(seconds: waitSeconds)
    var result = acquire()
    while case .failure(let error) = result, error.kind == .leaseHeld,
      workspace.clock.now < deadline, !cancellation.isCancelled
    {
      workspace.clock.sleep(seconds: 0.1)
      result = acquire()
    }
    let lease = try result.get()
    let watch = RunWatch(workspace)
    watch.keep(lease, cancellation)
    defer {
      watch.stop()
      // A lease that cannot be given back ends with this process.
      try? workspace.perform(.releaseLease) { () throws(BookmarksError) in
        try workspace.log.release(lease)
      }
    }
    for zone in try zones() {
      _ = try Publisher(workspace: workspace).recover(
        lease, zone: zone, table: LakeLayout.tableName(ofStream: stream))
    }
    return try body(lease)
  }

  /// The zone folders of the stream's files; where it has none, the config's.
  func zones() throws -> [String] {
    let keys =
      try workspace.log.keys(of: stream)
      + workspace.log.formerFiles(of: stream).map(\.file.key)
    let found = Set(keys.map { String($0.prefix { $0 != "/" }) })
    if !found.isEmpty { return found.sorted() }
    let settings = workspace.configuration.settings(ofStream: stream)
    return [workspace.configuration.zones[settings.zone] ?? settings.zone]
  }

  private func acquire() -> Result<Lease, BookmarksError> {
    Result { () throws(BookmarksError) in
      try workspace.perform(.takeLease) { () throws(BookmarksError) in
        try workspace.log.acquireLease(on: stream)
      }
    }
  }
}
