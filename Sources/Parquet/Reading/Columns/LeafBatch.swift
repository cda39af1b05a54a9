internal import Kernels
internal import Records

/// What one leaf column contributes to a batch.
struct LeafBatch {
  let values: Column.Values
  let slotCount: Int
  /// One bit a slot; nil where there is no null.
  let validity: Bitmap?
  /// One a level entry, where the columns around the leaf need them; else empty.
  let repetition: [UInt8]
  let definition: [UInt8]
}
