internal import Base
internal import Connector

/// Tells which listed file holds which known generation.
///
/// In this order, each file and each generation once; content always decides, so that an inode
/// used anew fools nobody:
///
/// 1. the same path and inode: it may have grown;
/// 2. the same inode under another path: renamed;
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

  init(root: String, files: [ListedFile], generations: [(key: String, generation: Generation)]) {
    self.files = files
    self.generations = generations
    probes = files.map { FileProbe(root: root, file: $0) }
    placeOfPath = Dictionary(uniqueKeysWithValues: files.enumerated().map { ($1.path, $0) })
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

  /// The first bytes of the text of a file.
  func start(of place: Int) -> [UInt8] { probes[place].start() }

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
        files[place].path != generation.path, probes[place].holds(generation)
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
    let bases = files.map { FileKinship.base($0.path) }
    for demandsKinship in [true, false] {
      for (index, (_, generation)) in generations.enumerated() where fileOfGeneration[index] == nil {
        let oldPathStands = placeOfPath[generation.path] != nil
        if !demandsKinship && (!oldPathStands || generation.status == .gone) { continue }
        let base = FileKinship.base(generation.path)
        let found = files.indices.first { place in
          generationOfFile[place] == nil && files[place].path != generation.path
            && (!demandsKinship || bases[place] == base) && probes[place].holds(generation)
        }
        if let found { claim(found, index) }
      }
    }
  }
}
