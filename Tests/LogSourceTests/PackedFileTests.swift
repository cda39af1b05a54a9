import Base
import Connector
import Foundation
import Testing

/// Compressed files and archives, written by the programs that rotation uses.
@Suite struct PackedFileTests {
  /// A program, and the ending that it gives its files.
  struct Program: Sendable, CustomTestStringConvertible {
    var command: [String]
    var ending: String
    var testDescription: String { command.joined(separator: " ") }

    static let all = [
      Program(command: ["gzip"], ending: ".gz"),
      Program(command: ["zstd", "-q", "--rm"], ending: ".zst"),
      Program(command: ["bzip2"], ending: ".bz2"), Program(command: ["xz"], ending: ".xz"),
      Program(command: ["xz", "--format=lzma"], ending: ".lzma"),
      Program(command: ["lz4", "-q", "-m", "--rm"], ending: ".lz4"),
      Program(
        command: [
          "python3", "-c",
          "import os,sys,zipfile; p=sys.argv[1]; zipfile.ZipFile(p+'.zip','w',8).write(p,'app.log');"
            + "os.remove(p)",
        ], ending: ".zip"),
    ]

    func pack(_ name: String, in folder: LogFolder) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = command + [folder.path + "/" + name]
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
      try #require(!folder.exists(name) && folder.exists(name + ending))
    }
  }

  @Test(arguments: Program.all)
  func compressionAfterRotationLosesAndDoublesNothing(_ program: Program) throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...100))
    #expect(try folder.run().rows == 100)
    try folder.append("app.log", lines(101...200))
    try folder.rename("app.log", "app.log.1")
    try program.pack("app.log.1", in: folder)
    try folder.append("app.log", lines(201...210))
    #expect(try folder.run().rows == 110)
    #expect(folder.ids == Array(1...210))
    #expect(try folder.run().plan.splits.isEmpty)
    // Seen whole before it was compressed: nothing new.
    try folder.rename("app.log", "app.log.2")
    _ = try folder.run()
    try program.pack("app.log.2", in: folder)
    #expect(try folder.run().rows == 0)
    #expect(folder.ids == Array(1...210))
  }

  @Test(arguments: Program.all)
  func theNameSaysNothing(_ program: Program) throws {
    let folder = LogFolder(pattern: "*")
    try folder.append("packed", lines(1...50) + "{\"id\":51}")
    try program.pack("packed", in: folder)
    try folder.rename("packed" + program.ending, "a.txt")
    #expect(try folder.run().rows == 51)
    #expect(folder.ids == Array(1...51))
  }

  @Test(arguments: Program.all)
  func oneThatIsBeingWrittenWaits(_ program: Program) throws {
    let folder = LogFolder(pattern: "*.part")
    let text = (1...30_000).map { "{\"id\":\($0),\"x\":\"\($0 &* 2_654_435_761 % 1_000_003)\"}\n" }
    try folder.append("app.log", text.joined())
    try program.pack("app.log", in: folder)
    let whole = try folder.read("app.log" + program.ending)
    for share in [0.0, 0.3, 0.9] {
      let count = max(20, Int(Double(whole.count) * share))
      let there = folder.exists("a.part") ? try folder.read("a.part").count : 0
      try folder.append("a.part", Array(whole[there..<count]))
      folder.clock.advance(seconds: 7000)
      try folder.run()
      #expect(folder.ids == Array(1...max(1, folder.ids.count)).prefix(folder.ids.count).map { $0 })
    }
    try folder.append("a.part", Array(whole[folder.read("a.part").count...]))
    try folder.run()
    #expect(folder.ids == Array(1...30_000))
    #expect(folder.rejects.isEmpty)
  }

  @Test func membersOfAnArchiveAreFiles() throws {
    let folder = LogFolder(pattern: "*.zip")
    func add(_ statements: String) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [
        "python3", "-c",
        "import zipfile; z=zipfile.ZipFile('\(folder.path)/logs.zip','a',8); \(statements); z.close()",
      ]
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
    }
    try add(
      "z.writestr('a.log','{\\\"id\\\":1}\\n{\\\"id\\\":2}'); z.writestr('b/c.log','{\\\"id\\\":3}\\n')"
    )
    #expect(try folder.run().rows == 3)
    #expect(folder.rows.map(\.file) == ["logs.zip/a.log", "logs.zip/a.log", "logs.zip/b/c.log"])
    #expect(folder.rows.map(\.line) == [1, 2, 1])
    #expect(try folder.run().plan.splits.isEmpty)
    // What is added behind is all that is new.
    try add("z.writestr('d.log','{\\\"id\\\":4}\\nno json\\n{\\\"id\\\":5}\\n')")
    #expect(try folder.run().rows == 2)
    #expect(folder.rows.suffix(2).map(\.file) == ["logs.zip/d.log", "logs.zip/d.log"])
    #expect(folder.rows.suffix(2).map(\.line) == [1, 3])
    #expect(folder.rejects.map(\.line) == [2])
    try folder.rename("logs.zip", "old.zip")
    #expect(try folder.run().rows == 0)
  }

  @Test func whatCannotBeReadIsNamed() throws {
    for (start, words) in [
      ([0x1F, 0x9D, 0x90, 0, 0], "compress"), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7-Zip"),
      ([0x02, 0x21, 0x4C, 0x18, 1], "legacy"),
    ] as [([UInt8], String)] {
      let folder = LogFolder()
      try folder.append("a.log", start)
      let error = try #require(throws: ConnectorError.self) { try folder.run() }
      #expect(error.kind == .malformed)
      #expect(error.message.contains(words))
      #expect(error.place?.hasSuffix("a.log") == true)
    }
  }
}
