import Base
import Storage
import Testing

/// Staging and publishing, the same for every store.
@Suite struct StagingBehaviourTests {
  private let key = "raw/shop_orders/created_at_day=2026-11-21/x.parquet"

  private func expectStaged(
    _ staged: [StagedObject], _ prefix: String, in store: any ObjectStore, _ kind: StoreKind
  ) throws {
    let found = try store.listStaged(prefix)
    if kind.knowsWhatIsStaged {
      #expect(found == staged)
    } else {
      #expect(found.map(\.key) == staged.map(\.key))
      #expect(found.allSatisfy { $0.owner.isEmpty && $0.byteCount == 0 })
    }
  }

  /// Recovery has no more than what the listing says.
  @Test(arguments: StoreKind.allCases)
  func discardsWhatWasListed(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      let staged = try store.stageAll(key, owner: "c1", "data")
      _ = try store.stageAll(key, owner: "c2", "data")
      for found in try store.listStaged("raw/") { try store.discard(found) }
      #expect(try store.listStaged("") == [])
      guard kind.tellsEndedUploads else { return }
      let error = StorageTests.kind { () throws(StorageError) in try store.publish(staged) }
      #expect(error == .notFound)
    }
  }

  @Test(arguments: StoreKind.allCases)
  func keepsStagedDataOutOfSight(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      let writer = try store.stage(key, owner: "c1")
      try writer.write(bytes("hel"))
      #expect(try store.listStaged("").map(\.key) == [key])
      #expect(try store.keys() == [])
      #expect(try store.info(key) == nil)
      try writer.write(bytes("lo"))
      let staged = try writer.finish()
      #expect(staged.key == key)
      #expect(staged.owner == "c1")
      #expect(staged.byteCount == 5)
      #expect(try store.keys() == [])
      try expectStaged([staged], "", in: store, kind)

      try store.publish(staged)
      #expect(try store.keys() == [key])
      #expect(try store.read(key) == bytes("hello"))
      #expect(try store.listStaged("") == [])
      try store.publish(staged)
      #expect(try store.read(key) == bytes("hello"))
      try store.discard(staged)
      #expect(try store.keys() == [key])
    }
  }

  @Test(arguments: StoreKind.allCases)
  func removesWhatIsGivenUp(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      let writer = try store.stage(key, owner: "c1")
      try writer.write(bytes("x"))
      writer.abandon()
      writer.abandon()
      #expect(try store.listStaged("") == [])
      #expect(StorageTests.kind { () throws(StorageError) in try writer.write([1]) } == .invalid)
      #expect(
        StorageTests.kind { () throws(StorageError) in _ = try writer.finish() } == .invalid)

      let finished = try store.stage(key, owner: "c1")
      let staged = try finished.finish()
      #expect(try finished.finish() == staged)
      finished.abandon()
      #expect(try store.listStaged("") == [])
      if kind.tellsEndedUploads {
        let found = StorageTests.kind { () throws(StorageError) in try store.publish(staged) }
        #expect(found == .notFound)
      }

      do { _ = try store.stage("dropped", owner: "c1") }
      #expect(try store.listStaged("") == [])
    }
  }

  @Test(arguments: StoreKind.allCases)
  func keepsAFinishedObjectWithoutItsWriter(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      let staged = try store.stageAll(key, owner: "c1", "data")
      try expectStaged([staged], "raw/shop_orders/", in: store, kind)
      try store.discard(staged)
      try store.discard(staged)
      #expect(try store.listStaged("") == [])
    }
  }

  @Test(arguments: StoreKind.allCases)
  func tellsOwnersApart(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      let one = try store.stageAll(key, owner: "c1", "one")
      let two = try store.stageAll(key, owner: "c2", "two!")
      try expectStaged([one, two], "", in: store, kind)
      if kind.knowsWhatIsStaged {
        let again = StorageTests.kind { () throws(StorageError) in
          _ = try store.stage(key, owner: "c1")
        }
        #expect(again == .conflict)
      }
      try store.publish(two)
      // Another object is there: publishing over it would lose it.
      let over = StorageTests.kind { () throws(StorageError) in try store.publish(one) }
      #expect(over == .conflict)
      #expect(try store.read(key) == bytes("two!"))
    }
  }

  @Test(arguments: StoreKind.allCases)
  func doesNotTakeAnotherObjectForItsOwn(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      let staged = try store.stageAll(key, owner: "c1", "one")
      try store.discard(staged)
      try store.put(key, bytes("longer"))
      let found = StorageTests.kind { () throws(StorageError) in try store.publish(staged) }
      #expect(found == .notFound)
    }
  }

  @Test(arguments: StoreKind.allCases)
  func listsWhatIsStagedByPrefix(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      let keys = [
        "x", "raw/y", "raw/t/z", "raw/t/p=1/z", "raw/t/p=2/z", "raw/t__rejects/z", "refined/t/z",
        "a/b/c/d/e/f",
      ]
      for key in keys { _ = try store.stageAll(key, owner: "o", key) }
      let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      for prefix in [
        "", "r", "raw", "raw/", "raw/t", "raw/t/", "raw/t/p=", "raw/t/p=1/", "x", "a/b/c/",
      ] {
        #expect(
          try store.listStaged(prefix).map(\.key) == sorted.filter { $0.hasPrefix(prefix) },
          "prefix '\(prefix)'")
      }
      #expect(try store.keys() == [])
    }
  }

  @Test(arguments: StoreKind.allCases, ["", "a/b", "..", "_staged", "a\0"])
  func refusesOwnersThatCannotBe(_ kind: StoreKind, _ owner: String) throws {
    let (store, keeper) = try kind.make()
    withExtendedLifetime(keeper) {
      let found = StorageTests.kind { () throws(StorageError) in
        _ = try store.stage(key, owner: owner)
      }
      #expect(found == .invalid)
    }
  }
}
