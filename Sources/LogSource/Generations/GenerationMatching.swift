internal import Base
internal import Connector

/// Tells which listed file holds which known generation.
///
/// In this order, each file and each generation once; content always decides, so that an inode
/// used anew fools nobody:
///
/// 1. the same path and inode: it may have grown;
/// 2. the same inode under another path, from the same birth: renamed;
/// 3. the same path with another inode: replaced by a copy that goes on (rsync, editors);
/// 4. another path, kin by its name: copied or compressed, and the old path no longer holds it;
/// 5. any other path, where the old one still stands but holds something else.
///
/// What still stands at its path is never looked for elsewhere: two files side by side are two
/// files, however equal their bytes.
struct GenerationMatching {
  let files: [ListedFile]
  let generations: [(key: String, generation: Generation)]
  /// By the file's place: the place of the generation that it holds.
  private(set) var generationOfFile: [Int?]
  private(set) var fileOfGeneration: [Int?]
  private var matchedCount = 0
  private let placeOfPath: [String: Int]
  private let looks: FileLooks
  private let isRemote: Bool
  /// How many files may still be looked into for generations that lost theirs.
  private var looksLeft: Int

  /// Where each look is a request: what is not found within so many is taken for gone.
  private static let remoteLooksMax = 256

  init(
    _ place: any FilePlace, _ files: [ListedFile],
    _ generations: [(key: String, generation: Generation)], _ limits: DecoderLimits
  ) {
    self.files = files
    self.generations = generations
    isRemote = place.isRemote
    looksLeft = isRemote ? Self.remoteLooksMax : .max
    looks = FileLooks(place, files, limits)
    generationOfFile = Array(repeating: nil, count: files.count)
    fileOfGeneration = Array(repeating: nil, count: generations.count)
    placeOfPath = Dictionary(uniqueKeysWithValues: files.enumerated().map { ($1.path, $0) })
    matchInPlace()
    // Most runs find everything in its place.
    guard matchedCount < min(generations.count, files.count) else { return }
    matchRenamed()
    matchReplaced()
    matchElsewhere()
  }

  /// The file that stands at a path.
  func file(at path: String) -> ListedFile? { placeOfPath[path].map { files[$0] } }

  /// Whether a file that was read before, under this path or another, stands at the path now.
  func isKnown(_ path: String) -> Bool {
    placeOfPath[path].map { generationOfFile[$0] != nil } ?? false
  }

  /// Whether the file at a path is short and has no whole line: its writer has only begun.
  func hasNoLine(_ path: String) -> Bool {
    guard let place = placeOfPath[path] else { return true }
    let start = looks.probe(place).start()
    return start.count < ContentHash.bytesMax && !start.contains(0x0A)
  }

  /// The files whose names rotation makes of one.
  func paths(ofBase base: String) -> [String] {
    looks.places(ofBase: base).map { files[$0].path }
  }

  /// Other files that rotation may have made of this one, or this one of them.
  func kin(of place: Int) -> [Int] {
    looks.places(ofBase: FileKinship.base(files[place].path)).filter { $0 != place }
  }

  /// Files that may not be read, as far as they were looked into.
  var problems: [(place: Int, error: ConnectorError)] { looks.problems }

  private mutating func claim(_ file: Int, _ generation: Int) {
    generationOfFile[file] = generation
    fileOfGeneration[generation] = file
    matchedCount += 1
  }

  private mutating func matchInPlace() {
    for (index, (_, generation)) in generations.enumerated() where generation.status == .open {
      guard let place = placeOfPath[generation.path] else { continue }
      let file = files[place]
      guard generationOfFile[place] == nil, file.identity == generation.identity else { continue }
      if generation.isUnchanged(file.status) || looks.probe(place).holds(generation) {
        claim(place, index)
      }
    }
  }

