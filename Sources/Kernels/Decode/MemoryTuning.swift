internal import CKernels

/// How the process's allocator is set, for the composition root alone.
public enum MemoryTuning {
  /// Lets all threads share one heap, and keeps allocations from 1 MiB out of it.
  ///
  /// The C library otherwise gives each thread its own heap, and memory that one thread has freed
  /// is of no use to another: a batch is made by the reader and freed by the writer. Its limit for
  /// what goes into a heap also grows to 32 MiB, and such holes are seldom filled again. Measured
  /// with two streams of a million and three million rows: a peak of 100 MB instead of 130 to 245,
  /// for a tenth of the time. To be called before the second thread starts.
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

  /// Gives all freed memory back to the system, so that what the process holds is what it uses.
  /// For measuring; does nothing where the allocator cannot.
  public static func giveBackFreedMemory() { tm_give_back_freed_memory() }
}
