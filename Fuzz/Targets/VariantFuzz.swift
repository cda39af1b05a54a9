import Parquet
import Records

/// Variants: metadata and value, alone, together, and as a column with shredded parts.
enum VariantFuzz {
  static func run(_ input: inout FuzzInput) {
    let form = input.number(below: 4)
    let metadata = input.take(input.number(below: 128))
    switch form {
    case 0: _ = try? Variant(metadata: metadata[...], value: input.rest()[...])
    case 1: _ = try? Variant(metadataAndValue: (metadata + input.rest())[...])
    default: column(&input, metadata, isNested: form == 3)
    }
  }

  private static func column(_ input: inout FuzzInput, _ metadata: [UInt8], isNested: Bool) {
    let isNull = input.byte()
    let number = Int64(input.wide())
    let value = bytes([input.rest()], isValid: isNull & 1 == 0)
    let typed: Column
    if isNested {
      let fields = [Field("value", .binary), Field("typed_value", .int64)]
      let inner = Column(
        type: .structure(fields), count: 1,
        values: .structure([
          value,
          Column(
            type: .int64, count: 1, validity: Bitmap(repeating: isNull & 2 == 0, count: 1),
            values: .int64([number])),
        ]))
      typed = Column(
        type: .structure([Field("a", inner.type, isNullable: false)]), count: 1,
        values: .structure([inner]))
    } else {
      typed = Column(
        type: .int64, count: 1, validity: Bitmap(repeating: isNull & 2 == 0, count: 1),
        values: .int64([number]))
    }
    let fields = [
      Field("metadata", .binary, isNullable: false), Field("value", .binary),
      Field("typed_value", typed.type),
    ]
    let column = Column(
      type: .structure(fields), count: 1,
      values: .structure([bytes([metadata], isValid: true), value, typed]))
    _ = try? VariantColumn(column).variant(0)
  }

  private static func bytes(_ values: [[UInt8]], isValid: Bool) -> Column {
    var builder = BytesBuilder()
    for value in values {
      if isValid { builder.append(value) } else { builder.appendNull() }
    }
    return builder.finish(.binary)
  }

  static var seeds: [[UInt8]] {
    let empty: [UInt8] = [1, 0, 0]
    let names: [UInt8] = [0x11, 2, 0, 1, 2, 97, 98]
    let values: [[UInt8]] = [
      [0], [4], [12, 7], [24, 1, 0, 0, 0, 0, 0, 0, 0], [32, 2, 1, 0, 0, 0], [9, 104, 105],
      [3, 2, 0, 2, 4, 12, 1, 12, 2], [2, 2, 0, 1, 0, 2, 4, 12, 1, 12, 2],
      [3, 1, 0, 8, 3, 1, 0, 4, 3, 0, 0, 0], [60, 3, 0, 0, 0, 1, 2, 3], [80] + Array(0..<16),
    ]
    var seeds: [[UInt8]] = []
    for form: UInt8 in 0..<4 {
      for value in values {
        for metadata in [empty, names] {
          let start: [UInt8] = [form, UInt8(metadata.count)] + metadata
          seeds.append(start + (form > 1 ? [0, 5, 0] : []) + value)
        }
      }
    }
    return seeds
  }
}
