internal import CKernels

/// Smallest and largest of many values.
///
/// The values lie one behind the other in a `RawSpan` whose size is a multiple of theirs. All
/// functions return nil where there are none. Complexity: O(n).
public enum ValueRange {
  public static func int32(_ values: RawSpan) -> ClosedRange<Int32>? {
    var least: Int32 = 0, most: Int32 = 0
    let found = scan(values, Int32.self) { tm_range_i32($0, $1, &least, &most) }
    return found ? least...most : nil
  }

  public static func uint32(_ values: RawSpan) -> ClosedRange<UInt32>? {
    var least: UInt32 = 0, most: UInt32 = 0
    let found = scan(values, UInt32.self) { tm_range_u32($0, $1, &least, &most) }
    return found ? least...most : nil
  }

  public static func int64(_ values: RawSpan) -> ClosedRange<Int64>? {
    var least: Int64 = 0, most: Int64 = 0
    let found = scan(values, Int64.self) { tm_range_i64($0, $1, &least, &most) }
    return found ? least...most : nil
  }

  public static func uint64(_ values: RawSpan) -> ClosedRange<UInt64>? {
    var least: UInt64 = 0, most: UInt64 = 0
    let found = scan(values, UInt64.self) { tm_range_u64($0, $1, &least, &most) }
    return found ? least...most : nil
  }

  /// NaN counts for nothing; nil also where there is nothing else.
  public static func float(_ values: RawSpan) -> ClosedRange<Float>? {
    var least: Float = 0, most: Float = 0
    let found = scan(values, Float.self) { tm_range_f32($0, $1, &least, &most) }
    return found && least <= most ? least...most : nil
  }

  /// NaN counts for nothing; nil also where there is nothing else.
  public static func double(_ values: RawSpan) -> ClosedRange<Double>? {
    var least: Double = 0, most: Double = 0
    let found = scan(values, Double.self) { tm_range_f64($0, $1, &least, &most) }
    return found && least <= most ? least...most : nil
  }

  /// The bits of the smallest and the largest of half floats. NaN counts for nothing; nil also
  /// where there is nothing else.
  public static func half(_ values: RawSpan) -> (least: UInt16, most: UInt16)? {
    var least: UInt16 = 0, most: UInt16 = 0
    var isNumber = false
    let found = scan(values, UInt16.self) {
      isNumber = tm_range_f16($0, $1, &least, &most) != 0
    }
    return found && isNumber ? (least, most) : nil
  }

  /// The positions of the smallest and the largest of values of `width` bytes each.
  /// - Parameter isSigned: compare as big-endian two's complement, else as unsigned bytes.
  public static func fixed(_ values: RawSpan, width: Int, isSigned: Bool)
    -> (least: Int, most: Int)?
  {
    precondition(width > 0)
    var least = 0, most = 0
    let count = values.byteCount / width
    let found = scan(values, UInt8.self) { base, _ in
      if count > 0 { tm_range_fixed(base, width, count, isSigned ? 1 : 0, &least, &most) }
    }
    return found && count > 0 ? (least, most) : nil
  }

  /// The positions of the smallest and the largest of views into one buffer, by unsigned bytes.
  /// - Precondition: every view lies within the buffer.
  public static func views(_ views: RawSpan, in buffer: RawSpan) -> (least: Int, most: Int)? {
    var least = 0, most = 0
    let found = ViewAccess.with(views, buffer) { views, count, bytes, byteCount in
      tm_range_views(views, count, bytes, byteCount, &least, &most)
    }
    return found ? (least, most) : nil
  }

  private static func scan<Value>(
    _ values: RawSpan, _ type: Value.Type, _ body: (UnsafePointer<Value>, Int) -> Void
  ) -> Bool {
    let count = values.byteCount / MemoryLayout<Value>.size
    return values.withUnsafeBytes { bytes in
      guard count > 0, let base = bytes.baseAddress?.assumingMemoryBound(to: Value.self) else {
        return false
      }
      body(base, count)
      return true
    }
  }
}

/// The numbers of dictionary entries.
public enum IndexRange {
  /// The largest of 32-bit numbers; nil where there are none.
  public static func max(_ indices: RawSpan) -> UInt32? {
    indices.withUnsafeBytes { bytes in
      let count = bytes.count / 4
      guard count > 0, let first = bytes.baseAddress?.assumingMemoryBound(to: UInt32.self) else {
        return nil
      }
      return tm_max32(first, count)
    }
  }
}

/// Views as they lie in memory: three 32-bit words each, the number of the buffer, the offset
/// and the length (`Records.ByteView`).
enum ViewAccess {
  static let width = 12

  /// Calls `body` unless there are no views.
  static func with(
    _ views: RawSpan, _ buffer: RawSpan,
    _ body: (UnsafePointer<tm_view>, Int, UnsafePointer<UInt8>, Int) -> Void
  ) -> Bool {
    let count = views.byteCount / width
    guard count > 0 else { return false }
    views.withUnsafeBytes { views in
      buffer.withUnsafeBytes { bytes in
        guard let first = views.baseAddress?.assumingMemoryBound(to: tm_view.self) else { return }
        // An empty buffer may have no address; its views are all empty and read nothing.
        let base =
          bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
          ?? UnsafeRawPointer(first).assumingMemoryBound(to: UInt8.self)
        body(first, count, base, bytes.count)
      }
    }
    return true
  }

  /// How many views from the first on are into the same buffer.
  static func run(_ views: RawSpan) -> Int {
    views.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress?.assumingMemoryBound(to: tm_view.self),
        bytes.count >= width
      else { return 0 }
      return tm_views_run(first, bytes.count / width)
    }
  }
}
