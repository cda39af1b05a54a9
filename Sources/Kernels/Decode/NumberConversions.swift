internal import CKernels

/// From a file's form of a number to the one that columns hold.
public enum NumberConversions {
  /// A two's-complement big-endian integer of any number of bytes; nil where `Number` is too
  /// narrow. No bytes are zero.
  @inlinable
  public static func bigEndian<Number: FixedWidthInteger & SignedInteger>(
    _ bytes: Span<UInt8>, from offset: Int, byteCount: Int
  ) -> Number? {
    guard byteCount > 0 else { return 0 }
    let size = MemoryLayout<Number>.size
    let sign: UInt8 = bytes[offset] & 0x80 != 0 ? 0xFF : 0
    var start = 0
    // Bytes beyond the type's size must repeat the sign.
    while byteCount - start > size {
      if bytes[offset + start] != sign { return nil }
      start += 1
    }
    if start > 0, bytes[offset + start] & 0x80 != sign & 0x80 { return nil }
    var number: Number = sign == 0 ? 0 : -1
    for index in start..<byteCount {
      number = number << 8 | Number(truncatingIfNeeded: bytes[offset + index])
    }
    return number
  }

  /// Appends `count` big-endian integers of `width` bytes that begin at byte `offset`.
  /// - Throws: `.range` where `Number` is too narrow for one, `.truncated`.
  @inlinable
  public static func decodeBigEndian<Number: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ bytes: Span<UInt8>, from offset: Int, width: Int, count: Int,
    into output: inout OutputSpan<Number>
  ) throws(DecodeError) {
    try PlainDecoding.check(bytes, from: offset, count: count, stride: width)
    precondition(output.freeCapacity >= count && width > 0)
    let size = MemoryLayout<Number>.size
    try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
      guard let base = output.baseAddress else { return }
      try decodeBigEndian(
        bytes, from: offset, width: width, count: count, size: size,
        into: UnsafeMutableRawPointer(base + filled))
      filled += count
    }
  }

  /// - Parameter size: bytes of the integers to write: 4, 8 or 16.
  @usableFromInline
  static func decodeBigEndian(
    _ bytes: Span<UInt8>, from offset: Int, width: Int, count: Int, size: Int,
    into output: UnsafeMutableRawPointer
  ) throws(DecodeError) {
    let done = bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      return tm_big_endian(base + offset, bytes.count - offset, width, count, size, output)
    }
    guard done == count else {
      throw DecodeError(
        .range, at: offset + done * width,
        "a number of \(width) bytes does not fit \(size * 8) bits")
    }
  }

  /// Appends the integers in another width.
  /// - Throws: `.range` where one does not fit; the offset is its index.
  @inlinable
  public static func convert<Source: FixedWidthInteger, Target: FixedWidthInteger>(
    _ numbers: Span<Source>, into output: inout OutputSpan<Target>
  ) throws(DecodeError) {
    precondition(output.freeCapacity >= numbers.count)
    try numbers.withUnsafeBufferPointer { (numbers) throws(DecodeError) in
      try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
        guard let source = numbers.baseAddress, let target = output.baseAddress else { return }
        try convert(
          UnsafeRawPointer(source), size: MemoryLayout<Source>.size, count: numbers.count,
          to: UnsafeMutableRawPointer(target + filled), size: MemoryLayout<Target>.size)
        filled += numbers.count
      }
    }
  }

  /// Sign-extends or narrows integers of 4, 8 or 16 bytes.
  @usableFromInline
  static func convert(
    _ source: UnsafeRawPointer, size sourceSize: Int, count: Int,
    to target: UnsafeMutableRawPointer, size targetSize: Int
  ) throws(DecodeError) {
    let done = tm_convert_integers(source, sourceSize, count, target, targetSize)
    guard done == count else {
      throw DecodeError(.range, at: done, "a number does not fit \(targetSize * 8) bits")
    }
  }

  /// The IEEE half-precision number of these bits.
  @inlinable
  public static func half(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// Appends `count` half-precision numbers that begin at byte `offset`.
  public static func decodeHalf(
    _ bytes: Span<UInt8>, from offset: Int, count: Int, into output: inout OutputSpan<Float>
  ) throws(DecodeError) {
    try PlainDecoding.check(bytes, from: offset, count: count, stride: 2)
    for index in 0..<count {
      let at = offset + 2 * index
      output.append(half(UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8))
    }
  }

  /// Appends `count` INT96 timestamps (nanoseconds of the day in 8 bytes, Julian day in 4) as
  /// numbers since 1970-01-01, `perSecond` to the second; finer parts are cut off.
  /// - Throws: `.range` where 64 bits do not hold one.
  public static func decodeInt96(
    _ bytes: Span<UInt8>, from offset: Int, count: Int, perSecond: Int64,
    into output: inout OutputSpan<Int64>
  ) throws(DecodeError) {
    try PlainDecoding.check(bytes, from: offset, count: count, stride: 12)
    var position = offset
    for _ in 0..<count {
      var nanoseconds: UInt64 = 0
      var day: UInt32 = 0
      for index in 0..<8 { nanoseconds |= UInt64(bytes[position + index]) << UInt64(8 * index) }
      for index in 0..<4 { day |= UInt32(bytes[position + 8 + index]) << UInt32(8 * index) }
      let moment = int96(
        day: Int32(bitPattern: day), nanoseconds: Int64(bitPattern: nanoseconds),
        perSecond: Int128(perSecond))
      guard let moment = Int64(exactly: moment) else {
        throw DecodeError(
          .range, at: position,
          "an INT96 timestamp of Julian day \(day) does not fit 64 bits of which \(perSecond) are "
            + "a second; read INT96 in a coarser unit")
      }
      output.append(moment)
      position += 12
    }
  }

  private static func int96(day: Int32, nanoseconds: Int64, perSecond: Int128) -> Int128 {
    let days = Int128(day) - 2_440_588
    var moment = days * 86_400_000_000_000 + Int128(nanoseconds)
    if day < 0 {
      // No moment is that early: Spark counts microseconds from Julian day 0, and far in the future
      // its 64 bits wrap. They wrap back.
      moment = Int128(Int64(truncatingIfNeeded: floor(moment, 1000))) * 1000
    }
    return floor(moment, 1_000_000_000 / perSecond)
  }

  private static func floor(_ number: Int128, _ divisor: Int128) -> Int128 {
    let quotient = number / divisor
    return number % divisor < 0 ? quotient - 1 : quotient
  }
}
