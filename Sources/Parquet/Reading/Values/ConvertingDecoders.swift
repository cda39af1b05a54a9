internal import Kernels
internal import Records

/// Decodes what a page stores and turns it into what the column holds, a block at a time.
class ConvertingDecoder<Source: BitwiseCopyable, Value: BitwiseCopyable>: ValueDecoder<Value> {
  let inner: ValueDecoder<Source>

  init(_ inner: ValueDecoder<Source>) { self.inner = inner }

  /// Appends the converted values.
  func convert(
    _ values: borrowing [Source], into output: inout OutputSpan<Value>
  ) throws(DecodeError) {
    preconditionFailure("overridden")
  }

  final override func decode(
    _ count: Int, into output: inout OutputSpan<Value>
  ) throws(DecodeError) {
    var left = count
    var block: [Source] = []
    while left > 0 {
      let step = min(left, 2048)
      block.removeAll(keepingCapacity: true)
      try block.append(addingCapacity: step * inner.valuesPerSlot) { (output) throws(DecodeError) in
        try inner.decode(step, into: &output)
      }
      try convert(block, into: &output)
      left -= step
    }
  }

  final override func skip(_ count: Int) throws(DecodeError) { try inner.skip(count) }
  final override func checkEnd() throws(DecodeError) { try inner.checkEnd() }
}

/// Integers in another width: small decimals in 64 bits, times in milliseconds.
final class IntegerConversion<
  Source: FixedWidthInteger & BitwiseCopyable, Value: FixedWidthInteger & BitwiseCopyable
>: ConvertingDecoder<Source, Value> {
  override func convert(
    _ values: borrowing [Source], into output: inout OutputSpan<Value>
  ) throws(DecodeError) {
    try NumberConversions.convert(values.span, into: &output)
  }
}

/// Decimals as big-endian bytes of one width.
final class BigEndianConversion<Value: FixedWidthInteger & SignedInteger & BitwiseCopyable>:
  ConvertingDecoder<UInt8, Value>
{
  override func convert(
    _ values: borrowing [UInt8], into output: inout OutputSpan<Value>
  ) throws(DecodeError) {
    let width = inner.valuesPerSlot
    try NumberConversions.decodeBigEndian(
      values.span, from: 0, width: width, count: values.count / width, into: &output)
  }
}

/// Half-precision numbers.
final class HalfConversion: ConvertingDecoder<UInt8, Float> {
  override func convert(
    _ values: borrowing [UInt8], into output: inout OutputSpan<Float>
  ) throws(DecodeError) {
    try NumberConversions.decodeHalf(values.span, from: 0, count: values.count / 2, into: &output)
  }
}

/// INT96 timestamps.
final class Int96Conversion: ConvertingDecoder<UInt8, Int64> {
  private let perSecond: Int64

  init(_ inner: ValueDecoder<UInt8>, unit: TimeUnit) {
    perSecond = unit.perSecond
    super.init(inner)
  }

  override func convert(
    _ values: borrowing [UInt8], into output: inout OutputSpan<Int64>
  ) throws(DecodeError) {
    try NumberConversions.decodeInt96(
      values.span, from: 0, count: values.count / 12, perSecond: perSecond, into: &output)
  }
}

/// Decimals as big-endian byte strings of any length.
final class ByteStringConversion<Value: FixedWidthInteger & SignedInteger & BitwiseCopyable>:
  ConvertingDecoder<ByteView, Value>
{
  private let buffers: ViewBuffers

  init(_ inner: ValueDecoder<ByteView>, buffers: ViewBuffers) {
    self.buffers = buffers
    super.init(inner)
  }

  override func convert(
    _ values: borrowing [ByteView], into output: inout OutputSpan<Value>
  ) throws(DecodeError) {
    for index in values.indices {
      let view = values[index]
      let bytes = buffers.buffers[Int(view.buffer)]
      let number: Value? = NumberConversions.bigEndian(
        bytes.span, from: Int(view.offset),
        byteCount: Int(view.length))
      guard let number else {
        throw DecodeError(
          .range, at: Int(view.offset),
          "a decimal of \(view.length) bytes does not fit \(Value.bitWidth) bits")
      }
      output.append(number)
    }
  }
}
