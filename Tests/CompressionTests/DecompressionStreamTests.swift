import Compression
import Foundation
import Testing

/// Takes a stream's text apart as readers do.
private func decompress(
  _ format: StreamFormat, _ compressed: [UInt8], chunk: Int = 4096, piece: Int = 50_000,
  memoryBytesMax: Int = 128 << 20
) throws -> (text: [UInt8], isCutShort: Bool) {
  var position = 0
  let stream = try DecompressionStream<CompressionError>(
    format, memoryBytesMax: memoryBytesMax,
    source: { () throws(CompressionError) in
      let end = min(compressed.count, position + chunk)
      defer { position = end }
      return Array(compressed[position..<end])
    }, failure: { $0 })
  var text: [UInt8] = []
  while true {
    let carry = text.suffix(3)
    let bytes = try stream.read(after: carry, count: piece, spare: 64)
    #expect(bytes.prefix(carry.count) == carry)
    #expect(bytes.count <= carry.count + piece)
    if bytes.count == carry.count { break }
    text += bytes.dropFirst(carry.count)
  }
  #expect(stream.decompressedCount == text.count)
  return (text, stream.isCutShort)
}

/// Runs a program over bytes.
func run(_ command: String, _ arguments: [String], _ input: [UInt8]) throws -> [UInt8] {
  let folder = NSTemporaryDirectory() + "tidemark-codec-\(UInt64.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let path = folder + "/text"
  try Data(input).write(to: URL(fileURLWithPath: path))
  let output = folder + "/packed"
  _ = FileManager.default.createFile(atPath: output, contents: nil)
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [command] + arguments + [path]
  process.currentDirectoryURL = URL(fileURLWithPath: folder)
  process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
  try process.run()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  return Array(try Data(contentsOf: URL(fileURLWithPath: output)))
}

private let text = Array(
  (0..<40_000).map { "line \($0 * 7919 % 10_007) of the log\n" }.joined().utf8)

/// A format and the program that writes it.
struct Packer: Sendable, CustomTestStringConvertible {
  var format: StreamFormat
  var command: String
  var options: [String] = []

  var testDescription: String { ([command] + options).joined(separator: " ") }

  func pack(_ bytes: [UInt8]) throws -> [UInt8] { try run(command, ["-c"] + options, bytes) }

  static let all = [
    Packer(format: .gzip, command: "gzip"), Packer(format: .zstd, command: "zstd"),
    Packer(format: .zstd, command: "zstd", options: ["--long=24", "-19"]),
    Packer(format: .bzip2, command: "bzip2"), Packer(format: .xz, command: "xz"),
    Packer(format: .xz, command: "xz", options: ["-T2", "--block-size=100000"]),
    Packer(format: .lzma, command: "xz", options: ["--format=lzma"]),
    Packer(format: .lz4, command: "lz4"),
    Packer(format: .lz4, command: "lz4", options: ["-BD", "-B4", "--content-size"]),
  ]

  var hasMembers: Bool { format != .lzma }
}

