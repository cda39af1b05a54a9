import Base
import Foundation
import Testing

/// Random writers and rotators, and runs at random moments, some of which die: every complete
/// line comes exactly once.
@Suite struct ExactlyOnceTests {
  @Test(arguments: 1...40)
  func everyLineComesOnce(_ seed: Int) throws {
    let folder = LogFolder()
    var world = LogWorld(folder, .seeded(UInt64(seed)))
    for _ in 0..<70 { try world.step() }
    try world.finish()
    #expect(folder.ids == world.written.sorted(), "seed \(seed): \(world.history)")
    #expect(folder.rejects.isEmpty, "seed \(seed): \(folder.rejects) \(world.history)")
    let places = folder.rows.map { "\($0.text)@\($0.line)" }
    #expect(Set(places).count == places.count, "seed \(seed)")
  }
}

/// Two programs that write logs, and what rotates them.
private struct LogWorld {
  let folder: LogFolder
  let randomness: Randomness
  /// Ids of the lines that are complete.
  var written: [Int] = []
  var history: [String] = []
  private var nextID = 1
  private var writers: [Writer]

  private struct Writer {
    var name: String
    /// Stays open through a rename, as the writer does not notice.
    var handle: FileHandle?
    /// The rest of a line that was begun.
    var rest = ""
    var restID = 0
    /// Rotated away, while the writer still has it open.
    var isStale = false
  }

  init(_ folder: LogFolder, _ randomness: Randomness) {
    self.folder = folder
    self.randomness = randomness
    writers = [Writer(name: "app.log"), Writer(name: "web.log")]
  }

  private func random(_ bound: Int) -> Int { Int(randomness.next() % UInt64(bound)) }

  mutating func step() throws {
    let index = random(writers.count)
    switch random(20) {
    case 0..<7: try write(index)
    case 7: try beginLine(index)
    case 8...9: try reopen(index)
    case 10...11: try renameAway(index)
    case 12: try copyAndTruncate(index)
    case 13: try compress(index)
    case 14: try replaceByCopy(index)
    default: try run()
    }
  }

  private mutating func note(_ text: String) { history.append(text) }

  private mutating func open(_ index: Int) throws {
    if writers[index].handle != nil { return }
    try folder.append(writers[index].name, "")
    let handle = FileHandle(forWritingAtPath: folder.path + "/" + writers[index].name)
    try handle?.seekToEnd()
    writers[index].handle = handle
  }

  private mutating func put(_ index: Int, _ text: String) throws {
    try open(index)
    try writers[index].handle?.seekToEnd()
    try writers[index].handle?.write(contentsOf: Data(text.utf8))
  }

  private mutating func endLine(_ index: Int) throws {
    if writers[index].rest.isEmpty { return }
    try put(index, writers[index].rest)
    writers[index].rest = ""
    written.append(writers[index].restID)
  }

  private mutating func write(_ index: Int) throws {
    try endLine(index)
    let count = 1 + random(random(10) == 0 ? 400 : 4)
    var text = ""
    for _ in 0..<count {
      text += "{\"id\":\(nextID),\"t\":\"\(String(repeating: "x", count: random(60)))\"}\n"
      written.append(nextID)
      nextID += 1
    }
    try put(index, text)
    note("\(writers[index].name) writes up to \(nextID - 1)")
  }

  private mutating func beginLine(_ index: Int) throws {
    try endLine(index)
    let text = "{\"id\":\(nextID),\"t\":\"begun\"}\n"
    let split = 1 + random(text.utf8.count - 2)
    try put(index, String(text.prefix(split)))
    writers[index].rest = String(text.dropFirst(split))
    writers[index].restID = nextID
    note("\(writers[index].name) begins \(nextID)")
    nextID += 1
  }

  /// The writer ends its line and opens the file of its name anew.
  private mutating func reopen(_ index: Int) throws {
    try endLine(index)
    try writers[index].handle?.close()
    writers[index].handle = nil
    writers[index].isStale = false
    try open(index)
    note("\(writers[index].name) reopens")
  }

  /// `x.log` → `x.log.1` → `x.log.2`, compressed ones keeping their ending.
  private func shift(_ name: String) throws {
    for number in (1...40).reversed() {
      for ending in ["", ".gz"] where folder.exists("\(name).\(number)\(ending)") {
        try folder.rename("\(name).\(number)\(ending)", "\(name).\(number + 1)\(ending)")
      }
    }
  }

  private mutating func renameAway(_ index: Int) throws {
    let name = writers[index].name
    guard !writers[index].isStale, folder.exists(name) else { return }
    try shift(name)
    try folder.rename(name, name + ".1")
    if random(2) == 0 { try folder.append(name, "") }
    writers[index].isStale = writers[index].handle != nil
    note("\(name) renamed")
    if random(2) == 0 { try reopen(index) }
  }

  private mutating func copyAndTruncate(_ index: Int) throws {
    let name = writers[index].name
    guard !writers[index].isStale, folder.exists(name) else { return }
    try endLine(index)
    try shift(name)
    try folder.copy(name, name + ".1")
    try folder.truncate(name)
    note("\(name) copied and truncated")
  }

  /// As `delaycompress`: not the file that the writer may still have open.
  private mutating func compress(_ index: Int) throws {
    let name = writers[index].name
    for number in (writers[index].isStale ? 2 : 1)...5 where folder.exists("\(name).\(number)") {
      try folder.compress("\(name).\(number)")
      note("\(name).\(number) compressed")
      return
    }
  }

  /// As rsync: a new file with the same start takes the place of the old one.
  private mutating func replaceByCopy(_ index: Int) throws {
    let name = writers[index].name
    guard !writers[index].isStale, folder.exists(name) else { return }
    try endLine(index)
    try writers[index].handle?.close()
    writers[index].handle = nil
    try folder.copy(name, "tmp")
    try folder.rename("tmp", name)
    note("\(name) replaced by a copy")
  }

  private mutating func run() throws {
    let dies = random(5) == 0
    try folder.run(committing: { _ in !dies })
    note(dies ? "run dies" : "run")
  }

  mutating func finish() throws {
    for index in writers.indices { try reopen(index) }
    try folder.run()
    folder.clock.advance(seconds: 3600)
    try folder.run()
  }
}
