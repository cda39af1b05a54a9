/// The text of a compressed stream, taken piece by piece in bounded memory.
///
///     let stream = try DecompressionStream(.zstd, source: { try file.readNext() }) { Failure($0) }
///     while true {
///       let text = try stream.read(count: 1 << 18)
///       if text.isEmpty { break }
///       consume(text)
///     }
///     if stream.isCutShort { … }
///
/// Streams in a row are one text, and zero bytes behind the last one (tape and block padding) are
/// passed over. No more is decompressed than is asked for, so a bomb takes time and no memory. One
/// thread uses it.
public final class DecompressionStream<Failure: Error> {
  private let format: StreamFormat
  private let decoder: any StreamDecoder
  private let source: () throws(Failure) -> [UInt8]
  private let failure: (CompressionError) -> Failure
  private var input: [UInt8] = []
  private var position = 0
  private var isInMember = false
  private var hasEnded = false
  private var isPadding = false
  private var memberCount = 0

  /// Compressed bytes taken so far.
  public private(set) var compressedCount = 0
  /// Decompressed bytes handed out so far.
  public private(set) var decompressedCount = 0

  /// Whether the input ended within a stream: it was cut, or is still being written. Valid once
  /// `read` has given all.
  public var isCutShort: Bool { hasEnded && isInMember }

  /// - Parameters:
  ///   - memoryBytesMax: what a decoder may take where the stream decides it: zstd's window, xz's
  ///     dictionary.
  ///   - source: the next compressed bytes; none at the end.
  ///   - failure: what a broken stream is for the caller.
  public convenience init(
    _ format: StreamFormat, memoryBytesMax: Int = 128 << 20,
    source: @escaping () throws(Failure) -> [UInt8],
    failure: @escaping (CompressionError) -> Failure
  ) throws(Failure) {
    let decoder: any StreamDecoder
    do throws(CompressionError) {
      decoder = try format.decoder(memoryBytesMax: memoryBytesMax)
    } catch { throw failure(error) }
    self.init(format, decoder, source: source, failure: failure)
  }

  init(
    _ format: StreamFormat, _ decoder: any StreamDecoder,
    source: @escaping () throws(Failure) -> [UInt8],
    failure: @escaping (CompressionError) -> Failure
  ) {
    self.format = format
    self.decoder = decoder
    self.source = source
    self.failure = failure
  }

  /// The bytes of `carry`, and behind them `count` of the text: fewer only at its end.
  /// - Parameter spare: bytes for which room is kept behind.
  public func read(after carry: ArraySlice<UInt8> = [], count: Int, spare: Int = 0)
    throws(Failure) -> [UInt8]
  {
    var problem: Failure?
    let known = carry.count
    let bytes = [UInt8](unsafeUninitializedCapacity: known + count + spare) { buffer, filled in
      _ = buffer.initialize(from: carry)
      filled = known
      let room = UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(rebasing: buffer[known..<known + count]))
      do throws(Failure) { filled += try fill(room) } catch { problem = error }
    }
    if let problem { throw problem }
    return bytes
  }

  /// Passes over text.
  /// - Returns: how many bytes were passed over, fewer than `count` only at the end; and the last
  ///   of them, at most `keeping`.
  public func skip(_ count: Int, keeping: Int) throws(Failure) -> (count: Int, recent: [UInt8]) {
    var problem: Failure?
    var skipped = 0
    var recent: [UInt8] = []
    var scratch = [UInt8](repeating: 0, count: min(count, 1 << 18))
    while skipped < count, problem == nil {
      var got = 0
      scratch.withUnsafeMutableBytes { buffer in
        let wanted = min(buffer.count, count - skipped)
        do throws(Failure) {
          got = try fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
        } catch { problem = error }
      }
      if got == 0 { break }
      skipped += got
      recent = Array((recent + scratch[max(0, got - keeping)..<got]).suffix(keeping))
    }
    if let problem { throw problem }
    return (skipped, recent)
  }

  /// Decompresses until the room is full or the text ends.
  private func fill(_ room: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    var written = 0
    while written < room.count {
      if !isInMember {
        guard try startMember() else { break }
      }
      let before = (position, written)
      switch try step(room, &written) {
      case .memberEnded: isInMember = false
      case .needsMore:
        guard position == before.0, written == before.1 else { continue }
        guard position == input.count else {
          throw corrupt("the stream goes nowhere")
        }
        guard try refill() else {
          // An archive that has its directory has all of its members.
          if format == .zip { throw corrupt("a member ends too early") }
          decompressedCount += written
          return written
        }
      }
    }
    decompressedCount += written
    return written
  }

  private func corrupt(_ message: String) -> Failure {
    failure(CompressionError(.corrupt, format: format, message, offset: compressedCount))
  }

  private func step(_ room: UnsafeMutableRawBufferPointer, _ written: inout Int) throws(Failure)
    -> DecodingStep
  {
    var consumed = 0
    var problem: CompressionError?
    var step = DecodingStep.needsMore
    input.withUnsafeBytes { bytes in
      do throws(CompressionError) {
        step = try decoder.step(
          UnsafeRawBufferPointer(rebasing: bytes[position...]),
          into: UnsafeMutableRawBufferPointer(rebasing: room[written...]),
          consumed: &consumed, written: &written)
      } catch { problem = error }
    }
    position += consumed
    compressedCount += consumed
    if var problem {
      problem.offset = compressedCount
      throw failure(problem)
    }
    return step
  }

  /// Asks for more input; false where there is none.
  private func refill() throws(Failure) -> Bool {
    if hasEnded { return false }
    input = try source()
    position = 0
    hasEnded = input.isEmpty
    return !hasEnded
  }

  /// Looks for the start of a member; false where only padding is left.
  private func startMember() throws(Failure) -> Bool {
    while true {
      if position == input.count {
        guard try refill() else { return false }
      }
      guard memberCount > 0, input[position] == 0 else { break }
      position += 1
      compressedCount += 1
      isPadding = true
    }
    guard format.mayBegin(with: input[position]), !isPadding || format == .xz,
      memberCount == 0 || format.hasMembers
    else {
      throw corrupt(
        "found byte 0x\(String(input[position], radix: 16)) where a stream should begin")
    }
    if memberCount > 0 {
      do throws(CompressionError) { try decoder.reset() } catch { throw failure(error) }
    }
    isPadding = false
    memberCount += 1
    isInMember = true
    return true
  }
}
