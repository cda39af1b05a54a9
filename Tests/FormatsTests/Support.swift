import Base
import Formats
import Records

/// Parses lines of a format, block by block, to one list of rows as texts.
struct Parsed {
  var batches: [Batch] = []
  var outcome = LineOutcome()
  var fileState: JSONValue?

  var schema: Schema { batches.last?.schema ?? Schema([]) }
  var types: [String: String] {
    Dictionary(uniqueKeysWithValues: schema.fields.map { ($0.name, $0.type.description) })
  }

  /// The values of a row that are not null, by their columns.
  func row(_ index: Int) -> [String: String] {
    let values = schema.names.map { ($0, texts($0)[index]) }
    return Dictionary(uniqueKeysWithValues: values.filter { $0.1 != "null" })
  }

  /// Values of a column over all batches, as texts; `null` where the column was not there yet.
  func texts(_ name: String) -> [String] {
    batches.flatMap { batch in
      (0..<batch.rowCount).map { row in batch[name].map { $0[row].text } ?? "null" }
    }
  }
}

func parse(
  _ format: String, _ blocks: [String], options: LineOptions = LineOptions(),
  knownSchema: Schema? = nil, batchPerBlock: Bool = false, file: TextFile = TextFile()
) throws -> Parsed {
  try parse(
    format, blocks.map { Array($0.utf8) }, options: options, knownSchema: knownSchema,
    batchPerBlock: batchPerBlock, file: file)
}

func parse(
  _ format: String, _ blocks: [[UInt8]], options: LineOptions = LineOptions(),
  knownSchema: Schema? = nil, batchPerBlock: Bool = false, file: TextFile = TextFile()
) throws -> Parsed {
  let parser = try LineFormats.named(format).recordParser(options, knownSchema: knownSchema)
  var parsed = Parsed()
  try parser.begin(file)
  var line = 1
  for block in blocks {
    try parser.begin(LineBlock(block, firstLine: line))
    while try parser.step(&parsed.outcome) {}
    line += block.count { $0 == 0x0A }
    if batchPerBlock { parsed.batches.append(parser.finish()) }
  }
  if !batchPerBlock { parsed.batches.append(parser.finish()) }
  parsed.fileState = parser.fileState
  return parsed
}

/// A file that was last written at a time.
func file(modified: String, state: JSONValue? = nil) -> TextFile {
  TextFile(modified: Instant(modified), isAtStart: state == nil, state: state)
}
