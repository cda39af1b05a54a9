internal import Base

/// What the options ask of one leaf column.
struct ColumnSettings: Hashable, Sendable {
  /// The encoding asked for; nil leaves the choice to the data.
  var encoding: Encoding?
  var hasBloomFilter = false
  /// Whether its values have an order that the format defines, so that bounds say something.
  var isOrdered = true
  /// Whether the file's Arrow schema calls it a dictionary of texts. Arrow's reader makes one only
  /// of PLAIN and dictionary pages.
  var isArrowDictionary = false

  /// One for each leaf, in order. A path means the leaf that it names, or all below it; where
  /// several do, the longest holds.
  /// - Throws: `.schemaMismatch` where a path names no column, or a column can not have the
  ///   encoding.
  static func of(_ leaves: [LeafColumn], _ options: WriteOptions) throws(ParquetError)
    -> [ColumnSettings]
  {
    var settings = leaves.map { _ in ColumnSettings() }
    let annotations = options.storedAnnotations
    if let schema = options.keyValues.last(where: { $0.key == ArrowSchema.key })?.value,
      let marks = ArrowSchema.dictionaryLeaves(schema), marks.count == leaves.count
    {
      for index in leaves.indices { settings[index].isArrowDictionary = marks[index] }
    }
    if options.encodings.isEmpty, options.bloomFilters.isEmpty, annotations.isEmpty {
      return settings
    }
    let paths = Paths(leaves)
    for path in options.encodings.keys.sorted(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }) {
      guard let encoding = options.encodings[path]?.written else { continue }
      for index in try paths.leaves(at: path) {
        try check(encoding, leaves[index])
        settings[index].encoding = encoding
      }
    }
    for (path, annotation) in annotations where !annotation.isOrdered {
      for index in paths.below[path] ?? [] where leaves[index].name == path {
        settings[index].isOrdered = false
      }
    }
    for path in options.bloomFilters {
      for index in try paths.leaves(at: path) {
        if leaves[index].primitiveType != .boolean {
          settings[index].hasBloomFilter = true
        } else if leaves[index].name == path {
          throw ParquetError(
            .schemaMismatch, "a bloom filter of booleans tells nothing", at: .init(column: path))
        }
      }
    }
    return settings
  }

  /// Which leaves lie at or below a dotted path.
  private struct Paths {
    private(set) var below: [String: [Int]] = [:]
    private let names: [String]

    init(_ leaves: [LeafColumn]) {
      names = leaves.map(\.name)
      for leaf in leaves {
        var path = ""
        for name in leaf.path {
          path += path.isEmpty ? name : "." + name
          below[path, default: []].append(leaf.index)
        }
      }
    }

    func leaves(at path: String) throws(ParquetError) -> [Int] {
      if let found = below[path] { return found }
      let nearest = nearestName(to: path, among: names).map { "; the nearest is \($0)" }
      throw ParquetError(.schemaMismatch, "there is no column \(path)\(nearest ?? "")")
    }
  }

  private static func check(_ encoding: Encoding, _ leaf: LeafColumn) throws(ParquetError) {
    let possible = Encoding.possible(for: leaf.primitiveType)
    if possible.contains(encoding) { return }
    let names = possible.map(\.description).joined(separator: ", ")
    throw ParquetError(
      .schemaMismatch,
      "\(encoding) is not for values of \(leaf.primitiveType.name), which can be \(names)",
      at: .init(column: leaf.name))
  }
}
