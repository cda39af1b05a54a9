import Base
import Storage
import Testing

/// What every store does, whatever it is made of.
@Suite struct StoreBehaviourTests {
  @Test(arguments: StoreKind.allCases)
  func readsWhatWasPut(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      let put = try store.put("a/b.txt", bytes("hello"))
      #expect(put.byteCount == 5)
      #expect(try store.read("a/b.txt") == bytes("hello"))
      #expect(try store.read("a/b.txt", range: 1..<3) == bytes("el"))
      #expect(try store.read("a/b.txt", range: 5..<5) == [])
      let info = try #require(try store.info("a/b.txt"))
      #expect((info.key, info.byteCount, info.version) == (put.key, put.byteCount, put.version))
      #expect(abs(info.modified.seconds(since: put.modified)) < 5)
      try store.put("empty", [])
      #expect(try store.read("empty") == [])
    }
  }

  @Test(arguments: StoreKind.allCases)
  func saysWhatIsMissing(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      #expect(try store.info("a") == nil)
      #expect(StorageTests.kind { () throws(StorageError) in _ = try store.read("a") } == .notFound)
      #expect(try store.keys() == [])
      #expect(try store.listStaged("") == [])
      try store.delete(["a", "b/c"])
      try store.put("a/b", bytes("xyz"))
      #expect(try store.info("a") == nil)
      #expect(try store.info("a/b/c") == nil)
      for range in [2..<4, 4..<4, 0..<Int.max] {
        let found = StorageTests.kind { () throws(StorageError) in
          _ = try store.read("a/b", range: range)
        }
        #expect(found == .outOfRange)
      }
    }
  }

  @Test(arguments: StoreKind.allCases)
  func listsInBytewiseOrder(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      // '.' and '-' sort before '/', '0' and letters after; é is two bytes above all ASCII.
      let keys = [
        "a", "a-b/x", "a.txt", "a/b", "a/b-c", "a/b.d/e", "a/b/c", "a0", "A", "_t/log.json",
        ".hidden/x", "é/ü", "z/y/x/w/v", "a/é", "a/e\u{301}",
      ]
      // A file system cannot have both an object and objects below it.
      let usable = keys.filter { key in !keys.contains { $0.hasPrefix(key + "/") } }
      for key in usable { try store.put(key, bytes(key)) }
      let sorted = usable.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      #expect(try store.keys() == sorted)
      for prefix in ["a", "a/", "a/b", "a/b.", "a/b.d/", "_", "zz", "é", "a/b.d/e", "z/y/x/"] {
        let expected = sorted.filter { $0.utf8.starts(with: prefix.utf8) }
        #expect(try store.keys(prefix) == expected, "prefix \(prefix)")
      }
      let sizes = try store.objects("").map(\.byteCount)
      #expect(sizes == sorted.map(\.utf8.count))
    }
  }

  @Test(arguments: StoreKind.allCases)
  func stopsListingWhenTheVisitorThrows(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      for key in ["a", "b", "c"] { try store.put(key, []) }
      var seen: [String] = []
      let found = StorageTests.kind { () throws(StorageError) in
        try store.list("") { (info) throws(StorageError) in
          seen.append(info.key)
          if info.key == "b" {
            throw StorageError(.failed, "enough", remedy: "none", place: info.key)
          }
        }
      }
      #expect(found == .failed)
      #expect(seen == ["a", "b"])
    }
  }

  @Test(arguments: StoreKind.allCases)
  func putsUnderConditions(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      func conflict(_ text: String, _ condition: PutCondition) -> StorageError.Kind? {
        StorageTests.kind { () throws(StorageError) in
          _ = try store.put("log/1.json", bytes(text), if: condition)
        }
      }
      #expect(conflict("x", .matches(version: "1")) == .conflict)
      #expect(try store.keys() == [])
      let first = try store.put("log/1.json", bytes("one"), if: .absent)
      #expect(conflict("x", .absent) == .conflict)
      let second = try store.put(
        "log/1.json", bytes("two"), if: .matches(version: first.version))
      #expect(first.version != second.version)
      #expect(conflict("x", .matches(version: first.version)) == .conflict)
      #expect(try store.read("log/1.json") == bytes("two"))
      let third = try store.put("log/1.json", bytes("three"), if: .always)
      #expect(third.version != second.version)
      #expect(try store.info("log/1.json")?.version == third.version)
      #expect(try store.listStaged("") == [])
    }
  }

  @Test(arguments: StoreKind.allCases)
  func neverShowsAVersionTwice(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      var versions: Set<String> = []
      for number in 0..<50 {
        let text = kind.tellsEqualBytesApart ? "same" : "number \(number)"
        versions.insert(try store.put("v", bytes(text)).version)
      }
      #expect(versions.count == 50)
    }
  }

  @Test(arguments: StoreKind.allCases)
  func letsOneOfManyPutsWin(_ kind: StoreKind) async throws {
    let (store, keeper) = try kind.make()
    let wins = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<16 {
        group.addTask { (try? store.put("k/one", [UInt8(index)], if: .absent)) != nil }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(wins == 1)
    #expect(try store.keys() == ["k/one"])
    withExtendedLifetime(keeper) {}
  }

  @Test(arguments: StoreKind.allCases)
  func losesNoIncrement(_ kind: StoreKind) async throws {
    let (store, keeper) = try kind.make()
    try store.put("n", [0])
    let retries = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          var retries = 0
          for _ in 0..<10 {
            while true {
              guard let info = try? store.info("n"), let old = try? store.read("n").first,
                (try? store.put("n", [old + 1], if: .matches(version: info.version))) != nil
              else {
                retries += 1
                continue
              }
              break
            }
          }
          return retries
        }
      }
      return await group.reduce(0, +)
    }
    // Read between info and put, the value may be newer than the version: then the put fails.
    #expect(try store.read("n") == [40], "after \(retries) retries")
    withExtendedLifetime(keeper) {}
  }

  @Test(arguments: StoreKind.allCases)
  func movesAndDeletes(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      try store.put("a/1", bytes("one"))
      try store.move("a/1", to: "b/c/2")
      #expect(try store.keys() == ["b/c/2"])
      try store.move("a/1", to: "b/c/2")
      #expect(try store.read("b/c/2") == bytes("one"))
      let found = StorageTests.kind { () throws(StorageError) in
        try store.move("a/1", to: "a/2")
      }
      #expect(found == .notFound)
      try store.put("b/d", [])
      try store.delete(["b/c/2", "b/none", "b/d", "b/d"])
      #expect(try store.keys() == [])
    }
  }

  @Test(
    arguments: StoreKind.allCases,
    [
      "", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a\0b", "a/_staged/b", "_staged",
      String(repeating: "x", count: 256), String(repeating: "é", count: 128),
      String(repeating: "abc/", count: 300) + "d",
    ])
  func refusesKeysThatCannotBe(_ kind: StoreKind, _ key: String) throws {
    let (store, keeper) = try kind.make()
    func refuses(_ call: () throws(StorageError) -> Void) -> Bool {
      StorageTests.kind(call) == .invalid
    }
    let staged = StagedObject(key: key, owner: "c1", token: "b", byteCount: 0)
    withExtendedLifetime(keeper) {
      #expect(refuses { () throws(StorageError) in _ = try store.read(key) })
      #expect(refuses { () throws(StorageError) in _ = try store.info(key) })
      #expect(refuses { () throws(StorageError) in _ = try store.put(key, []) })
      #expect(refuses { () throws(StorageError) in try store.delete([key]) })
      #expect(refuses { () throws(StorageError) in try store.move(key, to: "b") })
      #expect(refuses { () throws(StorageError) in try store.move("b", to: key) })
      #expect(refuses { () throws(StorageError) in _ = try store.stage(key, owner: "c1") })
      #expect(refuses { () throws(StorageError) in try store.publish(staged) })
    }
  }

  @Test(arguments: StoreKind.allCases, ["/a", "../a", "a/../b", "a//b/c"])
  func refusesPrefixesThatCannotBe(_ kind: StoreKind, _ prefix: String) throws {
    let (store, keeper) = try kind.make()
    withExtendedLifetime(keeper) {
      #expect(
        StorageTests.kind { () throws(StorageError) in _ = try store.objects(prefix) } == .invalid)
    }
  }

  @Test(arguments: StoreKind.allCases)
  func takesNamesUpToTheLimit(_ kind: StoreKind) throws {
    let (store, keeper) = try kind.make()
    try withExtendedLifetime(keeper) {
      let key =
        "raw/" + String(repeating: "n", count: 255) + "/a b+c=d%2F#?&\"'.x"
        + (kind.takesLineEnds ? "\n" : "") + (kind.takesBackslashes ? "\\" : "")
      try store.put(key, bytes("v"))
      #expect(try store.keys() == [key])
      #expect(try store.read(key) == bytes("v"))
    }
  }
}