  private mutating func matchRenamed() {
    var places: [FileIdentity: Int] = [:]
    for (place, file) in files.enumerated() { places[file.identity] = place }
    for (index, (_, generation)) in generations.enumerated() where fileOfGeneration[index] == nil {
      guard let place = places[generation.identity], generationOfFile[place] == nil,
        files[place].path != generation.path,
        generation.mayBeRenamed(to: files[place].path, files[place].status),
        looks.probe(place).holds(generation)
      else { continue }
      claim(place, index)
    }
  }

  private mutating func matchReplaced() {
    for (index, (_, generation)) in generations.enumerated()
    where fileOfGeneration[index] == nil && generation.status == .open {
      guard let place = placeOfPath[generation.path], generationOfFile[place] == nil,
        files[place].identity != generation.identity, looks.probe(place).holds(generation)
      else { continue }
      claim(place, index)
    }
  }

  private mutating func matchElsewhere() {
    for (index, (_, generation)) in generations.enumerated() where fileOfGeneration[index] == nil {
      let kin = looks.places(ofBase: FileKinship.base(generation.path))
      if let place = compressedName(of: generation) { claim(place, index) }
      if fileOfGeneration[index] != nil { continue }
      if let place = firstHolding(generation, kin) { claim(place, index) }
    }
    for (index, (_, generation)) in generations.enumerated() where fileOfGeneration[index] == nil {
      if placeOfPath[generation.path] == nil || generation.status == .gone { continue }
      if let place = firstHolding(generation, files.indices) { claim(place, index) }
    }
  }

  private mutating func firstHolding(_ generation: Generation, _ places: some Sequence<Int>)
    -> Int?
  {
    for place in places where isHeld(generation, by: place) { return place }
    return nil
  }

  /// The file that a compressor makes of a generation's: one look tells.
  private func compressedName(of generation: Generation) -> Int? {
    FileKinship.compressedEndings.lazy.compactMap { placeOfPath[generation.path + $0] }
      .first { generationOfFile[$0] == nil && looks.probe($0).holds(generation) }
  }

  private mutating func isHeld(_ generation: Generation, by place: Int) -> Bool {
    guard generationOfFile[place] == nil, files[place].path != generation.path else { return false }
    if !looks.probe(place).hasLooked {
      guard looksLeft > 0 else { return false }
      looksLeft -= 1
    }
    return looks.probe(place).holds(generation)
  }

  /// Whether two files have the same first bytes. What was read of a file says it without a look,
  /// where looks are dear.
  func haveSameStart(_ a: Int, _ b: Int) -> Bool {
    if isRemote {
      return generationOfFile[b].map { index in
        let generation = generations[index].generation
        return generation.offset > 0 && looks.probe(a).hasStart(of: generation)
      } ?? false
    }
    let (a, b) = (looks.probe(a).start(), looks.probe(b).start())
    let count = min(a.count, b.count)
    return a.prefix(count) == b.prefix(count)
  }
}

/// What was looked up about the files of a listing, each when it is first asked for: in most runs
/// few of many files are.
private final class FileLooks {
  private let place: any FilePlace
  private let files: [ListedFile]
  private let limits: DecoderLimits
  private var probes: [Int: FileProbe] = [:]
  private lazy var placesOfBase = Dictionary(grouping: files.indices) {
    FileKinship.base(files[$0].path)
  }

  init(_ place: any FilePlace, _ files: [ListedFile], _ limits: DecoderLimits) {
    self.place = place
    self.limits = limits
    self.files = files
  }

  func probe(_ number: Int) -> FileProbe {
    if let probe = probes[number] { return probe }
    let probe = FileProbe(place, files[number], limits)
    probes[number] = probe
    return probe
  }

  /// The files of a base name.
  func places(ofBase base: String) -> [Int] { placesOfBase[base] ?? [] }

  var problems: [(place: Int, error: ConnectorError)] {
    probes.compactMap { place, probe in probe.problem.map { (place, $0) } }
      .sorted { $0.place < $1.place }
  }
}
