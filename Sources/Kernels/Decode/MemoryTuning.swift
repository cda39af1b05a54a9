internal import CKernels

/// How the process's allocator is set, for the composition root alone.
public enum MemoryTuning {
  /// Lets all threads share one heap.
  ///
  /// The C library otherwise gives each thread its own, and memory that one thread has freed is
  /// of no use to another: a batch is made by the reader and freed by the writer, so the peak
  /// grew by half. To be called before the second thread starts.
  public static func shareOneHeap() { tm_use_one_arena() }

  /// Keeps freed memory for the next batch instead of giving it back to the system.
  ///
  /// Columns are arrays of some hundred kilobytes that live for a batch. The C library gives such
  /// memory back at once and fetches it anew, at a page fault for each 4 KiB: measured, half the
  /// time of reading uncompressed files. Does nothing where the allocator has no such setting.
  /// - Parameter byteCount: kept at most, beyond what is in use.
  public static func keepFreedMemory(byteCount: Int) {
    tm_keep_freed_memory(Int32(clamping: byteCount))
  }
}
