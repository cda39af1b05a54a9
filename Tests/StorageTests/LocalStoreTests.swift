import Base
import Foundation
@testable import Storage
import Testing

/// What only a folder can do, or suffer.
@Suite struct LocalStoreTests {
  private let key = "raw/shop_orders/created_at_day=2026-11-21/x.parquet"

  @Test func makesItsRootOnTheFirstWrite() throws {
    let folder = try TestFolder()
    let root = folder.path + "/deep/lake"
    let store = try LocalStore(root: root + "/")
    #expect(store.root == root)
    #expect(try store.keys() == [])
    #expect(try store.info("a") == nil)
    try store.delete(["a"])
    #expect(folder.everything == [])
    try store.put("a", bytes("x"))
    #expect(folder.everything == ["deep", "deep/lake", "deep/lake/a"])
    #expect(store.path(of: "a/b") == root + "/a/b")
  }

  @Test func makesRelativeRootsAbsolute() throws {
    let store = try LocalStore(root: "./some//lake/.")
    #expect(store.root == FileManager.default.currentDirectoryPath + "/some/lake")
  }

  @Test(arguments: ["", "a\0b"]) func refusesRootsThatCannotBe(_ root: String) {
    #expect(kind { () throws(StorageError) in _ = try LocalStore(root: root) } == .invalid)
  }

