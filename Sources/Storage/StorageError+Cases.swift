/// The errors that stores have in common, in the same words.
extension StorageError {
  package static func noObject(_ key: String) -> StorageError {
    StorageError(.notFound, "there is no such object", remedy: "check the path", place: key)
  }

  package static func outOfRange(_ key: String, _ range: Range<Int>?) -> StorageError {
    StorageError(
      .outOfRange,
      range.map { "the object does not have bytes \($0.lowerBound)..<\($0.upperBound)" }
        ?? "the object became shorter while it was read",
      remedy: "the object was changed or cut short; find out by whom", place: key)
  }

  package static func conflicting(_ key: String, _ condition: PutCondition) -> StorageError {
    StorageError(
      .conflict,
      condition == .absent
        ? "an object is there already" : "the object is not the version that was expected",
      remedy: "someone else wrote it; read it again and decide anew", place: key)
  }

  package static func stagedAlready(_ key: String) -> StorageError {
    StorageError(
      .conflict, "the object is being staged already under this owner",
      remedy: "discard what is staged, or stage under another owner", place: key)
  }

  package static func closedWriter(_ key: String) -> StorageError {
    StorageError(.invalid, "the staged object is closed", remedy: "stage a new one", place: key)
  }
}
