internal import Kernels
internal import Records

/// The values of one leaf column: those of the batch at work, and how to decode more.
class LeafValues {
  /// Takes in the chunk's dictionary.
  /// - Returns: bytes of memory it takes beyond the page's own.
  func setDictionary(_ page: DictionaryPage) throws(ParquetError) -> Int {
    preconditionFailure("overridden")
  }

  func beginPage(_ page: PageBytes, encoding: Encoding) throws(ParquetError) {
    preconditionFailure("overridden")
  }

  /// Checks that the page holds no more values, where it can be told.
  func endPage() throws(DecodeError) { preconditionFailure("overridden") }

  /// - Parameter slotCount: the slots expected; more may come.
  func beginBatch(slotCount: Int) { preconditionFailure("overridden") }

  /// Appends `slots` slots: the next `dense` values, spread over those whose bit at `first` or
  /// later of `validity` is one.
  func append(
    dense: Int, slots: Int, validity: [UInt64], from first: Int
  ) throws(DecodeError) {
    preconditionFailure("overridden")
  }

  func skip(dense: Int) throws(DecodeError) { preconditionFailure("overridden") }

  /// Hands the batch's values over.
  func finish() -> Column.Values { preconditionFailure("overridden") }

  /// Bytes of a slot in memory.
  var slotByteCount: Int { preconditionFailure("overridden") }
}

/// Values of a fixed size in memory: numbers, views, bytes of one width.
final class TypedValues<Value: BitwiseCopyable & Sendable>: LeafValues {
  typealias MakeDecoder = (PageBytes, Encoding) throws(ParquetError) -> ValueDecoder<Value>
  typealias MakeIndices = (PageBytes, [Value]) throws(DecodeError) -> ValueDecoder<Value>

  /// Elements a slot.
  private let width: Int
  private let zero: Value
  private let makeDecoder: MakeDecoder
  private let makeDictionaryDecoder: MakeDecoder
  private let makeIndices: MakeIndices
  private let wrap: ([Value]) -> Column.Values
  private let onBatch: () -> Void
  private var dictionary: [Value]?
  private var decoder: ValueDecoder<Value>?
  private var output: [Value] = []

  /// - Parameters:
  ///   - makeDecoder: for pages in any encoding but the dictionary's.
  ///   - makeDictionaryDecoder: for the dictionary page itself; `makeDecoder` where nil.
  ///   - makeIndices: for pages of dictionary indices.
  init(
    width: Int = 1, zero: Value, makeDecoder: @escaping MakeDecoder,
    makeDictionaryDecoder: MakeDecoder? = nil, makeIndices: @escaping MakeIndices,
    onBatch: @escaping () -> Void = {}, wrap: @escaping ([Value]) -> Column.Values
  ) {
    self.width = width
    self.zero = zero
    self.makeDecoder = makeDecoder
    self.makeDictionaryDecoder = makeDictionaryDecoder ?? makeDecoder
    self.makeIndices = makeIndices
    self.onBatch = onBatch
    self.wrap = wrap
  }

  override var slotByteCount: Int { width * MemoryLayout<Value>.stride }

  override func setDictionary(_ page: DictionaryPage) throws(ParquetError) -> Int {
    let decoder = try makeDictionaryDecoder(page.values, .plain)
    var entries: [Value] = []
    // A count that lies finds no values behind it: memory grows with what is there.
    var left = page.valueCount
    do throws(DecodeError) {
      while left > 0 {
        let step = min(left, 1 << 16)
        entries.reserve(forAppending: step * width)
        try entries.append(addingCapacity: step * width) { (output) throws(DecodeError) in
          try decoder.decode(step, into: &output)
        }
        left -= step
      }
    } catch {
      throw ParquetError(error)
    }
    dictionary = entries
    return entries.count * MemoryLayout<Value>.stride
  }

  override func beginPage(_ page: PageBytes, encoding: Encoding) throws(ParquetError) {
    guard encoding == .rleDictionary || encoding == .plainDictionary else {
      decoder = try makeDecoder(page, encoding)
      return
    }
    guard let dictionary else {
      throw ParquetError(.corrupt, "a page of dictionary indices in a chunk without a dictionary")
    }
    do throws(DecodeError) {
      decoder = try makeIndices(page, dictionary)
    } catch {
      throw ParquetError(error)
    }
  }

  override func endPage() throws(DecodeError) { try decoder?.checkEnd() }

  override func beginBatch(slotCount: Int) {
    onBatch()
    output = []
    output.reserveCapacity(slotCount * width)
  }

  override func append(
    dense: Int, slots: Int, validity: [UInt64], from first: Int
  ) throws(DecodeError) {
    guard dense > 0, let decoder else {
      output.append(contentsOf: repeatElement(zero, count: slots * width))
      return
    }
    output.reserve(forAppending: slots * width)
    try output.append(addingCapacity: slots * width) { (output) throws(DecodeError) in
      try decoder.decode(dense, into: &output)
      guard dense < slots else { return }
      if width == 1 {
        output.spreadLast(dense: dense, over: slots, validity: validity, from: first)
      } else {
        output.spreadLastGroups(
          width: width, dense: dense, over: slots, validity: validity, from: first)
      }
    }
  }

  override func skip(dense: Int) throws(DecodeError) { try decoder?.skip(dense) }

  override func finish() -> Column.Values {
    defer { output = [] }
    return wrap(output)
  }
}

extension Array {
  /// Makes room for `count` more elements; the capacity at least doubles when it grows.
  mutating func reserve(forAppending count: Int) {
    if self.count + count > capacity {
      reserveCapacity(Swift.max(self.count + count, capacity * 2))
    }
  }
}
