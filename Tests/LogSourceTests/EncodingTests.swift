import Base
import Connector
import Testing

/// Text in UTF-16, which Windows programs write.
@Suite struct EncodingTests {
  static func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
    text.utf16.flatMap { unit in
      let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
      return bigEndian ? [high, low] : [low, high]
    }
  }

  private static let text =
    "\u{FEFF}" + lines(1...4) + "{\"id\":5,\"x\":\"ä€𝄞\"}\r\n" + lines(6...7)

  @Test(arguments: [false, true])
  func tornAtEveryByteLinesComeOnce(_ bigEndian: Bool) throws {
    let bytes = Self.utf16(Self.text, bigEndian: bigEndian)
    for cut in 2..<bytes.count {
      let folder = LogFolder()
      try folder.append("app.log", Array(bytes[..<cut]))
      try folder.run()
      try folder.append("app.log", Array(bytes[cut...]))
      try folder.run()
      #expect(folder.ids == Array(1...7), "cut at \(cut)")
      #expect(folder.rejects.isEmpty)
      #expect(folder.rows.map(\.line) == Array(1...7))
      #expect(try folder.run().plan.splits.isEmpty)
    }
  }

  @Test func rotatedCutAndPacked() throws {
    let folder = LogFolder()
    try folder.append("app.log", Self.utf16("\u{FEFF}" + lines(1...300), bigEndian: false))
    #expect(try folder.run().rows == 300)
    try folder.append("app.log", Self.utf16(lines(301...400), bigEndian: false))
    try folder.compress("app.log", "app.log.1.gz")
    try folder.append("app.log", Self.utf16("\u{FEFF}" + lines(401...410), bigEndian: false))
    #expect(try folder.run().rows == 110)
    #expect(folder.ids == Array(1...410))
    #expect(try folder.run().plan.splits.isEmpty)
    // Cut in place, and other content.
    try folder.truncate("app.log")
    try folder.append("app.log", Self.utf16("\u{FEFF}" + lines(501...505), bigEndian: true))
    #expect(try folder.run().rows == 5)
  }

  /// A last line without a newline waits, and is taken once nobody writes any more.
  @Test func theTailIsTakenWhenTheFileIsOld() throws {
    let folder = LogFolder()
    try folder.append(
      "app.log", Self.utf16("\u{FEFF}" + lines(1...3) + "{\"id\":4}", bigEndian: true))
    #expect(try folder.run().rows == 3)
    #expect(try folder.run().plan.splits.isEmpty)
    folder.clock.advance(seconds: 700)
    #expect(try folder.run().rows == 1)
    #expect(folder.ids == [1, 2, 3, 4])
    #expect(try folder.run().plan.splits.isEmpty)
  }

  /// Halves of pairs become U+FFFD, and no byte stops anything; UTF-32 is none of it.
  @Test func whatIsNoText() throws {
    let folder = LogFolder()
    let units: [UInt16] = [
      0xFEFF, 0x7B, 0x22, 0x69, 0x64, 0x22, 0x3A, 0x22, 0xD800, 0x78, 0xDC00, 0x22, 0x7D, 0x0A,
    ]
    try folder.append("app.log", units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } + [0x7B])
    #expect(try folder.run().rows == 1)
    #expect(folder.rows.map(\.text) == ["\u{FFFD}x\u{FFFD}"])
    let other = LogFolder()
    try other.append("app.log", [0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0, 0x0A, 0, 0, 0])
    try other.run()
    #expect(other.rows.isEmpty)
  }
}
