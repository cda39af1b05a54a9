internal import Base
internal import Bookmarks
internal import Connector
internal import Foundation
internal import Lake
internal import Parquet
internal import Records
internal import Storage

/// Stages a partition's rows anew, in a folder of the commit's own.
struct PartitionRewrite {
  let workspace: Workspace
  let settings: StreamSettings
  let budget: MemoryBudget
  let cancellation: Cancellation

  /// - Parameters:
  ///   - selections: of files of one partition; one at the least.
  ///   - schema: the table's columns, partition columns among them.
  ///   - commit: names the folder and its files.
  ///   - firstNumber: of the files, where the commit has others.
  func stage(
    _ selections: [RowSelection], of stream: String, schema: Schema, commit: String,
    firstNumber: Int = 0
  ) throws -> [TableWriter.Staged] {
    guard let first = selections.first?.file else { return [] }
    let names = Set(first.partition.map(\.name))
    let home = PartitionLocations.home(ofFolder: PartitionLocations.folder(ofKey: first.key))
    let rewriter = PartitionRewriter(
      store: workspace.store,
      options: PartitionRewriter.Options(
        table: first.table,
        folder: LakeLayout.rewrittenFolder(home: home, commit: commit),
        partition: first.partition,
        schema: Schema(schema.fields.filter { !names.contains($0.name) }), commit: commit,
        firstNumber: firstNumber,
        owner: LakeLayout.stagingOwner(
          table: LakeLayout.tableName(ofStream: stream), commit: commit),
        fileBytesTarget: settings.fileBytesTarget, memoryBytes: budget.writerBytes,
        parquet: settings.parquetOptions, reading: reading))
    do {
      return try workspace.perform(.rewriteFile) {
        for selection in selections {
          try rewriter.add(selection) { try checkCancelled(stream) }
        }
        let staged = try rewriter.finish()
        let expected = selections.reduce(0) { $0 + $1.rowCount }
        let written = staged.reduce(0) { $0 + $1.file.rowCount }
        guard written == expected else {
          throw IngestError(
            .defect, "\(written) rows were written, expected \(expected)",
            remedy: "Nothing was changed. Please report it with this message.", place: home)
        }
        return staged
      }
    } catch {
      rewriter.abandon()
      throw error
    }
  }

  /// A page and a dictionary of each column are in memory at a time, so a table with very many
  /// columns needs more than the reader's share.
  private var reading: Parquet.ReadOptions {
    var options = Parquet.ReadOptions()
    options.batchByteCountMax = budget.batchBytes
    options.windowByteCount = 256 << 10
    options.memoryByteCountMax = max(budget.readerBytes * 4, 64 << 20)
    return options
  }

  private func checkCancelled(_ stream: String) throws(IngestError) {
    guard let reason = cancellation.reason else { return }
    throw IngestError(
      .cancelled, "stopped: \(reason)", remedy: "What was merged before stays.", place: stream)
  }
}

extension Configuration {
  /// How a stream is treated, by its own name or a wildcard that matches it; what holds by
  /// itself where the config knows it no more.
  func settings(ofStream name: String) -> StreamSettings {
    let entry =
      streams.first { $0.configuration.name == name }
      ?? streams.first { Self.matches(name, $0.configuration.name) }
    return entry?.settings ?? StreamSettings()
  }

  /// Whether a pattern with `*` stands for the name.
  private static func matches(_ name: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last,
      name.hasPrefix(first), name.count >= first.count + last.count, name.hasSuffix(last)
    else { return false }
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.range(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}
