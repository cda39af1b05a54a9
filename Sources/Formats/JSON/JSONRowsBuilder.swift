internal import CSimdJSON
public import Records

/// Turns JSON objects into batches, finding out names and types as it goes.
///
///     let builder = try JSONRowsBuilder(options: JSONRowOptions(), knownSchema: schema)
///     for record in document.root["data"]?.elements ?? [] {
///       if let problem = try builder.append(record) { reject(record, problem) }
///       if builder.byteCount >= 4 << 20 { emit(builder.finish()) }
///     }
///     emit(builder.finish())
///
/// A column begins with the first value that is not null; keys that hold only nulls, and objects
/// without any such value, make none yet. Its type widens as values come and never narrows, also
/// from batch to batch:
///
///     boolean                       bigint → decimal(20,0) → double          string
///     object → struct by union      array → list      array or object → JSON text
///     anything else → string
///
/// The elements of all arrays of a column have one type, found and widened in the same way: those
/// of `[1,"x"]` are texts. An array without an element that is not null has no type yet.
/// Values written as text keep their meaning, not their spelling: `1.50` becomes `1.5`.
/// One thread uses a builder.
public final class JSONRowsBuilder {
  let options: JSONRowOptions
  let shredder: OpaquePointer
  /// The columns of the table, as the children of a struct.
  let root: JSONColumn
  var nodes: [NodeInfo]
  /// Rows in the shredder's slots, not yet in the columns.
  var pendingRows: UInt32 = 0
  private var pendingTape: JSONTape?
  var declaredNodes: [(node: UInt32, declared: DeclaredColumn)] = []
  /// Set where other builders take in rows of the same table.
  var sharedKeys: SharedKeys?

  /// What is known of a node of the shredder.
  struct NodeInfo {
    /// nil in nodes whose values are dropped: below a column that became text.
    var column: JSONColumn?
    var name: String
    var depth: Int
    /// The keys from the top on, exactly as they are.
    var keyPath = ""
    /// Whether the keys of objects in it become columns of the table.
    var isFlat = false
    /// Whether it holds elements of arrays, or what lies in them.
    var isInList = false
    /// Keys by their folded names.
    var keys: [String: (key: String, node: UInt32)] = [:]
  }

  /// Rows that the slots hold.
  static let chunkRowsMax: UInt32 = 1024
  /// Slots that elements of arrays may take until their rows become columns: as with rows, so many
  /// nulls do not fill the memory before anyone looks.
  static let elementSlotsMax: UInt64 = 1 << 19
  /// And those of one row.
  static let rowSlotsMax: UInt64 = 1 << 22

  /// Rows to take in one step: fewer where there are many columns, so that nulls do not fill the
  /// memory before anyone looks.
  var stepRows: Int {
    max(64, min(Int(Self.chunkRowsMax), Int(Self.elementSlotsMax) / nodes.count))
  }

  /// - Parameter knownSchema: the table's columns so far; those that lie in reserved names are
  ///   passed over.
  /// - Throws: `.invalidOption` where a declared column cannot be had from JSON.
  public init(options: JSONRowOptions, knownSchema: Schema? = nil) throws(FormatError) {
    self.options = options
    guard let shredder = tidemark_json_shredder_create(Self.chunkRowsMax, Self.rowSlotsMax)
    else { throw .outOfMemory }
    self.shredder = shredder
    root = JSONColumn(name: "", kind: .structure)
    nodes = [NodeInfo(column: root, name: "", depth: 0, isFlat: true)]
    let reserved = Set(options.reservedNames.map(foldedName))
    for field in knownSchema?.fields ?? [] where !reserved.contains(foldedName(field.name)) {
      root.addChild(JSONColumn(known: field, takesLists: options.takesLists))
    }
    for field in options.declared {
      let declared = try DeclaredColumn(field, options.times[field.name])
      let column = JSONColumn(declared: declared)
      if let place = root.childPlaces[foldedName(field.name)] {
        root.children[place] = column
      } else {
        root.addChild(column)
      }
    }
  }

  deinit { tidemark_json_shredder_free(shredder) }

  public var rowCount: Int { root.count + Int(pendingRows) }

  /// Bytes of column memory so far, not counting rows of the last thousand.
  public var byteCount: Int { root.byteCount }

  /// Adds a row.
  /// - Returns: nil; or why the value cannot be a row: nothing of it is kept then.
  /// - Throws: `.nameCollision`, `.tooManyColumns`, `.outOfMemory`: the batch cannot go on.
  public func append(_ object: JSONCursor) throws(FormatError) -> String? {
    guard object.kind == .object else { return "expected an object, found \(object.kind.rawValue)" }
    if pendingTape !== object.tape || pendingRows == Self.chunkRowsMax || hasManyElements {
      flush()
    }
    pendingTape = object.tape
    var stop = tidemark_json_stop()
    var goesOn: Int32 = 0
    while true {
      let isDone = tidemark_json_shredder_object(
        shredder, object.tape.words, object.tape.strings, 0, 0, UInt32(object.index), pendingRows,
        goesOn, &stop)
      if isDone == 1 { break }
      if let problem = try resolve(stop, strings: object.tape.strings) { return problem }
      goesOn = 1
    }
    let chunk = JSONChunk(words: object.tape.words, strings: object.tape.strings)
    if let problem = convertDeclared(row: Int(pendingRows), chunk) {
      tidemark_json_shredder_clear_row(shredder, pendingRows)
      return problem
    }
    pendingRows += 1
    return nil
  }

  /// The rows so far as a batch; goes on with none, and with the types found.
  public func finish() -> Batch {
    flush()
    let rows = root.count
    let columns = root.takeChildren(rows: rows)
    return Batch(
      schema: Schema(columns.map(\.field)), columns: columns.map(\.column), rowCount: rows)
  }

  private func flush() {
    guard pendingRows > 0, let tape = pendingTape else { return }
    flush(JSONChunk(words: tape.words, strings: tape.strings))
    pendingTape = nil
  }

  /// Moves the rows in the slots into the columns.
  func flush(_ chunk: JSONChunk) {
    guard pendingRows > 0 else { return }
    for column in root.children { column.append(self, chunk, rows: Int(pendingRows)) }
    root.countRows(Int(pendingRows))
    tidemark_json_shredder_clear(shredder, 0, pendingRows)
    pendingRows = 0
  }

  private var hasManyElements: Bool {
    tidemark_json_shredder_pending_slots(shredder) >= Self.elementSlotsMax
  }

  func tags(of node: UInt32) -> UnsafeMutablePointer<UInt8> {
    tidemark_json_shredder_tags(shredder, node)
  }

  func values(of node: UInt32) -> UnsafeMutablePointer<UInt64> {
    tidemark_json_shredder_values(shredder, node)
  }

  /// Objects and arrays in the node are entered no more: its column is text now.
  func stopEntering(_ node: UInt32) { tidemark_json_shredder_skip(shredder, node) }

  /// Converts the values of declared columns in one row, in place.
  /// - Returns: what does not fit; nil where all does.
  func convertDeclared(row: Int, _ chunk: JSONChunk) -> String? {
    for (node, declared) in declaredNodes {
      let tags = tags(of: node)
      let values = values(of: node)
      if tags[row] == UInt8(TIDEMARK_TAG_NULL) { continue }
      let value = JSONSlot(tag: tags[row], value: values[row])
      guard let converted = declared.convert(value, chunk) else {
        return "the value of '\(declared.field.name)' is no \(declared.field.type): "
          + declared.excerpt(value, chunk)
      }
      tags[row] = converted.tag
      values[row] = converted.value
    }
    return nil
  }
}
