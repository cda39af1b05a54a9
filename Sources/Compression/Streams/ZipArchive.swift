internal import CZlib

/// The directory of a zip archive, ZIP64 included. Each member is a text of its own.
///
/// The directory at the archive's end is what counts; local headers are looked at only for where
/// the data begin, so data descriptors need no guessing.
///
/// - SeeAlso: APPNOTE.TXT, PKWARE.
public struct ZipArchive: Sendable {
  /// A file in the archive.
  public struct Member: Hashable, Sendable {
    public var name: String
    /// Bytes of its text.
    public var byteCount: Int
    var compressedCount: Int
    var method: Int
    var isEncrypted: Bool
    var checksum: UInt32
    /// Where its local header begins.
    var offset: Int
  }

  /// In the order of the directory; folders are left out.
  public let members: [Member]

  /// A larger directory is refused.
  public static let directoryBytesMax = 32 << 20

  /// - Parameters:
  ///   - byteCount: of the archive.
  ///   - read: the bytes of a range; fewer where the archive is shorter.
  ///   - failure: what a broken archive is for the caller.
  /// - Returns: nil where the archive has no directory: it was cut, or is still being written.
  public init?<Failure: Error>(
    byteCount: Int, read: (Range<Int>) throws(Failure) -> [UInt8],
    failure: (CompressionError) -> Failure
  ) throws(Failure) {
    // The end record, and a comment of up to 64 KiB.
    let start = max(0, byteCount - 22 - 65_535)
    let tail = try read(start..<max(start, byteCount))
    guard let end = Self.endRecord(tail) else { return nil }
    var place = Directory(
      byteCount: Self.integer(tail, end + 12, 4), offset: Self.integer(tail, end + 16, 4),
      end: start + end)
    if let long = Self.longRecord(tail, before: end) {
      let record = try read(long..<long + 56)
      place = try Self.mapping(failure) { () throws(CompressionError) in
        try Self.longDirectory(record, at: long)
      }
    }
    let (range, shift) = try Self.mapping(failure) { () throws(CompressionError) in
      try place.range()
    }
    let directory = try read(range)
    members = try Self.mapping(failure) { () throws(CompressionError) in
      guard directory.count == range.count else { throw Self.damaged("the directory ends early") }
      return try Self.members(directory, shift: shift)
    }
  }

  private struct Directory {
    var byteCount: Int
    var offset: Int
    /// Where it ends: what stands in front of the archive shifts all offsets.
    var end: Int

    func range() throws(CompressionError) -> (Range<Int>, shift: Int) {
      guard byteCount <= ZipArchive.directoryBytesMax else {
        throw CompressionError(.tooLarge, format: .zip, "a directory of \(byteCount) bytes")
      }
      guard byteCount <= end, offset <= end - byteCount else {
        throw ZipArchive.damaged("the directory lies outside of the archive")
      }
      return (end - byteCount..<end, end - byteCount - offset)
    }
  }

  // MARK: Records

  /// The last end record whose comment ends with the archive.
  private static func endRecord(_ tail: [UInt8]) -> Int? {
    guard tail.count >= 22 else { return nil }
    return (0...tail.count - 22).last { place in
      tail[place] == 0x50 && integer(tail, place, 4) == 0x0605_4B50
        && integer(tail, place + 20, 2) == tail.count - place - 22
    }
  }

  /// Where the ZIP64 end record is, by the locator in front of the plain one.
  private static func longRecord(_ tail: [UInt8], before end: Int) -> Int? {
    guard end >= 20, integer(tail, end - 20, 4) == 0x0706_4B50 else { return nil }
    let place = integer(tail, end - 12, 8)
    return place <= 1 << 60 ? place : nil
  }

  private static func longDirectory(_ record: [UInt8], at place: Int) throws(CompressionError)
    -> Directory
  {
    guard record.count == 56, integer(record, 0, 4) == 0x0606_4B50 else {
      throw damaged("the ZIP64 directory is not where it should be")
    }
    return Directory(
      byteCount: integer(record, 40, 8), offset: integer(record, 48, 8), end: place)
  }

  private static func members(_ directory: [UInt8], shift: Int) throws(CompressionError)
    -> [Member]
  {
    var members: [Member] = []
    var place = 0
    while place < directory.count {
      guard directory.count - place >= 46, integer(directory, place, 4) == 0x0201_4B50 else {
        throw damaged("an entry of the directory is no entry")
      }
      let nameEnd = place + 46 + integer(directory, place + 28, 2)
      let extraEnd = nameEnd + integer(directory, place + 30, 2)
      let end = extraEnd + integer(directory, place + 32, 2)
      guard end <= directory.count else { throw damaged("the directory ends early") }
      let name = directory[place + 46..<nameEnd]
      var member = Member(
        name: String(decoding: name, as: UTF8.self), byteCount: integer(directory, place + 24, 4),
        compressedCount: integer(directory, place + 20, 4),
        method: integer(directory, place + 10, 2),
        isEncrypted: directory[place + 8] & 1 != 0,
        checksum: UInt32(truncatingIfNeeded: integer(directory, place + 16, 4)),
        offset: integer(directory, place + 42, 4))
      takeLong(directory[nameEnd..<extraEnd], &member)
      guard member.offset <= 1 << 60, member.byteCount <= 1 << 60,
        member.compressedCount <= 1 << 60
      else { throw damaged("the sizes of '\(member.name)' are impossible") }
      member.offset += shift
      if name.last != UInt8(ascii: "/") { members.append(member) }
      place = end
    }
    return members
  }

