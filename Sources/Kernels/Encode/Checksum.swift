internal import CKernels

/// CRC-32 as gzip has it, which Parquet pages carry.
public enum Checksum {
  /// - Parameter crc: of the bytes before; 0 at the start.
  public static func crc32(_ bytes: RawSpan, after crc: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return crc }
      return tm_crc32(crc, base, bytes.count)
    }
  }

  public static func crc32(_ bytes: [UInt8], after crc: UInt32 = 0) -> UInt32 {
    crc32(bytes.span.bytes, after: crc)
  }

  public static func crc32(_ bytes: ArraySlice<UInt8>, after crc: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return crc }
      return tm_crc32(crc, base, bytes.count)
    }
  }

  /// As `crc32`, without wide instructions: what the fast one is tested against.
  static func crc32Portable(_ bytes: RawSpan, after crc: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return crc }
      return tm_crc32_portable(crc, base, bytes.count)
    }
  }
}
