internal import Base
internal import Connector
internal import Lake
internal import Records
internal import Storage

/// The open writers of a stream's tables within one commit.
struct TableWriters {
  let transfer: SplitTransfer
  let task: SplitTransfer.Task
  let commit: String
  private(set) var schemas: [String: Schema]
  /// What the commit changes of the files that are there.
  private(set) var revision: TableRevision
  /// Counted only where a full read must be told from the one before.
  private(set) var hash: ContentHash?
  private(set) var rowCount = 0
  private var locations: PartitionLocations
  private var writers: [TableRole: TableWriter] = [:]
  /// Columns that rows are staged of in a type that they have outgrown: no more are staged.
  private var outgrown: [String] = []
  private let lineage: Lineage?

  init(
    transfer: SplitTransfer, task: SplitTransfer.Task, commit: String, schemas: [String: Schema],
    revision: TableRevision, locations: PartitionLocations
  ) {
    self.transfer = transfer
    self.task = task
    self.commit = commit
    self.schemas = schemas
    self.revision = revision
    self.locations = locations
    revision.move(&self.locations)
    hash = task.replacesTable ? ContentHash() : nil
    lineage =
      transfer.stream.settings.hasLineage
      ? Lineage(commit: commit, at: transfer.workspace.clock.now) : nil
  }

  /// Takes in what is known of the tables' columns before the first row.
  mutating func widen(to known: [String: Schema]) throws {
    for (table, schema) in known.sorted(by: { $0.key < $1.key }) {
      if let before = schemas[table] { try revise(table, before, schema) }
      schemas[table] = schema
    }
  }

  /// - Parameter learnsAll: whether what is to come is looked at once rows have to be read again,
  ///   so that all that is there to widen is known then.
  /// - Throws: `WiderColumns` where rows have to be read again.
  mutating func write(_ incoming: SourceBatch, learnsAll: Bool) throws {
    let stream = transfer.stream
    var batch = incoming.batch
    if batch.rowCount == 0 { return }
    let isMain = incoming.table == .main
    // Rejects and other side tables are not partitioned: they are small, and lack the columns.
    let spec = PartitionSpec(isMain ? stream.settings.partition : [])
    let table = stream.tableName(incoming.table)
    // Also where only what lies in the rows changed, and is in tables of its own.
    hash?.add(batch)
    if isMain {
      if let lineage { batch = lineage.extend(batch) }
    }
    let known = schemas[table].map { spec.dataSchema(ofTable: $0) }
    let (rows, after) = try SchemaReconciliation(
      settings: stream.settings, partition: spec,
      isInferred: { [task] in task.infersType($0, incoming.table) }
    ).reconcile(batch, with: known, place: stream.name)
    if let known, known != after, !known.isReadable(as: after) {
      if writers[incoming.table] == nil {
        try revise(table, known, after)
      } else {
        outgrown += known.columnsToRewrite(as: after).map(\.name)
      }
    }
    schemas[table] = try spec.tableSchema(after)
    if !outgrown.isEmpty {
      if !learnsAll { try checkOutgrown() }
      return
    }
    try writer(incoming.table, table, spec).write(rows)
    if isMain { rowCount += rows.rowCount }
  }

  private func checkOutgrown() throws(WiderColumns) {
    if outgrown.isEmpty { return }
    throw WiderColumns(schemas: schemas, columns: outgrown)
  }

  /// Files that hold columns in types that are not read as the wider ones are written anew.
  private mutating func revise(_ table: String, _ before: Schema, _ after: Schema) throws {
    // Of those that are replaced none stays.
    if task.replacesTable || before.isReadable(as: after) { return }
    if task.isAhead { throw OutOfTurn() }
    try revision.widen(table, from: before, to: after)
    revision.move(&locations)
  }

  private mutating func writer(_ role: TableRole, _ table: String, _ spec: PartitionSpec)
    -> TableWriter
  {
    if let writer = writers[role] { return writer }
    let stream = transfer.stream
    let writer = TableWriter(
      store: transfer.workspace.store,
      options: TableWriter.Options(
        zone: stream.zone, table: table, partition: spec, commit: commit,
        owner: LakeLayout.stagingOwner(table: stream.table, commit: commit),
        fileBytesTarget: stream.settings.fileBytesTarget,
        memoryBytes: transfer.budget.writerBytes, uploadBytes: transfer.budget.uploadBytes,
        parquet: stream.settings.parquetOptions, locations: locations))
    writers[role] = writer
    return writer
  }

  /// - Throws: `WiderColumns` where rows have to be read again.
  func finish() throws -> [TableWriter.Staged] {
    try checkOutgrown()
    return try transfer.workspace.perform(.stageFile) {
      var staged: [TableWriter.Staged] = []
      for writer in writers.values { staged += try writer.finish() }
      return staged.sorted { $0.file.key < $1.file.key }
    }
  }

  func abandon() {
    for writer in writers.values { writer.abandon() }
  }
}

extension PartitionSpec {
  /// The columns that the source's rows have: the table's without the parts of times.
  func dataSchema(ofTable schema: Schema) -> Schema {
    Schema(
      schema.fields.filter { field in
        !fields.contains { !$0.replacesColumn && $0.name == field.name }
      })
  }
}
