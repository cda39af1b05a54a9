import Base
import Connector
import Lake
import Testing

@testable import Ingest

@Suite struct ConfigurationTests {
  static let keys = ConfigurationKeys(sourceTypes: [ScriptedSourceType.self])

  private func load(_ text: String) throws(IngestError) -> Configuration {
    try Configuration(ConfigurationFile(path: "/tmp/x/tidemark.yaml", text: text), keys: Self.keys)
  }

  private func failure(_ text: String) -> IngestError? {
    do {
      _ = try load(text)
      return nil
    } catch {
      return error
    }
  }

  static let good = """
    version: 1
    lake: {root: ./lake}
    defaults:
      files: {target: 64MB, compression: snappy}
      retries: 5
    sources:
      shop: {type: scripted}
    streams:
      shop.orders:
        key: [id]
        partition: [day(created_at), country]
        timeout: 2h
        retries: 1
      shop.items:
    """

  @Test func readsWhatItSays() throws {
    let configuration = try load(Self.good)
    #expect(configuration.lakeRoot == "/tmp/x/lake")
    #expect(configuration.state == .file("/tmp/x/.tidemark/state.db"))
    let inLake = try load(Self.good.replacing("./lake}", with: "./lake, state: lake}"))
    #expect(inLake.state == .lake(cache: "/tmp/x/.tidemark/cache.db"))
    let orders = try #require(configuration.streams.first)
    #expect(orders.configuration.item == "orders" && orders.configuration.key == ["id"])
    #expect(orders.settings.fileBytesTarget == 64_000_000 && orders.settings.retries == 1)
    #expect(orders.settings.partition.map(\.name) == ["created_at_day", "country"])
    #expect(orders.settings.timeoutSeconds == 7200)
    #expect(configuration.streams[1].settings.retries == 5)
  }

  @Test func anUnknownKeyNamesTheNearestKnownOne() throws {
    let error = try #require(failure(Self.good.replacing("retries: 1", with: "retires: 1")))
    #expect(error.exitCode == 2)
    #expect(error.description.contains("line 13") && error.description.contains("'retires'"))
    #expect(error.remedy == "Did you mean 'retries'?")
  }

  @Test func listsAllProblemsAtOnce() throws {
    let text = Self.good.replacing("64MB", with: "many").replacing("2h", with: "soon")
    let error = try #require(failure(text))
    #expect(error.description.contains("2 problems"))
    #expect(error.description.contains("a size such as 256MB"))
    #expect(error.description.contains("a duration such as"))
  }

  @Test(arguments: [
    ("type: scripted", "type: scriptd", "Did you mean 'scripted'?"),
    ("shop.orders:", "shp.orders:", "Did you mean 'shop.orders'?"),
    ("shop.orders:", "orders:", "SOURCE.ITEM"),
    ("version: 1", "version: 2", "whole number"),
    ("day(created_at)", "week(created_at)", "day(column)"),
    ("{root: ./lake}", "{}", "Add 'root'"),
    ("./lake", "gs://bucket/lake", "s3://bucket/prefix"),
    ("  shop: {type", "  raw: {type", "zone"),
  ])
  func refuses(_ found: String, _ instead: String, _ says: String) throws {
    let error = try #require(failure(Self.good.replacing(found, with: instead)))
    #expect(error.kind == .configuration)
    #expect((error.description + error.remedy).contains(says), "\(error) \(error.remedy)")
  }

  @Test(arguments: ["", "[1,", "a: b: c", "- 1"])
  func refusesWhatIsNoConfig(_ text: String) { #expect(failure(text)?.exitCode == 2) }

  @Test func theJSONSchemaDescribesEveryKey() throws {
    let schema = Self.keys.jsonSchema
    let text = schema.text()
    for key in ["retries", "partition", "on_failure", "webhook_env", "rows_per_split"] {
      #expect(text.contains("\"\(key)\""))
    }
    #expect(schema["properties"]?["version"] != nil)
  }
}
