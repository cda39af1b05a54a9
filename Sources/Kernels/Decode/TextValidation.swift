internal import CKernels

/// Checks of text.
public enum TextValidation {
  /// Whether a range of bytes is ASCII alone.
  public static func isASCII(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    return bytes.withUnsafeBufferPointer { bytes in
      bytes.baseAddress.map { tm_is_ascii($0 + range.lowerBound, range.count) } ?? true
    }
  }

  /// Whether a range of bytes is UTF-8 in its shortest form, without surrogates.
  public static func isUTF8(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    return bytes.withUnsafeBufferPointer { bytes in
      bytes.baseAddress.map { tm_is_utf8($0 + range.lowerBound, range.count) } ?? true
    }
  }
}
