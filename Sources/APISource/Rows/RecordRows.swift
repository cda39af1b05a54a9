internal import Connector
internal import Formats
internal import Records

/// Makes rows of records: those of the stream's table, and those of its child tables.
final class RecordRows {
  private struct Table {
    var role: TableRole
    var builder: JSONRowsBuilder
    /// Where values come as texts.
    var types: TextTypes?
    var schema: Schema?

    mutating func finish() -> SourceBatch {
      let batch = builder.finish()
      let typed = types?.typed(batch) ?? batch
      schema = typed.schema
      return SourceBatch(typed, table: role)
    }
  }

  /// Rows of a child table that are not yet in its builder.
  private struct Waiting {
    var table: Int
    var rows: JSONCursor.Elements
    var place: String
  }

  /// A record, or a child of one, that is no row.
  struct Reject {
    var place: String
    /// From 1; of the record, or of the child among those that came with it.
    var number: Int
    var text: String
    var reason: String
  }

  private let endpoint: EndpointSettings
  private let knownSchemas: [TableRole: Schema]
  private let children: ChildRows
  private var form: BodyForm?
  /// The stream's own first; none before the first page.
  private var tables: [Table] = []
  private var waiting: [Waiting] = []

  /// - Parameter knownSchemas: the columns of the tables so far.
  init(_ endpoint: EndpointSettings, knownSchemas: [TableRole: Schema]) {
    self.endpoint = endpoint
    self.knownSchemas = knownSchemas
    children = ChildRows(endpoint)
  }

  /// What a page is written in decides how the types of its values are found.
  /// - Throws: `.malformed` where it is not what the pages before it were.
  func begin(_ page: Page) throws(ConnectorError) {
    if let form {
      if form.holdsTexts == page.form.holdsTexts { return }
      throw ConnectorError(
        .malformed, "the response is \(page.form.title), and the one before was \(form.title)",
        remedy: "Have the server keep to one of them, or say which it is: body: json.",
        place: page.place)
    }
    form = page.form
    do throws(FormatError) {
      tables = [try table(.main, endpoint.rows)]
      for child in children.tables {
        tables.append(try table(.side(child.side), child.rows))
      }
    } catch {
      throw ConnectorError(error, place: endpoint.name)
    }
  }

  private func table(_ role: TableRole, _ options: JSONRowOptions) throws(FormatError) -> Table {
    let known = knownSchemas[role]
    var types: TextTypes?
    if form == .xml || form == .csv && endpoint.body.csv.infersTypes {
      types = TextTypes(knownSchema: known, declared: options.declared, zone: endpoint.zone)
    }
    return Table(
      role: role,
      builder: try JSONRowsBuilder(
        options: types == nil ? options : options.ofTexts(),
        knownSchema: types == nil ? known : types?.textSchema(known)),
      types: types, schema: known)
  }

  // MARK: Appending

  /// Adds records, and what child tables take from them.
  func append(_ records: [(index: Int, value: JSONCursor)], _ page: Page, _ rejects: inout [Reject])
    throws(ConnectorError)
  {
    var kept: [JSONCursor] = []
    do throws(FormatError) {
      let rows = children.tables.isEmpty ? nil : try children.parentRows(records.map(\.value))
      for (place, record) in records.enumerated() {
        let row = rows.map { $0[place] } ?? record.value
        if let problem = try tables[0].builder.append(row) {
          rejects.append(
            Reject(
              place: page.place, number: record.index + 1, text: record.value.text, reason: problem)
          )
        } else {
          kept.append(record.value)
        }
      }
      for (index, document) in try children.childRows(kept).enumerated() {
        guard let document else { continue }
        waiting.append(
          Waiting(table: index + 1, rows: document.root.elements, place: page.place))
      }
    } catch {
      throw ConnectorError(error, place: page.place)
    }
  }

  /// Whether children of records that were added are not rows yet.
  var hasWaiting: Bool { !waiting.isEmpty }

  /// Makes some of them rows.
  func takeWaiting(_ rejects: inout [Reject]) throws(ConnectorError) {
    guard var first = waiting.first else { return }
    let table = tables[first.table]
    var number = 0
    while number < 256, let row = first.rows.next() {
      number += 1
      do throws(FormatError) {
        if let problem = try table.builder.append(row) {
          let name = children.tables[first.table - 1].side
          rejects.append(
            Reject(
              place: first.place, number: number, text: row.text, reason: "\(name): \(problem)")
          )
        }
      } catch {
        throw ConnectorError(error, place: first.place)
      }
    }
    if number < 256 {
      waiting.removeFirst()
    } else {
      waiting[0] = first
    }
  }

  // MARK: Batches

  func isFull(_ options: ReadOptions) -> Bool {
    tables.reduce(0) { $0 + $1.builder.byteCount } >= options.batchBytes
      || tables.contains { $0.builder.rowCount >= options.batchRowsMax }
  }

  /// The rows of the table that has most of them; nil where there are none.
  func takeBatch() -> SourceBatch? {
    guard
      let fullest = tables.indices.max(by: {
        (tables[$0].builder.byteCount, tables[$0].builder.rowCount)
          < (tables[$1].builder.byteCount, tables[$1].builder.rowCount)
      }), tables[fullest].builder.rowCount > 0
    else {
      return tables.firstIndex { $0.builder.rowCount > 0 }.map { tables[$0].finish() }
    }
    return tables[fullest].finish()
  }

  /// The columns of the tables, with those that were found.
  var schemas: [TableRole: Schema] {
    var schemas = knownSchemas
    for table in tables { schemas[table.role] = table.schema }
    return schemas
  }
}
