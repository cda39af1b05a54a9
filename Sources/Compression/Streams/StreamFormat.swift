/// What compresses a file, as its own first bytes say.
public enum StreamFormat: String, Hashable, Sendable, CaseIterable {
  case gzip, zstd, bzip2, xz, lzma, lz4, zip

  /// Whether streams in a row (`cat a.gz b.gz`) are one text.
  var hasMembers: Bool { self != .lzma && self != .zip }

  /// The bytes that a file must show to be known.
  public static let startBytes = 14

  /// What is known by a file's start, and what is known but cannot be read.
  public enum Finding: Hashable, Sendable {
    case format(StreamFormat)
    /// A frame that zstd and lz4 pass over, of so many bytes with its header: what follows tells.
    case skippable(Int)
    /// A format that cannot be read, by its name for people.
    case foreign(String)
  }

  /// - Parameter start: the first bytes of the file, `startBytes` unless it is shorter.
  /// - Returns: nil where they are plain, or too few to tell.
  public static func find(_ start: [UInt8]) -> Finding? {
    switch true {
    case start.starts(with: [0x1F, 0x8B]): return .format(.gzip)
    case start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]): return .format(.zstd)
    case start.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]): return .format(.xz)
    case start.starts(with: [0x04, 0x22, 0x4D, 0x18]): return .format(.lz4)
    case start.starts(with: [0x50, 0x4B, 0x03, 0x04]),
      start.starts(with: [0x50, 0x4B, 0x05, 0x06]):
      return .format(.zip)
    case isBzip2(start): return .format(.bzip2)
    case isSkippable(start): return .skippable(8 + Int(littleEndian(start[4..<8])))
    case isLzma(start): return .format(.lzma)
    case start.starts(with: [0x50, 0x4B, 0x07, 0x08]): return .foreign("a zip in several volumes")
    case start.starts(with: [0x02, 0x21, 0x4C, 0x18]): return .foreign("lz4's legacy frame")
    case start.starts(with: [0x1F, 0x9D]): return .foreign("'compress' (.Z)")
    case start.starts(with: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]): return .foreign("7-Zip")
    default: return nil
    }
  }

  /// `BZh1` to `BZh9`, and the start of a block or of the end.
  private static func isBzip2(_ start: [UInt8]) -> Bool {
    guard start.count >= 10, start.starts(with: [0x42, 0x5A, 0x68]),
      (0x31...0x39).contains(start[3])
    else { return false }
    let mark = Array(start[4..<10])
    return mark == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
      || mark == [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
  }

  private static func isSkippable(_ start: [UInt8]) -> Bool {
    start.count >= 8 && start[0] & 0xF0 == 0x50 && start[1...3].elementsEqual([0x2A, 0x4D, 0x18])
  }

  /// It has no mark of its own: properties, a size of the dictionary as encoders choose it, a size
  /// of the text that is unknown or below 256 TiB, and the zero that the coder begins with.
  private static func isLzma(_ start: [UInt8]) -> Bool {
    guard start.count >= 14, start[0] < 225, start[13] == 0 else { return false }
    let dictionary = littleEndian(start[1..<5])
    let size = littleEndian(start[5..<13])
    let rest = dictionary & (dictionary &- 1)
    let isChosen =
      dictionary >= 4096 && dictionary <= 1 << 31
      && (rest == 0 || (rest & (rest &- 1) == 0 && rest >> 1 == dictionary ^ rest))
    return isChosen && (size == .max || size < 1 << 48)
      // The default of all encoders, or a text that cannot begin so.
      && (start[0] == 0x5D || start[1...2].elementsEqual([0, 0]))
  }

  private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Whether a member may begin with the byte.
  func mayBegin(with byte: UInt8) -> Bool {
    switch self {
    case .gzip: byte == 0x1F
    case .zstd: byte == 0x28 || byte & 0xF0 == 0x50
    case .bzip2: byte == 0x42
    case .xz: byte == 0xFD
    case .lz4: byte == 0x04 || byte & 0xF0 == 0x50
    case .lzma, .zip: true
    }
  }

  /// - Parameter memoryBytesMax: what the decoder may take, where the stream decides it.
  func decoder(memoryBytesMax: Int) throws(CompressionError) -> any StreamDecoder {
    switch self {
    case .gzip: try Inflater()
    case .zstd: try ZstdDecoder(windowBytesMax: memoryBytesMax)
    case .bzip2: try Bzip2Decoder()
    case .xz: try XzDecoder(self, memoryBytesMax: memoryBytesMax)
    case .lzma: try XzDecoder(self, memoryBytesMax: memoryBytesMax)
    case .lz4: try Lz4FrameDecoder()
    case .zip:
      throw CompressionError(.failed, format: .zip, "an archive is read member by member")
    }
  }
}

/// One codec's decoder, given its bytes piece by piece.
protocol StreamDecoder: AnyObject {
  /// Makes ready for the next member.
  func reset() throws(CompressionError)

  /// Decompresses from the front of `source` into the front of `room`.
  /// - Parameters:
  ///   - consumed: raised by the input bytes that were taken.
  ///   - written: raised by the bytes that were written.
  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> DecodingStep
}

enum DecodingStep {
  /// Nothing more without more input or more room.
  case needsMore
  /// A member has ended; its checksum and length were right.
  case memberEnded
}
