internal import Base
internal import Connector
internal import Formats
internal import Kernels
internal import Records
internal import Synchronization

/// One stream of log files in one run.
final class LogSession: StreamSession {
  let settings: LogSettings
  let context: SourceContext
  let place: any FilePlace
  private let state: Mutex<State>
  private let limits: Mutex<DecoderLimits>
  /// Whether one file is looked at: its problem is all there is to say.
  private let isPreview: Bool

  /// What one run knows; readers of its splits add to it.
  private struct State {
    var splits: [[FileTask]] = []
    /// Files that may not be read; they fail the run when all others are committed.
    var unreadable: [ConnectorError] = []
    /// Files left out because they are damaged, by the keys of their tasks: what is wrong, where
    /// the ledger is to know it.
    var leftOut: [String: String?] = [:]
    /// Of those, what fails the run when all others are committed.
    var damaged: [ConnectorError] = []
    var changes: [LedgerEdit] = []
    var totals = LogTotals()
    /// The columns so far: types never narrow from split to split.
    var schema: Schema?
    var counts = Counts()
    /// As they were when the split was begun that was begun last.
    var before: (split: Int, counts: Counts, unreadable: Int)?

    /// A split that is begun again counts anew.
    mutating func begin(_ split: Int) {
      if let before, before.split == split {
        counts = before.counts
        unreadable.removeLast(max(0, unreadable.count - before.unreadable))
      }
      before = (split, counts, unreadable.count)
    }
  }

  private struct Counts {
    var rejected = 0
    var lines = 0
  }

  convenience init(_ settings: LogSettings, _ context: SourceContext) throws(ConnectorError) {
    self.init(settings, context, try settings.place(context))
  }

  init(
    _ settings: LogSettings, _ context: SourceContext, _ place: any FilePlace,
    isPreview: Bool = false
  ) {
    self.isPreview = isPreview
    limits = Mutex(isPreview ? .preview : DecoderLimits(readerBytes: 0))
    self.settings = settings
    self.context = context
    self.place = place
    state = Mutex(State())
  }

  var binding: JSONValue { ["path": .string(settings.patternText)] }

  func bookmark(from text: String) throws(ConnectorError) -> Bookmark {
    throw ConnectorError(
      .refused, "files have no mark that one value could set: each has its own place",
      remedy: "Use 'bookmark rewind --to-run' or 'bookmark reset'; leave files out with 'exclude'.",
      place: settings.streamName)
  }

  func close() {}

  func infersType(of column: String, in table: TableRole) -> Bool {
    table == .main && !settings.lineOptions.declares(column)
  }

  /// What decompressing a file may take in this run.
  var decoderLimits: DecoderLimits { limits.withLock { $0 } }

  func plan(_ request: PlanRequest) throws(ConnectorError) -> Plan {
    limits.withLock { $0 = DecoderLimits(readerBytes: request.readerBytes) }
    let totals = try LogTotals(request.bookmark)
    let early = place.isRemote ? EarlyListing(place) : nil
    var generations: [(key: String, generation: Generation)] = []
    // Growing would need both sizes at once.
    generations.reserveCapacity(min(totals.nextGeneration, 1 << 17))
    try request.ledger.forEachEntry { key, value throws(ConnectorError) in
      guard let generation = Generation(json: value) else {
        throw ConnectorError(
          .refused, "the ledger's entry '\(key)' cannot be read",
          remedy: "It was written by another version; use that, or 'bookmark reset'.",
          place: settings.streamName)
      }
      generations.append((key, generation))
    }
    let listing = if let early { try early.result() } else { try list(generations) }
    var planned = try settledTasks(listing, generations, totals)
    noteRotatedAside(&planned, listing)
    switch settings.onOverwrite {
    case .append: break
    case .reprocess:
      try planned.reprocessOverwritten(request.ledger)
      try keepRowsOfDamaged(&planned)
    case .error:
      guard let file = planned.overwritten.first else { break }
      throw ConnectorError(
        .refused, "the file holds other content than was read of it before",
        remedy: "Set 'on_overwrite: append' to load the new content too, 'reprocess' to load it in "
          + "the place of the old rows, or put the file back.",
        place: place.root + file.path)
    }
    for event in planned.events { context.notify(event) }
    return record(planned, totals, request.knownSchema, warnings: warnings(planned, listing))
  }

  func list(_ generations: [(key: String, generation: Generation)]) throws(ConnectorError)
    -> FileListing
  {
    // Asked only where a file has several names.
    var known: Set<String>?
    return try place.list { path in
      let paths = known ?? Set(generations.map(\.generation.path))
      known = paths
      return paths.contains(path)
    }
  }

