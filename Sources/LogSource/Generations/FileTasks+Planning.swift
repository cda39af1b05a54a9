internal import Base
internal import Connector
internal import Kernels

extension FileTasks {
  /// How long a lost generation is remembered, in seconds: it may come back compressed.
  static let rememberedSeconds: Double = 30 * 86_400
  /// A file that changed within so many seconds may be a copy in the making.
  static let youngSeconds: Double = 60
  /// With how many kin a young file is compared.
  private static let kinMax = 1000

  /// Works out what is to be read.
  /// - Parameters:
  ///   - settles: whether doubtful files are files by themselves by now.
  init(
    _ matching: GenerationMatching, nextGeneration: Int, now: Instant, closeAfterSeconds: Double,
    settles: (ListedFile) -> Bool
  ) {
    self.nextGeneration = nextGeneration
    let unreadable = matching.problems
    for problem in unreadable { warnings.append("\(problem.error): \(problem.error.remedy)") }
    let unreadablePlaces = Set(unreadable.map(\.place))
    for (place, file) in matching.files.enumerated() where !unreadablePlaces.contains(place) {
      if let index = matching.generationOfFile[place] {
        let (key, known) = matching.generations[index]
        if known.path != file.path {
          events.append("\(known.path) is now \(file.path); read on at byte \(known.offset)")
        }
        if let damage = known.damage, known.path == file.path, known.isUnchanged(file.status) {
          damaged.append((file.path, damage))
          continue
        }
        func isClosed() -> Bool {
          Self.isClosed(file, formerly: known.path, matching, now: now, closeAfterSeconds)
        }
        if Self.hasMore(known, file, isClosed: isClosed) {
          tasks.append(FileTask(key: key, file: file, known: known, isClosed: isClosed()))
        } else if known.missingSince != nil {
          // It is back; the next absence must not be counted from the first.
          var back = known
          back.missingSince = nil
          changes.append(LedgerEdit(key: key, generation: back, isSignificant: true))
        }
      } else if file.status.size > 0 {
        if Self.mayBeCopy(place, matching, now: now), !settles(file) {
          doubtful.append(file)
          continue
        }
        let isClosed = Self.isClosed(file, formerly: nil, matching, now: now, closeAfterSeconds)
        tasks.append(
          FileTask(key: Self.key(self.nextGeneration), file: file, known: nil, isClosed: isClosed))
        self.nextGeneration += 1
      }
    }
    addLost(matching, unreadable: Set(unreadablePlaces.map { matching.files[$0].path }), now: now)
    tasks.sort {
      ($0.file.status.modified, $0.file.path) < ($1.file.status.modified, $1.file.path)
    }
  }

  static func key(_ number: Int) -> String { "generation-" + padded(number, 12) }

  /// Generations whose path holds something else, or nothing.
  private mutating func addLost(
    _ matching: GenerationMatching, unreadable: Set<String>, now: Instant
  ) {
    for (index, (key, known)) in matching.generations.enumerated() {
      var generation = known
      if matching.fileOfGeneration[index] != nil {
        continue
      } else if known.damage != nil && known.offset == 0 {
        // Nothing was read of it: what is there now is a new file.
        changes.append(LedgerEdit(key: key, generation: nil, isSignificant: false))
      } else if let file = matching.file(at: known.path), known.status == .open {
        if unreadable.contains(file.path) { continue }
        generation.status = .gone
        generation.missingSince = now
        changes.append(LedgerEdit(key: key, generation: generation, isSignificant: true))
        let rotation = Rotation(matching, known.path)
        if !matching.isKnown(known.path) {
          overwritten.append(
            OverwrittenFile(
              path: file.path, key: key, generation: known, isRotated: rotation.isAtWork,
              isEmpty: matching.hasNoLine(known.path)))
          events.append(
            "\(known.path) holds other content than the \(known.offset) bytes read of it; "
              + "it is read from its start")
        }
        if known.missingSince == nil, let loss = rotation.loss(of: known) {
          warnings.append(loss)
        }
      } else if let since = known.missingSince {
        if now.seconds(since: since) > Self.rememberedSeconds {
          changes.append(LedgerEdit(key: key, generation: nil, isSignificant: false))
        }
      } else {
        generation.missingSince = now
        changes.append(LedgerEdit(key: key, generation: generation, isSignificant: false))
        if known.status == .open, let loss = Rotation(matching, known.path).loss(of: known) {
          warnings.append(loss)
        }
      }
    }
  }

  /// Whether a known file has something new.
  private static func hasMore(_ known: Generation, _ file: ListedFile, isClosed: () -> Bool)
    -> Bool
  {
    if known.path != file.path || known.identity != file.identity { return true }
    if known.isUnchanged(file.status) {
      // A last line without newline that is whole by now. A compressed file's offset says nothing
      // about its size; its end was seen when it was read.
      let hasTail = known.isCompressed ? known.hasTail : known.offset < known.size
      return hasTail && isClosed()
    }
    return known.isCompressed || file.status.size > known.offset
  }

  /// Whether nobody writes the file any more: it is old; or it was rotated away, and its successor
  /// is being written.
  private static func isClosed(
    _ file: ListedFile, formerly: String?, _ matching: GenerationMatching, now: Instant,
    _ closeAfterSeconds: Double
  ) -> Bool {
    if seconds(since: file.status.modified, now) >= closeAfterSeconds { return true }
    let base = String(FileKinship.base(file.path))
    let folder = file.path.lastIndex(of: "/").map { String(file.path[...$0]) } ?? ""
    return [formerly, folder + base].contains { path in
      guard let path, path != file.path, let successor = matching.file(at: path) else {
        return false
      }
      return successor.status.size > 0
    }
  }

  /// Whether a file may be a copy in the making of one that still stands: just written, kin by
  /// name, and with the same start.
  private static func mayBeCopy(_ place: Int, _ matching: GenerationMatching, now: Instant) -> Bool
  {
    let file = matching.files[place]
    guard seconds(since: file.status.changed, now) < youngSeconds else { return false }
    return matching.kin(of: place).prefix(kinMax).contains { other in
      matching.files[other].status.size > 0 && matching.haveSameStart(place, other)
    }
  }

  private static func seconds(since nanoseconds: Int64, _ now: Instant) -> Double {
    now.seconds(since: Instant(microseconds: nanoseconds / 1000))
  }
}