@Suite struct DecompressionStreamTests {
  @Test(arguments: Packer.all)
  func whatTheProgramWritesIsRead(_ packer: Packer) throws {
    let packed = try packer.pack(text)
    #expect(
      StreamFormat.find(Array(packed.prefix(StreamFormat.startBytes))) == .format(packer.format))
    for chunk in [1, 77, 1 << 16] {
      let (read, isCutShort) = try decompress(packer.format, packed, chunk: chunk)
      #expect(read == text)
      #expect(!isCutShort)
    }
    #expect(try decompress(packer.format, packed, piece: 1000).text == text)
  }

  @Test(arguments: Packer.all.filter(\.hasMembers))
  func streamsInARowAreOneText(_ packer: Packer) throws {
    let packed =
      try packer.pack(text) + packer.pack([]) + packer.pack([1, 2, 3])
      + [UInt8](repeating: 0, count: 600)
    for chunk in [100, 1 << 20] {
      let (read, isCutShort) = try decompress(packer.format, packed, chunk: chunk)
      #expect(read == text + [1, 2, 3])
      #expect(!isCutShort)
    }
    let garbage = try packer.pack([1]) + Array("garbage".utf8)
    #expect(throws: CompressionError.self) { try decompress(packer.format, garbage) }
  }

  /// A cut is no damage: what is there is given, and the rest may come.
  @Test(arguments: Packer.all)
  func aCutIsToldFromDamage(_ packer: Packer) throws {
    let first = packer.hasMembers ? try packer.pack(Array("first".utf8)) : []
    let second = try packer.pack(text)
    for cut in [1, 10, second.count / 2, second.count - 1] {
      let (read, isCutShort) = try decompress(packer.format, first + second[..<cut])
      #expect(isCutShort)
      let whole = (packer.hasMembers ? Array("first".utf8) : []) + text
      #expect(whole.starts(with: read))
    }
    #expect(try !decompress(packer.format, first).isCutShort)
  }

  @Test(arguments: Packer.all)
  func damageIsFound(_ packer: Packer) throws {
    var packed = try packer.pack(text)
    for index in packed.count / 2..<packed.count / 2 + 20 { packed[index] ^= 0x5A }
    // lz4's programs may leave checksums of blocks out, that of the content they do not.
    let result = Result { try decompress(packer.format, packed) }
    if case .success(let read) = result {
      // Older lzma has no checksum.
      #expect(packer.format == .lzma && read.text != text)
    }
    #expect(throws: CompressionError.self) {
      try decompress(packer.format, Array("plain text, and much of it".utf8))
    }
  }

  /// A bomb is handed out in small pieces, never at once.
  @Test(arguments: Packer.all)
  func bombsComeInPieces(_ packer: Packer) throws {
    let packed = try packer.pack([UInt8](repeating: 0, count: 4_000_000))
    #expect(packed.count < 40_000)
    #expect(try decompress(packer.format, packed, piece: 4096).text.count == 4_000_000)
  }

  @Test(arguments: Packer.all)
  func aPlaceIsSkippedTo(_ packer: Packer) throws {
    let packed = try packer.pack(text)
    for place in [0, 1, 1024, 300_000, text.count] {
      var rest = packed[...]
      let stream = try DecompressionStream<CompressionError>(
        packer.format,
        source: { () throws(CompressionError) in
          defer { rest = rest.dropFirst(1000) }
          return Array(rest.prefix(1000))
        }, failure: { $0 })
      let (count, recent) = try stream.skip(place, keeping: 1024)
      #expect(count == place)
      #expect(recent == Array(text[..<place].suffix(1024)))
      #expect(try stream.read(count: 10) == Array(text[place...].prefix(10)))
      #expect(try stream.skip(.max, keeping: 10).count == max(0, text.count - place - 10))
    }
  }

  @Test func memoryIsBoundedWhereTheStreamDecidesIt() throws {
    for packer in [
      Packer(format: .zstd, command: "zstd", options: ["-1", "--long=27"]),
      Packer(format: .xz, command: "xz", options: ["-9"]),
      Packer(format: .lzma, command: "xz", options: ["--format=lzma", "-9"]),
    ] {
      // Windows are as long as the text at most.
      let long = try packer.pack([UInt8](repeating: 7, count: 40_000_000))
      let error = #expect(throws: CompressionError.self) {
        try decompress(packer.format, long, memoryBytesMax: 16 << 20)
      }
      #expect(error?.kind == .tooLarge)
      #expect(try decompress(packer.format, long).text.count == 40_000_000)
    }
  }

  @Test func skippableFramesArePassedOver() throws {
    let skippable: [UInt8] = [0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9]
    #expect(StreamFormat.find(skippable) == .skippable(11))
    for packer in Packer.all where packer.format == .zstd || packer.format == .lz4 {
      let packed = try skippable + packer.pack(text) + skippable + packer.pack([1])
      #expect(try decompress(packer.format, packed).text == text + [1])
    }
  }

  @Test func plainFilesAreKnownAsPlain() {
    for start in [
      "", "B", "BZh9 is a word", "PK", "[2024-01-01", "]] x", "(\u{B5}/", "{\"id\":1}", "\0\0\0\0",
      "]\0\0 not lzma at all", "ASCII", "\u{1F}",
    ] {
      #expect(StreamFormat.find(Array(start.utf8.prefix(14))) == nil, "\(start)")
    }
    #expect(StreamFormat.find([0x1F, 0x9D, 0x90]) == .foreign("'compress' (.Z)"))
    #expect(StreamFormat.find([0x02, 0x21, 0x4C, 0x18]) == .foreign("lz4's legacy frame"))
  }

  /// Any damage ends in an error or another text, never in a trap.
  @Test(arguments: Packer.all)
  func hostileBytesAreErrors(_ packer: Packer) throws {
    let packed = try packer.pack(Array(text.prefix(3000)))
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var bytes = packed
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      _ = try? decompress(packer.format, bytes, memoryBytesMax: 8 << 20)
    }
  }
}
