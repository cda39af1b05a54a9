import Base
import Storage
import Testing

/// The stores that must behave alike.
enum StoreKind: CaseIterable, CustomTestStringConvertible {
  case memory, local, faultlessFaulty

  var testDescription: String { "\(self)" }

  /// - Returns: a new, empty store, and what keeps it alive.
  func make() throws -> (store: any ObjectStore, keeper: AnyObject?) {
    switch self {
    case .memory: return (MemoryStore(), nil)
    case .local:
      let folder = try TestFolder()
      return (try LocalStore(root: folder.path + "/lake"), folder)
    case .faultlessFaulty: return (FaultyStore(MemoryStore(), seed: 1, Faults()), nil)
    }
  }
}

/// The kind of error that a call throws; nil where it throws none.
func kind(_ body: () throws(StorageError) -> Void) -> StorageError.Kind? {
  do {
    try body()
    return nil
  } catch {
    return error.kind
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension ObjectStore {
  func keys(_ prefix: String = "") throws(StorageError) -> [String] {
    try objects(prefix).map(\.key)
  }

  func stageAll(_ key: String, owner: String, _ text: String) throws(StorageError) -> StagedObject {
    let writer = try stage(key, owner: owner)
    try writer.write(bytes(text))
    return try writer.finish()
  }
}
