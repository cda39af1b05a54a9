import Compression
import Foundation
import Testing

/// Archives as Python writes them, and what is wrong with some.
@Suite struct ZipArchiveTests {
  /// Writes an archive with a Python script, which has `z` open and `a` for its bytes.
  private func archive(_ script: String, setup: String = "z = zipfile.ZipFile(a, 'w')") throws
    -> [UInt8]
  {
    let whole = """
      import io, sys, zipfile
      class Pipe(io.RawIOBase):
          # Not seekable: members get data descriptors.
          def __init__(self): self.bytes = bytearray()
          def writable(self): return True
          def write(self, b): self.bytes += b; return len(b)
          def getvalue(self): return bytes(self.bytes)
      a = io.BytesIO()
      \(setup)
      \(script)
      z.close()
      sys.stdout.buffer.write(a.getvalue())
      """
    return try run("python3", ["-c", whole.replacing("\n      ", with: "\n")], [])
  }

  private func texts(_ bytes: [UInt8]) throws -> [(name: String, text: String)]? {
    func read(_ range: Range<Int>) throws(CompressionError) -> [UInt8] {
      Array(bytes[min(range.lowerBound, bytes.count)..<min(range.upperBound, bytes.count)])
    }
    let archive = try ZipArchive(byteCount: bytes.count, read: read, failure: { $0 })
    return try archive?.members.map { member in
      let stream = try ZipArchive.stream(of: member, read: read, failure: { $0 })
      let text = try stream.read(count: 1 << 22)
      // A directory may promise more than there is, and no more than that comes.
      #expect(!stream.isCutShort)
      #expect(text.isEmpty || text.count == member.byteCount)
      return (member.name, String(decoding: text, as: UTF8.self))
    }
  }

  private static let members = """
    z.writestr('a.log', 'one\\ntwo\\n')
    z.writestr('folder/', '')
    z.writestr('folder/b.log', 'text ' * 100000, zipfile.ZIP_DEFLATED)
    z.writestr('empty', '')
    z.writestr('größe.log', 'x')
    """

  @Test(arguments: [
    "z = zipfile.ZipFile(a, 'w')",
    "a = Pipe(); z = zipfile.ZipFile(a, 'w')",
    "a.write(b'#!/bin/sh\\nsome program in front\\n'); z = zipfile.ZipFile(a, 'a')",
    "z = zipfile.ZipFile(a, 'w'); z.comment = b'PK\\x05\\x06 and more ' * 100",
  ])
  func membersAreTextsOfTheirOwn(_ setup: String) throws {
    let found = try #require(try texts(try archive(Self.members, setup: setup)))
    #expect(found.map(\.name) == ["a.log", "folder/b.log", "empty", "größe.log"])
    #expect(found[0].text == "one\ntwo\n")
    #expect(found[1].text == String(repeating: "text ", count: 100_000))
    #expect(found[2].text == "")
    #expect(found[3].text == "x")
  }

  @Test func sizesOf64BitsAreRead() throws {
    let found = try texts(
      try archive(
        """
        with z.open('long.log', 'w', force_zip64=True) as f: f.write(b'text')
        zipfile.ZIP64_LIMIT = 10
        z.writestr('longer.log', 'more text than the limit', zipfile.ZIP_DEFLATED)
        zipfile.ZIP_FILECOUNT_LIMIT = 1
        """))
    #expect(found?.map(\.text) == ["text", "more text than the limit"])
  }

  @Test func anArchiveWithoutItsEndIsNoneYet() throws {
    let whole = try archive(Self.members)
    for cut in [4, 30, whole.count / 2, whole.count - 1] {
      #expect(try texts(Array(whole[..<cut])) == nil)
    }
    #expect(try texts(try archive(""))?.isEmpty == true)
  }

  @Test func whatCannotBeReadIsNamed() throws {
    var encrypted = try archive("z.writestr('secret.log', 'text')")
    let headers: [(flags: Int, mark: [UInt8])] = [
      (6, [0x50, 0x4B, 3, 4]), (8, [0x50, 0x4B, 1, 2]),
    ]
    for header in headers {
      let places = 0..<encrypted.count - 10
      let start = try #require(
        places.first { Array(encrypted[$0..<$0 + 4]) == header.mark })
      encrypted[start + header.flags] |= 1
    }
    var error = #expect(throws: CompressionError.self) { try texts(encrypted) }
    #expect(error?.kind == .unsupported)
    #expect(error?.message.contains("'secret.log' is encrypted") == true)
    let packed = try archive("z.writestr('a', 'text' * 99, zipfile.ZIP_LZMA)")
    error = #expect(throws: CompressionError.self) { try texts(packed) }
    #expect(error?.message.contains("method 14") == true)
  }

  @Test func aWrongChecksumIsFound() throws {
    var bytes = try archive("z.writestr('a.log', 'some text that is stored')")
    let place = try #require(bytes.firstIndex(of: UInt8(ascii: "m")))
    bytes[place] ^= 1
    let error = #expect(throws: CompressionError.self) { try texts(bytes) }
    #expect(error?.kind == .corrupt)
  }

  /// Any damage ends in an error or other texts, never in a trap.
  @Test func hostileBytesAreErrors() throws {
    let whole = try archive("z.writestr('a.log', 'text' * 50, 8); z.writestr('b', 'x' * 40)")
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] =
          [0, 0xFF, .random(in: 0...255, using: &random)].randomElement() ?? 0
      }
      _ = try? texts(bytes)
    }
  }
}
