import Records

/// A value of a column whose values are of several types, as a source that infers types has it.
enum MixedValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case double(Double)
  case boolean(Bool)
  case date(Int32)
  case text(String)

  static let column = "mixed"

  var type: DataType? {
    switch self {
    case .null: nil
    case .integer: .int64
    case .double: .float64
    case .boolean: .boolean
    case .date: .date
    case .text: .string
    }
  }

  /// As the source writes it.
  var text: String {
    switch self {
    case .null: ""
    case .integer(let value): String(value)
    case .double(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .date(let value): Value.date(value).text
    case .text(let value): value
    }
  }

  /// The texts that it may have in the table: as it was written, or as what its column made of it.
  var texts: Set<String?> {
    switch self {
    case .null: [nil]
    // The column may have been one of doubles before it became text.
    case .integer(let value): [text, "\(Double(value))"]
    default: [text]
    }
  }

  /// The lattice of the formats that infer types, told anew.
  static func widened(_ known: DataType?, _ other: DataType?) -> DataType? {
    guard let known else { return other }
    guard let other, other != known else { return known }
    let numbers: [DataType] = [.int64, .float64]
    return numbers.contains(known) && numbers.contains(other) ? .float64 : .string
  }

  static func column(_ values: [MixedValue], _ type: DataType) -> Column {
    func present<Builder>(
      _ builder: Builder, _ null: (inout Builder) -> Void,
      _ value: (inout Builder, MixedValue) -> Void
    ) -> Builder {
      var builder = builder
      for item in values { if item == .null { null(&builder) } else { value(&builder, item) } }
      return builder
    }
    switch type {
    case .int64:
      var made = present(FixedBuilder<Int64>(), { $0.appendNull() }) {
        if case .integer(let value) = $1 { $0.append(value) }
      }
      return made.finish(type)
    case .float64:
      var made = present(FixedBuilder<Double>(), { $0.appendNull() }) {
        if case .integer(let value) = $1 { $0.append(Double(value)) }
        if case .double(let value) = $1 { $0.append(value) }
      }
      return made.finish(type)
    case .boolean:
      var made = present(BooleanBuilder(), { $0.appendNull() }) {
        if case .boolean(let value) = $1 { $0.append(value) }
      }
      return made.finish()
    case .date:
      var made = present(FixedBuilder<Int32>(), { $0.appendNull() }) {
        if case .date(let value) = $1 { $0.append(value) }
      }
      return made.finish(type)
    default:
      var made = present(BytesBuilder(), { $0.appendNull() }) { $0.append($1.text) }
      return made.finish(.string)
    }
  }
}
