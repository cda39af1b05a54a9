import Base
import Formats
import Records
import Testing

/// Drafts of patterns for logs of known programs, from a few of their lines.
@Suite struct LineShapeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var lines: String
    /// Of the first row.
    var row: [String: String]
    var isMultiline = false

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "Zookeeper",
      lines: """
        2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774] - Notification time out: 3200
        2015-07-29 19:13:27,721 - WARN  [SendWorker:188978561024:QuorumCnxManager$SendWorker@688] - Send worker leaving thread
        """,
      row: [
        "time": "2015-07-29T17:41:44.747Z", "level": "INFO",
        "thread": "QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774",
        "message": "Notification time out: 3200",
      ]),
    Case(
      name: "HDFS",
      lines: """
        081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38865049064139660 terminating
        081109 203807 222 INFO dfs.DataNode$PacketResponder: PacketResponder 0 for block blk_-6952295868487656571 terminating
        081109 204005 35 INFO dfs.FSNamesystem: BLOCK* NameSystem.addStoredBlock: blockMap updated
        """,
      row: [
        "time": "2008-11-09T20:36:15Z", "pid": "148", "level": "INFO",
        "logger": "dfs.DataNode$PacketResponder",
        "message": "PacketResponder 1 for block blk_38865049064139660 terminating",
      ]),
    Case(
      name: "Spark",
      lines: """
        17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered signal handlers for [TERM, HUP, INT]
        17/06/09 20:10:41 WARN spark.SecurityManager: Changing view acls to: yarn
        """,
      row: [
        "time": "2017-06-09T20:10:40Z", "level": "INFO",
        "logger": "executor.CoarseGrainedExecutorBackend",
        "message": "Registered signal handlers for [TERM, HUP, INT]",
      ]),
    Case(
      name: "Hadoop, with stack traces",
      lines: """
        2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: Created MRAppMaster
        2015-10-18 18:05:27,570 ERROR [RMCommunicator Allocator] org.apache.hadoop.v2.RMContainerAllocator: ERROR IN CONTACTING RM.
        java.net.NoRouteToHostException: No Route to Host
        \tat sun.reflect.NativeConstructorAccessorImpl.newInstance0(Native Method)
        2015-10-18 18:05:28,570 INFO [main] org.apache.hadoop.ipc.Client: Retrying connect
        """,
      row: [
        "time": "2015-10-18T18:01:47.978Z", "level": "INFO", "thread": "main",
        "logger": "org.apache.hadoop.mapreduce.v2.app.MRAppMaster",
        "message": "Created MRAppMaster",
      ], isMultiline: true),
    Case(
      name: "Spring Boot",
      lines: """
        2021-01-01 10:00:00.123  INFO 1234 --- [           main] com.example.demo.DemoApplication         : Starting
        2021-01-01 10:00:01.123 ERROR 1234 --- [nio-8080-exec-1] c.e.demo.Controller                      : No
        """,
      row: [
        "time": "2021-01-01T10:00:00.123Z", "level": "INFO", "pid": "1234",
        "thread": "           main", "logger": "com.example.demo.DemoApplication",
        "message": "Starting",
      ]),
    Case(
      name: "PostgreSQL",
      lines: """
        2024-01-02 10:00:00.123 UTC [123] LOG:  database system is ready to accept connections
        2024-01-02 10:00:01.500 UTC [124] ERROR:  relation "x" does not exist at character 15
        2024-01-02 10:00:01.500 UTC [124] STATEMENT:  select * from x
        """,
      row: [
        "time": "2024-01-02T10:00:00.123Z", "thread": "123", "level": "LOG",
        "message": "database system is ready to accept connections",
      ]),
    Case(
      name: "Python",
      lines: """
        2021-05-06 10:00:00,123 - app.views - INFO - request
        2021-05-06 10:00:00,523 - app.models - WARNING - slow
        """,
      row: [
        "time": "2021-05-06T10:00:00.123Z", "logger": "app.views",
      ]),
    Case(
      name: "Laravel",
      lines: """
        [2021-01-01 10:00:00] production.ERROR: it broke {"a":1}
        [2021-01-01 10:00:01] production.INFO: fine
        """,
      row: [
        "time": "2021-01-01T10:00:00Z", "logger": "production.ERROR",
        "message": "it broke {\"a\":1}",
      ]),
    Case(
      name: "Tomcat",
      lines: """
        12-Nov-2020 13:07:28.250 INFO [main] org.apache.catalina.startup.VersionLoggerListener.log Server version
        12-Nov-2020 13:07:28.260 SEVERE [main] org.apache.catalina.core.StandardService.start No connector
        """,
      row: ["time": "2020-11-12T13:07:28.25Z", "level": "INFO", "thread": "main"]),
    Case(
      name: "level first",
      lines: """
        [ERROR] 2021-01-01T10:00:00Z db: gone
        [INFO] 2021-01-01T10:00:01Z db: back
        """,
      row: [
        "time": "2021-01-01T10:00:00Z", "level": "ERROR", "logger": "db", "message": "gone",
      ]),
  ]

  @Test(arguments: cases)
  func draftsFit(_ sample: Case) throws {
    let text = sample.lines + "\n"
    let shape = try #require(LineShape(Array(text.utf8)))
    #expect((shape.recordStart != nil) == sample.isMultiline)
    var members: [JSONValue.Member] = [.init(key: "pattern", value: .string(shape.pattern))]
    members.append(
      .init(
        key: "patterns",
        value: .object(shape.patterns.map { .init(key: $0.key, value: .string($0.value)) })))
    let options = LineOptions(
      format: FormatOptions(.object(members)),
      multiline: try shape.recordStart.map { try Multiline(.start, $0) })
    let parsed = try parse("grok", [text], options: options)
    #expect(parsed.outcome.rejects.isEmpty, "\(shape.pattern)")
    let row = parsed.row(0)
    for (name, value) in sample.row { #expect(row[name] == value, "\(name) in \(shape.pattern)") }
    #expect(parsed.types["time"]?.hasPrefix("timestamp") == true, "\(shape.pattern)")
  }

  @Test(arguments: [
    "", "\n\n", "some words\nand more\n", "2026-11-21 10:00:00\n",
    "{\"time\":\"2026-11-21 10:00:00 x\"}\n",
    "2026-11-21,1,2\n2026-11-22,3,4\n", "a\n2026-11-21 10:00:00 x\nb\nc\n",
    String(repeating: "[", count: 100_000), String(repeating: "[a ", count: 30_000),
    String(repeating: "2026-11-21 10:00:00 ", count: 5000),
  ])
  func otherTextsHaveNoneOrOneThatFits(_ text: String) throws {
    guard let shape = LineShape(Array(text.utf8)) else { return }
    #expect(text.hasPrefix("2026-11-21 10:00:00 "), "\(shape.pattern)")
  }

  @Test func bytesThatAreNoTextHaveNone() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let bytes = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(LineShape(bytes) == nil)
    }
  }
}
