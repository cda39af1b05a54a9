import Base
import Foundation
import Query
import Records
import Testing

/// The Python that the tests write Parquet with: `TIDEMARK_TEST_PYTHON`, or the project's own.
let python: String = {
  if let path = ProcessInfo.processInfo.environment["TIDEMARK_TEST_PYTHON"] { return path }
  var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
  while folder.path != "/" {
    let path = folder.appendingPathComponent(".build/venv/bin/python").path
    if FileManager.default.isExecutableFile(atPath: path) { return path }
    folder.deleteLastPathComponent()
  }
  return "python3"
}()

/// DuckDB, which must be there: named, on the PATH, or beside the Python.
func engine(_ limits: QueryLimits = QueryLimits()) throws -> DuckDBEngine {
  var environment = ProcessInfo.processInfo.environment
  let beside = URL(fileURLWithPath: python).deletingLastPathComponent().path
  environment["PATH"] = (environment["PATH"] ?? "") + ":" + beside
  return try DuckDBEngine.find(environment: environment, limits: limits)
}

/// Every test that needs the tool fails by this; a failed requirement would fail only the first.
struct MissingTool: Error, CustomStringConvertible {
  let description: String
  init(_ name: String) { description = "\(name) must be there" }
}

/// Parquet files for the tests, written once by pyarrow.
final class Lake: Sendable {
  static let shared = Result { try Lake() }

  let folder: String

  private init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("tidemark-query-tests-\(getpid())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, "-c", Self.script, folder]
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw MissingTool("\(python) with pyarrow") }
    atexit { Lake.remove() }
  }

  /// Atexit takes no context.
  private static func remove() {
    guard case .success(let lake) = shared else { return }
    try? FileManager.default.removeItem(atPath: lake.folder)
  }

  func path(_ name: String) -> String { folder + "/" + name }

  /// `p/<n>/x.parquet` holds the row (n, n * 10).
  private static let script = """
    import datetime, decimal, os, sys
    import pyarrow as pa, pyarrow.parquet as pq
    root = sys.argv[1]
    def write(name, table):
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        pq.write_table(table, path)
    write('old.parquet', pa.table({
        'id': pa.array([1, 2], pa.int32()), 'Name': ['a', None]}))
    write('new.parquet', pa.table({
        'extra': [1.5, 2.5], 'Name': ['c', 'd'], 'id': pa.array([3, 4], pa.int64())}))
    write('types.parquet', pa.table({
        'b': pa.array([True]), 'f': pa.array([float('nan')]), 'g': pa.array([float('-inf')]),
        'd': pa.array([decimal.Decimal('12.50')], pa.decimal128(10, 2)),
        'day': pa.array([datetime.date(2026, 11, 21)]),
        'at': pa.array([datetime.datetime(2026, 11, 21, 7, 34)], pa.timestamp('us', tz='UTC')),
        'local': pa.array([datetime.datetime(2026, 11, 21, 7, 34)], pa.timestamp('ms')),
        't': pa.array([3600], pa.int64()), 'j': ['{"a": [1]}'], 's': ['NaN, "quoted"'],
        'l': pa.array([[1, 2]], pa.list_(pa.int32())),
        'r': pa.array([{'x': 1}], pa.struct([('x', pa.int32())])),
        'm': pa.array([[('k', 1)]], pa.map_(pa.string(), pa.int32())),
        'u': pa.array([2**63], pa.uint64()), 'raw': pa.array([b'\\x01\\xff'], pa.binary()),
        'weird "name\\'s': [7]}))
    for n in range(200):
        write(f'p/{n}/x.parquet', pa.table({'id': [n], 'v': [n * 10]}))
    write("glob/day=[x]*?'/x.parquet", pa.table({'id': [1]}))
    for name in 'ab': write(f'filename/{name}.parquet', pa.table({'FileName': [f'in {name}']}))
    write('secret.parquet', pa.table({'id': [42]}))
    os.makedirs(os.path.join(root, 'broken'))
    for name in ['broken.parquet'] + [f'broken/{n}.parquet' for n in range(150)]:
        with open(os.path.join(root, name), 'w') as f: f.write('not parquet at all')
    """

  func table(
    _ name: String, database: String = "raw", _ fields: [Field], keys: [String] = [],
    _ partitions: [QueryPartition]
  ) -> QueryTable {
    QueryTable(
      database: database, name: name, columns: Schema(fields), partitionKeys: keys,
      partitions: partitions)
  }

  /// Two files of different schemas, in which the later one added a column and widened another.
  var orders: QueryTable {
    table(
      "orders", [Field("id", .int64), Field("name", .string), Field("extra", .float64)],
      [QueryPartition(files: [path("old.parquet"), path("new.parquet")])])
  }

  func partitioned(_ count: Int, type: DataType = .string) -> QueryTable {
    table(
      "parts", [Field("id", .int64), Field("day", type), Field("v", .int64)], keys: ["day"],
      (0..<count).map {
        QueryPartition(values: [$0 == 3 ? nil : "\(1000 + $0)"], files: [path("p/\($0)/x.parquet")])
      })
  }
}

func answer(
  _ sql: String, _ tables: [QueryTable], _ format: QueryFormat = .csv,
  searchPath: [String]? = nil, limits: QueryLimits = QueryLimits()
) throws -> String {
  var bytes: [UInt8] = []
  let request = QueryRequest(sql: sql, tables: tables, searchPath: searchPath, format: format)
  try engine(limits).run(request, cancellation: Cancellation()) { piece in
    bytes += piece
    return true
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// The error that a query ends in.
func failure(_ sql: String, _ tables: [QueryTable]) throws -> QueryError? {
  do {
    _ = try answer(sql, tables)
    return nil
  } catch let error as QueryError { return error }
}