  /// Sizes and places that need more than 32 bits.
  private static func takeLong(_ extra: ArraySlice<UInt8>, _ member: inout Member) {
    var rest = extra
    while rest.count >= 4 {
      let bytes = Array(rest)
      let count = integer(bytes, 2, 2)
      guard count <= bytes.count - 4 else { return }
      if integer(bytes, 0, 2) == 1 {
        var values = stride(from: 4, through: 4 + count - 8, by: 8).map { integer(bytes, $0, 8) }[
          ...]
        for field in [\Member.byteCount, \Member.compressedCount, \Member.offset]
        where member[keyPath: field] == 0xFFFF_FFFF {
          guard let value = values.popFirst() else { return }
          member[keyPath: field] = value
        }
        return
      }
      rest = rest.dropFirst(4 + count)
    }
  }

  /// A little-endian number; 0 outside, and at most 2⁶³ - 1.
  private static func integer(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
    guard place >= 0, count <= bytes.count, place <= bytes.count - count else { return 0 }
    return Int(
      clamping: bytes[place..<place + count].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  fileprivate static func damaged(_ message: String) -> CompressionError {
    CompressionError(.corrupt, format: .zip, message)
  }

  private static func mapping<Result, Failure: Error>(
    _ failure: (CompressionError) -> Failure, _ body: () throws(CompressionError) -> Result
  ) throws(Failure) -> Result {
    do throws(CompressionError) { return try body() } catch { throw failure(error) }
  }

  // MARK: Members

  /// The text of a member, its checksum and size compared at the end.
  /// - Parameter read: as for `init`; called while the stream is read.
  /// - Throws: where the member is encrypted or of a method that cannot be read.
  public static func stream<Failure: Error>(
    of member: Member, read: @escaping (Range<Int>) throws(Failure) -> [UInt8],
    failure: @escaping (CompressionError) -> Failure
  ) throws(Failure) -> DecompressionStream<Failure> {
    let header = try read(member.offset..<member.offset + 30)
    let decoder = try mapping(failure) { () throws(CompressionError) in
      guard header.count == 30, integer(header, 0, 4) == 0x0403_4B50,
        member.compressedCount > 0 || member.byteCount == 0
      else {
        throw damaged("'\(member.name)' is not where the directory says")
      }
      return try ZipMemberDecoder(member)
    }
    var position = member.offset + 30 + integer(header, 26, 2) + integer(header, 28, 2)
    let end = position + member.compressedCount
    return DecompressionStream(
      .zip, decoder,
      source: { () throws(Failure) in
        let bytes = try read(position..<min(end, position + 1 << 18))
        position += bytes.count
        return bytes
      }, failure: failure)
  }
}

/// A stored or deflated member of a zip archive.
final class ZipMemberDecoder: StreamDecoder {
  private let member: ZipArchive.Member
  private let inflater: Inflater?
  private var checksum: UInt = 0
  private var count = 0

  init(_ member: ZipArchive.Member) throws(CompressionError) {
    self.member = member
    guard !member.isEncrypted else {
      throw CompressionError(.unsupported, format: .zip, "'\(member.name)' is encrypted")
    }
    switch member.method {
    case 0: inflater = nil
    case 8: inflater = try Inflater(.bare)
    default:
      throw CompressionError(
        .unsupported, format: .zip,
        "'\(member.name)' is compressed with method \(member.method); only stored and deflated "
          + "members are read")
    }
  }

  func reset() {}

  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> DecodingStep {
    let before = written
    var hasEnded = false
    if let inflater {
      if case .memberEnded = try inflater.step(
        source, into: room, consumed: &consumed, written: &written)
      {
        hasEnded = true
      }
    } else {
      let copied = min(source.count, room.count)
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<copied]))
      consumed += copied
      written += copied
      hasEnded = count + copied == member.compressedCount
    }
    let added = written - before
    count += added
    checksum = crc32_z(
      checksum, room.baseAddress?.assumingMemoryBound(to: UInt8.self), added)
    guard !hasEnded || (count == member.byteCount && checksum == UInt(member.checksum)) else {
      throw CompressionError(
        .corrupt, format: .zip, "the checksum or the size of '\(member.name)' is wrong")
    }
    return hasEnded ? .memberEnded : .needsMore
  }
}
