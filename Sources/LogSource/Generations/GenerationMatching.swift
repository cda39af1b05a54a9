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
  private let probes: [FileProbe]
  /// By the file's place: the place of the generation that it holds.
  private(set) var generationOfFile: [Int: Int] = [:]
  private(set) var fileOfGeneration: [Int: Int] = [:]
  private let placeOfPath: [String: Int]
  /// The files of each base name.
  private let placesOfBase: [String: [Int]]
  private let isRemote: Bool
  /// How many files may still be looked into for generations that lost theirs.
  private var looksLeft: Int

  /// Where each look is a request: what is not found within so many is taken for gone.
  private static let remoteLooksMax = 256

  init(
    _ place: any FilePlace, _ files: [ListedFile],
    _ generations: [(key: String, generation: Generation)]
  ) {
    self.files = files
    self.generations = generations
    isRemote = place.isRemote
    looksLeft = isRemote ? Self.remoteLooksMax : .max
    probes = files.map { FileProbe(place, $0) }
    placeOfPath = Dictionary(uniqueKeysWithValues: files.enumerated().map { ($1.path, $0) })
    placesOfBase = Dictionary(grouping: files.indices) { FileKinship.base(files[$0].path) }
    matchInPlace()
    // Most runs find everything in its place.
    guard fileOfGeneration.count < generations.count, generationOfFile.count < files.count else {
      return
    }
    matchRenamed()
    matchReplaced()
    matchElsewhere()
  }

  /// The file that stands at a path.
  func file(at path: String) -> ListedFile? { placeOfPath[path].map { files[$0] } }

  /// Other files that rotation may have made of this one, or this one of them.
  func kin(of place: Int) -> [Int] {
    (placesOfBase[FileKinship.base(files[place].path)] ?? []).filter { $0 != place }
  }

  /// Files that may not be read, as far as they were looked into.
  var problems: [(place: Int, error: ConnectorError)] {
    probes.enumerated().compactMap { place, probe in probe.problem.map { (place, $0) } }
  }

  private mutating func claim(_ file: Int, _ generation: Int) {
    generationOfFile[file] = generation
    fileOfGeneration[generation] = file
  }

  private mutating func matchInPlace() {
    for (index, (_, generation)) in generations.enumerated() where generation.status == .open {
      guard let place = placeOfPath[generation.path] else { continue }
      let file = files[place]
      guard generationOfFile[place] == nil, file.identity == generation.identity else { continue }
      if generation.isUnchanged(file.status) || probes[place].holds(generation) {
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
        probes[place].holds(generation)
      else { continue }
      claim(place, index)
    }
  }

  private mutating func matchReplaced() {
    for (index, (_, generation)) in generations.enumerated()
    where fileOfGeneration[index] == nil && generation.status == .open {
      guard let place = placeOfPath[generation.path], generationOfFile[place] == nil,
        files[place].identity != generation.identity, probes[place].holds(generation)
      else { continue }
      claim(place, index)
    }
  }

  private mutating func matchElsewhere() {
    for (index, (_, generation)) in generations.enumerated() where fileOfGeneration[index] == nil {
      let kin = placesOfBase[FileKinship.base(generation.path)] ?? []
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
      .first { generationOfFile[$0] == nil && probes[$0].holds(generation) }
  }

  private mutating func isHeld(_ generation: Generation, by place: Int) -> Bool {
    guard generationOfFile[place] == nil, files[place].path != generation.path else { return false }
    if !probes[place].hasLooked {
      guard looksLeft > 0 else { return false }
      looksLeft -= 1
    }
    return probes[place].holds(generation)
  }

  /// Whether two files have the same first bytes. What was read of a file says it without a look,
  /// where looks are dear.
  func haveSameStart(_ a: Int, _ b: Int) -> Bool {
    if isRemote {
      return generationOfFile[b].map { probes[a].hasStart(of: generations[$0].generation) } ?? false
    }
    let (a, b) = (probes[a].start(), probes[b].start())
    let count = min(a.count, b.count)
    return a.prefix(count) == b.prefix(count)
  }
}
