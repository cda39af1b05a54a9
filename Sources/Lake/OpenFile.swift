internal import Base
internal import Parquet
internal import Records
internal import Storage

/// A data file that is being written.
final class OpenFile {
  let partition: [PartitionValue]
  let schema: Schema
  private let key: String
  private let sink: StagedSink
  private let writer: ParquetWriter

  init(
    store: any ObjectStore, key: String, owner: String, partition: [PartitionValue],
    schema: Schema, options: WriteOptions, scratches: ScratchPool
  ) throws(LakeError) {
    self.partition = partition
    self.schema = schema
    self.key = key
    do {
      sink = StagedSink(try store.stage(key, owner: owner))
    } catch {
      throw LakeError(error)
    }
    do {
      writer = try ParquetWriter(
        schema: schema, options: options, sink: sink, scratches: scratches)
    } catch {
      sink.upload.abandon()
      throw LakeError(.encoding, error.summary, remedy: error.remedy, place: key)
    }
  }

  /// Bytes written and buffered so far: what the file would roughly come to.
  var byteCount: Int { sink.byteCount + writer.bufferedBytes }

  /// Bytes of pages held in memory.
  var bufferedBytes: Int { writer.bufferedBytes }

  /// Bytes held in memory until they make a part of an upload.
  var uploadBytes: Int { sink.upload.bufferedBytes }

  func write(_ batch: Batch) throws(LakeError) {
    do { try writer.write(batch) } catch { throw failure(error) }
  }

  /// Closes the row group, so that its memory is free again.
  func flush() throws(LakeError) {
    do { try writer.flushRowGroup() } catch { throw failure(error) }
  }

  func finish(table: String) throws(LakeError) -> (DataFile, StagedObject) {
    let written: WrittenFile
    do { written = try writer.finish() } catch { throw failure(error) }
    do {
      let object = try sink.upload.finish()
      let file = DataFile(
        table: table, key: key, partition: partition, rowCount: written.rowCount,
        byteCount: object.byteCount, columns: Self.ranges(written))
      return (file, object)
    } catch {
      throw LakeError(error)
    }
  }

  func abandon() { sink.upload.abandon() }

  private func failure(_ error: ParquetError) -> LakeError {
    if let storage = sink.failure { return LakeError(storage) }
    return LakeError(.encoding, error.summary, remedy: error.remedy, place: key)
  }

  /// Least and greatest value and null count of each column, for the log.
  private static func ranges(_ written: WrittenFile) -> JSONValue {
    .object(
      written.columns.map { column in
        JSONValue.Member(
          key: column.path.joined(separator: "."),
          value: [
            "min": .init(column.min.map(head)),
            "max": .init(column.max.map(head)),
            "nulls": .init(column.nullCount),
          ])
      })
  }

  /// The beginning of a value's text. Of bytes, no more are written out than it takes: they may be
  /// many.
  private static func head(_ value: Value) -> String {
    if case .bytes(let bytes) = value { return Value.bytes(Array(bytes.prefix(32))).text }
    return String(value.text.prefix(64))
  }
}

/// Hands a Parquet writer's bytes to a staged upload.
private final class StagedSink: ByteSink {
  let upload: any StagedWriter
  private(set) var byteCount = 0
  /// The store's own error, kept because the Parquet module knows of no stores.
  private(set) var failure: StorageError?

  init(_ upload: any StagedWriter) { self.upload = upload }

  func write(_ bytes: [UInt8]) throws {
    do {
      try upload.write(bytes)
      byteCount += bytes.count
    } catch {
      failure = error
      throw error
    }
  }
}
