internal import Synchronization

/// The chunks of a row group, parsed or not.
enum ColumnChunks: Sendable {
  case parsed([ColumnChunk])
  case located(LocatedChunks)

  var count: Int {
    switch self {
    case .parsed(let chunks): chunks.count
    case .located(let chunks): chunks.structures.count
    }
  }

  var all: [ColumnChunk] {
    switch self {
    case .parsed(let chunks): chunks
    case .located(let chunks): chunks.all
    }
  }

  /// - Precondition: the index is in 0 ..< count.
  func chunk(at index: Int) throws(ParquetError) -> ColumnChunk {
    switch self {
    case .parsed(let chunks): chunks[index]
    case .located(let chunks): try chunks.structures.structure(at: index)
    }
  }
}

/// Chunks as they stand in a footer; parsed once where all are asked for.
final class LocatedChunks: Sendable {
  let structures: LocatedStructures
  private let parsed = Mutex<[ColumnChunk]?>(nil)

  init(_ structures: LocatedStructures) { self.structures = structures }

  var all: [ColumnChunk] {
    parsed.withLock { parsed in
      if let parsed { return parsed }
      let chunks = (0..<structures.count).map { index in
        (try? structures.structure(at: index, as: ColumnChunk.self)) ?? ColumnChunk(metaData: nil)
      }
      parsed = chunks
      return chunks
    }
  }
}
