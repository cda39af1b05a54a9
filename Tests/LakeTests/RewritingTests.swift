import Base
import Parquet
import Records
import Storage
import Testing

@testable import Lake

@Suite struct RewritingTests {
  private let store = MemoryStore()

  /// A published file with these ids.
  private func file(_ name: String, _ ids: Range<Int32>, version: Int) throws -> DataFile {
    var builder = FixedBuilder<Int32>()
    for id in ids { builder.append(id) }
    let batch = Batch(
      schema: Schema([Field("id", .int32, isNullable: false)]), columns: [builder.finish(.int32)],
      rowCount: ids.count)
    let writer = TableWriter(
      store: store,
      options: .init(
        zone: "raw", table: "t", partition: PartitionSpec([]), commit: name, owner: "t.\(name)",
        fileBytesTarget: 1 << 20, memoryBytes: 1 << 20, parquet: WriteOptions()))
    try writer.write(batch)
    let staged = try writer.finish()
    try store.publish(staged[0].object)
    var file = staged[0].file
    file.origins = [RowOrigin(version: version, rowCount: ids.count)]
    return file
  }

  private func rewriter(target: Int = 1 << 20, schema: Schema? = nil) -> PartitionRewriter {
    PartitionRewriter(
      store: store,
      options: .init(
        table: "t", folder: "raw/t/v-new", partition: [],
        schema: schema ?? Schema([Field("id", .int64), Field("note", .string)]), commit: "new",
        owner: "t.new", fileBytesTarget: target, memoryBytes: 1 << 20, parquet: WriteOptions(),
        reading: ReadOptions()))
  }

  private func ids(_ staged: [TableWriter.Staged]) throws -> [Int64] {
    var ids: [Int64] = []
    for one in staged {
      try store.publish(one.object)
      let reader = try ParquetFile(StoredFile(one.file.key, in: store)).reader()
      while let batch = try reader.next() {
        let column = try #require(batch["id"])
        ids += (0..<column.count).compactMap { Int64(column[$0].text) }
      }
    }
    return ids
  }

  @Test func mergesInOrderAndKnowsOrigins() throws {
    let files = try [file("a", 0..<10, version: 1), file("b", 10..<15, version: 2)]
    let rewriter = rewriter()
    for file in files { try rewriter.add(RowSelection(file)) {} }
    let staged = try rewriter.finish()
    #expect(staged.map(\.file.key) == ["raw/t/v-new/new-00000.parquet"])
    #expect(
      staged.first?.file.origins == [
        .init(version: 1, rowCount: 10), .init(version: 2, rowCount: 5),
      ])
    #expect(try ids(staged) == Array(0..<15))
  }

  @Test func cutsOutTheRowsOfSomeVersions() throws {
    var merged = try file("m", 0..<30, version: 0)
    merged.origins = [
      .init(version: 1, rowCount: 5), .init(version: 3, rowCount: 10),
      .init(version: 2, rowCount: 5), .init(version: 3, rowCount: 10),
    ]
    let selection = RowSelection(merged, sources: [.init(version: 1), .init(version: 2)])
    #expect(selection.ranges == [0..<5, 15..<20])
    #expect(!selection.isWhole && selection.rowCount == 10)
    let rewriter = rewriter()
    try rewriter.add(selection) {}
    let staged = try rewriter.finish()
    #expect(try ids(staged) == Array(0..<5) + Array(15..<20))
    #expect(
      staged.first?.file.origins == [
        .init(version: 1, rowCount: 5), .init(version: 2, rowCount: 5),
      ])
    #expect(RowSelection(merged, sources: [.init(version: 3)]).ranges == [5..<15, 20..<30])
    #expect(RowSelection(merged, sources: [.init(version: 9)]).ranges.isEmpty)
  }

  @Test func largeFilesAreCopied() throws {
    let file = try file("a", 0..<100, version: 4)
    let rewriter = rewriter(target: file.byteCount)
    try rewriter.add(RowSelection(file)) {}
    let staged = try rewriter.finish()
    #expect(staged.first?.file.byteCount == file.byteCount)
    #expect(staged.first?.file.origins == file.origins)
    #expect(try ids(staged) == Array(0..<100))
    let copy = try store.read(staged[0].file.key, range: nil)
    #expect(try store.read(file.key, range: nil) == copy)
  }

  @Test func whatFailsLeavesNothingStaged() throws {
    struct Stop: Error {}
    let file = try file("a", 0..<100, version: 1)
    let rewriter = rewriter()
    #expect(throws: Stop.self) { try rewriter.add(RowSelection(file)) { throw Stop() } }
    rewriter.abandon()
    var lying = file
    lying.rowCount = 99
    let other = self.rewriter()
    #expect(throws: LakeError.self) { try other.add(RowSelection(lying)) {} }
    let narrow = self.rewriter(schema: Schema([Field("id", .boolean)]))
    #expect(throws: LakeError.self) { try narrow.add(RowSelection(file)) {} }
    other.abandon()
    narrow.abandon()
    #expect(try store.listStaged("").isEmpty)
  }

  @Test func partitionsKnowWhereTheyLie() {
    var locations = PartitionLocations(keys: [
      "raw/t/day=1/v-5e/x.parquet", "raw/t/day=2/y.parquet", "raw/u/v-6f/z.parquet",
    ])
    func folder(_ table: String, _ day: String?) -> String {
      locations.folder(
        zone: "raw", table: table, day.map { [PartitionValue(name: "day", text: $0)] } ?? [])
    }
    #expect(folder("t", "1") == "raw/t/day=1/v-5e")
    #expect(folder("t", "2") == "raw/t/day=2")
    #expect(folder("u", nil) == "raw/u/v-6f")
    #expect(PartitionLocations.home(ofFolder: "raw/t/v-x=1") == "raw/t/v-x=1")
    locations.add(["raw/t/day=1/w.parquet"])
    #expect(
      locations.folder(zone: "raw", table: "t", [PartitionValue(name: "day", text: "1")])
        == "raw/t/day=1")
  }
}
