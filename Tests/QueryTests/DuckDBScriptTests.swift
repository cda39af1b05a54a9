import Base
import Records
import Testing

@testable import Query

@Suite struct DuckDBScriptTests {
  private func script(_ files: [String], _ s3: S3Access?, httpfs: String? = nil) -> String {
    let table = QueryTable(
      database: "raw", name: "t", columns: Schema([Field("id", .int64)]),
      partitions: [QueryPartition(files: files)])
    let script = DuckDBScript(limits: QueryLimits(), spillFolder: "/s", httpfs: httpfs)
    let request = QueryRequest(sql: "SELECT 1", tables: [table], s3: s3)
    return script.query("SELECT 1", request, tables: [table])
  }

  private let access = S3Access(
    region: "eu-west-1", keyID: "k", secretKey: "it's", sessionToken: "t",
    endpoint: "localhost:8333", usesTLS: false, isPathStyle: true)

  @Test func reachesS3OnlyWhereItIsNeeded() {
    let local = script(["/a.parquet"], access)
    #expect(!local.contains("httpfs"))
    #expect(!local.contains("SECRET"))
    let remote = script(["s3://lake/a.parquet"], access, httpfs: "/x/httpfs.duckdb_extension")
    #expect(remote.contains("LOAD '/x/httpfs.duckdb_extension';\n"))
    #expect(
      remote.contains(
        "CREATE SECRET (TYPE s3, REGION 'eu-west-1', KEY_ID 'k', SECRET 'it''s', USE_SSL false, "
          + "URL_STYLE 'path', SESSION_TOKEN 't', ENDPOINT 'localhost:8333');\n"))
    #expect(script(["s3://lake/a.parquet"], nil).contains("LOAD httpfs;\n"))
  }

  /// Views and paths come before the doors are shut, the statement after.
  @Test func shutsTheDoorsBeforeTheStatement() throws {
    let text = script(["/a.parquet"], nil)
    let order = ["CREATE VIEW", "SET allowed_paths", ".safe_mode", ".print", "SELECT 1"]
    let places = try order.map { try #require(text.firstRange(of: $0)).lowerBound }
    #expect(places == places.sorted())
  }

  @Test(arguments: [
    (
      "IO Error: Extension \"/x/httpfs.duckdb_extension\" not found.\n",
      QueryError.Kind.engineUnusable
    ),
    ("IO Error: Could not read from file \"/a\": Input/output error", .unreadable),
    ("HTTP Error: Unable to connect to URL http://x", .unreadable),
    ("Out of Memory Error: failed to allocate", .outOfMemory),
    ("INTERNAL Error: Attempted to access index 1", .engineCrashed),
    ("FATAL Error: Failed: database has been invalidated", .engineCrashed),
    ("Parser Error: syntax error", .syntax), ("Permission Error: Cannot access file", .refused),
    ("Binder Error: Catalog \"a\" does not exist!", .unknownTable),
    ("Binder Error: Referenced table \"x\" not found!\nCandidate tables: \"o\"", .unknownTable),
    ("Conversion Error: Could not convert", .invalid), ("something unheard of", .invalid),
  ])
  func understandsMessages(_ text: String, _ kind: QueryError.Kind) {
    let error = DuckDBMessage(text).error(tables: [], isSetUp: true)
    #expect(error.kind == kind)
    #expect(!error.message.isEmpty && !error.remedy.isEmpty)
    #expect(error.cause != nil)
  }
}