  /// Looks again while a file may be a copy in the making: a rotated log is copied before the old
  /// one is cut, and compressed before the plain one is removed. One that stands still beside the
  /// other is a file by itself; one that still grows waits for the next run.
  func settledTasks(
    _ first: FileListing, _ generations: [(key: String, generation: Generation)],
    _ totals: LogTotals
  ) throws(ConnectorError) -> FileTasks {
    let looks = 10
    let stillLooks = 4
    var seen: [ListedFile: Int] = [:]
    var listing = first
    var look = 0
    while true {
      let matching = GenerationMatching(place, listing.files, generations, decoderLimits)
      var tasks = FileTasks(
        matching, nextGeneration: totals.nextGeneration, now: context.clock.now,
        closeAfterSeconds: settings.closeAfterSeconds
      ) { (seen[$0] ?? 0) >= stillLooks && isWhole($0) }
      if tasks.doubtful.isEmpty { return tasks }
      if look == looks {
        for file in tasks.doubtful {
          tasks.warnings.append(
            "\(file.path) is being written beside a file with the same start; it waits")
        }
        return tasks
      }
      for file in tasks.doubtful { seen[file, default: 0] += 1 }
      look += 1
      context.clock.sleep(seconds: 0.2)
      listing = try list(generations)
    }
  }

  /// Whether a compressed file has its end.
  private func isWhole(_ file: ListedFile) -> Bool {
    if place.isRemote { return true }
    do {
      guard let opened = try place.open(file, for: .looking) else { return true }
      let content = try FileContent(opened, ceiling: file.status.size, limits: decoderLimits)
      if !content.isCompressed { return true }
      try content.readThrough()
      return !content.isCutShort
    } catch {
      // What is broken shows when it is read.
      return true
    }
  }

  private func warnings(_ planned: FileTasks, _ listing: FileListing) -> [String] {
    var warnings = planned.warnings
    for problem in listing.problems {
      warnings.append("\(place.root)\(problem.path) cannot be read: \(problem.failure)")
    }
    if listing.oddNames > 0 {
      warnings.append("\(listing.oddNames) names are not UTF-8; those files are left out")
    }
    if listing.files.isEmpty {
      warnings.append("no file matches \(settings.patternText)")
    }
    return warnings
  }

  /// Keeps what was planned and says it.
  private func record(
    _ planned: FileTasks, _ totals: LogTotals, _ schema: Schema?, warnings: [String]
  ) -> Plan {
    var readable: [FileTask] = []
    var unreadable = planned.unreadable
    var warnings = warnings
    for (path, damage) in planned.damaged {
      let error = ConnectorError(
        .malformed, "the file is damaged, and did not change since that was found",
        remedy: FileContent.damageRemedy, place: place.root + path, cause: damage)
      switch settings.onDamaged {
      case .fail: unreadable.append(error)
      case .skip: warnings.append("\(error); it is left out")
      }
    }
    for task in planned.tasks {
      if let obstacle = place.obstacle(to: task.file) {
        unreadable.append(obstacle)
      } else {
        readable.append(task)
      }
    }
    var groups = LogSplits.groups(readable)
    if groups.isEmpty && planned.changes.contains(where: \.isSignificant) { groups = [[]] }
    var splits = groups.enumerated().map { index, tasks in
      Split(
        index: index, label: LogSplits.label(tasks),
        retracts: tasks.flatMap { $0.replaced?.rows ?? [] })
    }
    // Files that turn out not to be readable fail the run when all others are committed.
    if !unreadable.isEmpty || !readable.isEmpty {
      splits.append(
        Split(
          index: groups.count,
          label: unreadable.isEmpty
            ? "what could not be read" : "\(unreadable.count) unreadable files"))
    }
    state.withLock { state in
      state = State(
        splits: groups, unreadable: unreadable, changes: planned.changes, totals: totals,
        schema: schema)
    }
    let bytes = readable.reduce(0) { $0 + $1.estimatedBytes }
    return Plan(
      window: Window(
        from: totals.isEmpty ? nil : totals.mark,
        to: "\(readable.count) files as large as they were at \(context.clock.now)",
        predicate: LogSplits.predicate(readable),
        reason: "files are read up to the size they had when this was planned; what comes later "
          + "is the next run's"),
      splits: splits, estimatedBytes: bytes, warnings: warnings)
  }