  @Test func stagesInTheTablesFolderAndLeavesNothingBehind() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    let staged = try store.stageAll(key, owner: "c1", "data")
    #expect(staged.token == "raw/shop_orders/_staged/c1/created_at_day=2026-11-21/x.parquet")
    try store.publish(staged)
    #expect(
      folder.everything == [
        "raw", "raw/shop_orders", "raw/shop_orders/created_at_day=2026-11-21", key,
      ])
    try store.discard(try store.stageAll("one", owner: "c1", ""))
    try store.discard(try store.stageAll("raw/two", owner: "c1", ""))
    try store.delete([key])
    #expect(folder.everything == [])
  }

  /// A process that died leaves its file; it is listed, takes no part, and can be removed.
  @Test func findsWhatADeadProcessStaged() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    let dead = FaultyStore(store, seed: 1, Faults(stopAfter: 3))
    let writer = try dead.stage(key, owner: "c1")
    try writer.write(bytes("half"))
    #expect(kind { () throws(StorageError) in _ = try writer.finish() } == .unreachable)
    writer.abandon()
    #expect(try store.keys() == [])
    let found = try store.listStaged("raw/shop_orders/")
    #expect(found.map(\.owner) == ["c1"])
    #expect(found.map(\.byteCount) == [4])
    for staged in found { try store.discard(staged) }
    #expect(folder.everything == [])
  }

  /// In a container every process may have the same number.
  @Test func putsBesideWhatADeadPutLeft() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    try store.put("a/b", bytes("1"))
    for number in 1..<500 {
      _ = try? store.stageAll("a/b", owner: "put-\(getpid())-\(number)", "left")
    }
    try store.put("a/b", bytes("2"))
    #expect(try store.read("a/b") == bytes("2"))
    #expect(try !store.listStaged("a/").isEmpty)
  }

  @Test func doesNotPublishDataThatWereCutShort() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    let staged = try store.stageAll(key, owner: "c1", "data")
    try Data("da".utf8).write(to: URL(fileURLWithPath: store.path(of: staged.token)))
    #expect(kind { () throws(StorageError) in try store.publish(staged) } == .notFound)
    #expect(try store.keys() == [])
  }

  @Test func followsNoTokenOutOfItsRoot() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path + "/lake")
    let victim = folder.path + "/victim"
    try Data("v".utf8).write(to: URL(fileURLWithPath: victim))
    for token in ["../victim", "/etc/passwd", "raw/t/x", ""] {
      let staged = StagedObject(key: "raw/t/x", owner: "c1", token: token, byteCount: 1)
      #expect(kind { () throws(StorageError) in try store.publish(staged) } == .invalid)
      #expect(kind { () throws(StorageError) in try store.discard(staged) } == .invalid)
    }
    #expect(FileManager.default.fileExists(atPath: victim))
  }

  @Test func saysThatAFileIsInTheWay() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    try store.put("a", bytes("file"))
    try store.put("b/c", bytes("file"))
    #expect(kind { () throws(StorageError) in _ = try store.put("a/b", []) } == .invalid)
    #expect(kind { () throws(StorageError) in _ = try store.put("b", []) } == .invalid)
    #expect(kind { () throws(StorageError) in try store.move("a", to: "b") } == .invalid)
    #expect(
      kind { () throws(StorageError) in _ = try store.stage("a/b/c", owner: "c") } == .invalid)
    try store.delete(["b"])
    #expect(try store.keys() == ["a", "b/c"])
  }

  @Test(arguments: [
    (ENOSPC, StorageError.Kind.full), (EDQUOT, .full), (EFBIG, .full), (EACCES, .denied),
    (EPERM, .denied), (EROFS, .denied), (ENOENT, .notFound), (ENOTDIR, .invalid),
    (ENAMETOOLONG, .invalid), (ELOOP, .invalid), (EEXIST, .conflict), (EMFILE, .failed),
    (EIO, .failed),
  ])
  func saysWhatTheSystemMeans(_ code: Int32, _ expected: StorageError.Kind) {
    let error = StorageError(SystemFailure("write", code: code), place: "k")
    #expect(error.kind == expected)
    #expect(error.isRetryable == (code == EMFILE))
    #expect(!error.message.isEmpty && !error.remedy.isEmpty)
    #expect(error.cause?.hasPrefix("write: ") == true)
  }

  /// /dev/full takes no byte.
  @Test func reportsNoRoom() throws {
    let file = try OpenFile("/dev/full", O_WRONLY)
    #expect(throws: SystemFailure.self) { try file.writeAll([1, 2, 3]) }
  }

  @Test func listsThroughLinksButNotInCircles() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    try store.put("logs/2026/a.log", bytes("a"))
    let files = FileManager.default
    func link(_ name: String, _ target: String) throws {
      try files.createSymbolicLink(
        atPath: folder.path + "/" + name, withDestinationPath: target)
    }
    try link("logs/current.log", "2026/a.log")
    try link("logs/dangling", "nowhere")
    try link("logs/self", "self")
    try link("logs/up", "..")
    try link("years", "logs")
    #expect(
      try store.keys() == [
        "logs/2026/a.log", "logs/current.log", "years/2026/a.log", "years/current.log",
      ])
    #expect(try store.read("logs/current.log") == bytes("a"))
  }

  @Test func skipsWhatIsNoFile() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    try #require(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(try store.keys() == [])
    #expect(try store.info("pipe") == nil)
    #expect(kind { () throws(StorageError) in _ = try store.read("pipe") } == .notFound)
  }

  @Test func refusesNamesThatAreNotUTF8() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    let path = Array((folder.path + "/bad").utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
    let file = fopen(path, "w")
    try #require(file != nil)
    fclose(file)
    #expect(kind { () throws(StorageError) in _ = try store.keys() } == .invalid)
    #expect(try store.keys("good") == [])
  }

  @Test func changesTheVersionWithTheFile() throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    let first = try store.put("a", bytes("x"))
    try Data("yy".utf8).write(to: URL(fileURLWithPath: store.path(of: "a")))
    let second = try #require(try store.info("a"))
    #expect(first.version != second.version)
    #expect(second.byteCount == 2)
    #expect(abs(second.modified.seconds - Date().timeIntervalSince1970) < 60)
  }

  @Test func publishesWhileAnotherRemovesEmptyFolders() async throws {
    let folder = try TestFolder()
    let store = try LocalStore(root: folder.path)
    let failures = await withTaskGroup(of: [String].self) { group in
      for worker in 0..<4 {
        group.addTask {
          var failures: [String] = []
          for index in 0..<25 {
            do {
              let key = "raw/t/p=1/\(worker)-\(index)"
              try store.publish(try store.stageAll(key, owner: "c\(worker)-\(index)", "x"))
              try store.delete([key])
            } catch { failures.append("\(error)") }
          }
          return failures
        }
      }
      return await group.reduce([], +)
    }
    #expect(failures == [])
    #expect(folder.everything == [])
  }
}