  func read(_ split: Split, _ options: ReadOptions) throws(ConnectorError) -> any BatchReader {
    limits.withLock { $0.memoryNeeded = options.memoryNeeded }
    let (tasks, schema) = state.withLock { state in
      state.begin(split.index)
      return (
        state.splits.indices.contains(split.index) ? state.splits[split.index] : nil,
        options.knownSchemas?[.main] ?? state.schema
      )
    }
    if split.index == state.withLock({ $0.splits.count }) { return try endOfRun() }
    guard var tasks else {
      throw ConnectorError(
        .refused, "the plan has no split \(split.index)", remedy: "Plan again.",
        place: settings.streamName)
    }
    let leftOut = state.withLock { state in Set(state.leftOut.keys) }
    let plannedCount = tasks.count
    tasks.removeAll { leftOut.contains($0.key) }
    // Where one was damaged, others may be: looked for before rows of them go out.
    let verifies = tasks.count < plannedCount
    if settings.readsParquet {
      return ParquetFilesReader(
        self, split: split.index, tasks: tasks, verifies: verifies, options)
    }
    return try LogReader(
      self, split: split.index, tasks: tasks, verifies: verifies, schema: schema, options)
  }

  private func endOfRun() throws(ConnectorError) -> any BatchReader {
    let (problems, bookmark) = state.withLock {
      ($0.unreadable + $0.damaged, $0.totals.bookmark)
    }
    guard var first = problems.first else { return NoRows(bookmark) }
    if problems.count > 1 {
      let others = problems.dropFirst()
      first.message +=
        "; and \(others.count) more: "
        + others.prefix(5).map { $0.place ?? $0.message }.joined(separator: ", ")
        + (others.count > 5 ? ", …" : "")
    }
    throw first
  }

  // MARK: What readers report

  /// Leaves a file of which nothing was read to the end of the run, which it fails.
  /// - Throws: the problem, where there are too many.
  func setAside(_ problem: ConnectorError) throws(ConnectorError) {
    let count = state.withLock { state in
      state.unreadable.append(problem)
      return state.unreadable.count
    }
    if isPreview || count > Self.setAsideMax { throw problem }
  }

  /// Leaves a damaged file out of the run.
  /// - Parameter damage: what is wrong with its bytes, for the ledger; nil where that may change
  ///   without them.
  /// - Throws: the problem, where it cannot be left out.
  func leaveOut(_ task: FileTask, _ problem: ConnectorError, damage: String?) throws(ConnectorError)
  {
    // Its old rows go with the commit that brings the new ones.
    if isPreview || task.replaced != nil { throw problem }
    let count = state.withLock { state in
      state.leftOut.updateValue(damage, forKey: task.key)
      if settings.onDamaged == .fail {
        var problem = problem
        // It is the file that fails the run, and everything else is committed.
        problem.kind = .malformed
        state.damaged.append(problem)
      }
      return state.leftOut.count
    }
    if count > Self.setAsideMax { throw problem }
    if settings.onDamaged == .skip { context.notify("\(problem); it is left out") }
  }

  /// The files of a split that were left out, as the ledger is to know them.
  func leftOut(ofSplit split: Int) -> [(key: String, generation: Generation)] {
    state.withLock { state in
      guard !state.leftOut.isEmpty, state.splits.indices.contains(split) else { return [] }
      return state.splits[split].compactMap { task in
        guard case .some(.some(let damage)) = state.leftOut[task.key] else { return nil }
        return (task.key, Generation(task, damage: damage))
      }
    }
  }

  private static let setAsideMax = 1000

  /// Adds to what the run has seen.
  /// - Throws: `.malformed` where more lines were rejected than the config allows.
  func count(lines: Int, rejected: Int) throws(ConnectorError) {
    let rejectedCount = state.withLock { state in
      state.counts.lines += lines
      state.counts.rejected += rejected
      return state.counts.rejected
    }
    if let max = settings.rejectsMax, rejectedCount > max {
      throw tooManyRejects("\(rejectedCount) lines did not parse; at most \(max) may not")
    }
  }

  /// Checks the share of rejects once all lines of a split are counted.
  func checkShare() throws(ConnectorError) {
    guard let share = settings.rejectsShareMax else { return }
    let counts = state.withLock { $0.counts }
    if Double(counts.rejected) > share * Double(counts.lines) {
      throw tooManyRejects(
        "\(counts.rejected) of \(counts.lines) lines did not parse; at most \(share * 100)% may not"
      )
    }
  }

  private func tooManyRejects(_ message: String) -> ConnectorError {
    ConnectorError(
      .malformed, message,
      remedy: "Look at what 'tidemark parse' makes of the file; mend 'parse', or allow more "
        + "with 'rejects'. Nothing of this commit was kept.",
      place: settings.streamName)
  }

  /// The bookmark when a split is committed, and the ledger's changes that belong to none.
  func advance(_ added: LogTotals, _ split: Int, _ schema: Schema?) -> (Bookmark, [LedgerEdit]) {
    state.withLock { state in
      state.totals.add(added)
      if let schema { state.schema = schema }
      let isLast = split == state.splits.count - 1
      return (state.totals.bookmark, isLast ? state.changes : [])
    }
  }
}
