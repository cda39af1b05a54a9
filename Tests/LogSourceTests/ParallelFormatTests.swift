import Base
import Connector
import Foundation
import Records
import Testing

/// Every format whose blocks are shared out: rows, their order and lines, rejects and types are
/// those of one thread, wherever types widen, columns come and lines are faulty.
@Suite struct ParallelFormatTests {
  struct Sample: CustomTestStringConvertible, Sendable {
    var name: String
    var parse: ConfigValue
    var multiline: ConfigValue?
    /// Before all lines.
    var header = ""
    /// The line, or the lines, of a number.
    var line: @Sendable (Int) -> String

    var testDescription: String { name }
  }

  private static let lineCount = 24_000

  /// Values as a column may have them, each kind for a stretch of the file, which widen one another.
  @Sendable private static func value(_ number: Int) -> String {
    switch number {
    case ..<7000: "\(number)"
    case ..<14_000: number % 5 == 0 ? "\(number).5" : "\(number)"
    case 20_011: "text \(number)"
    default: "\(number % 10)"
    }
  }

  private static func map(_ entries: KeyValuePairs<String, ConfigValue>) -> ConfigValue {
    .map(entries)
  }

  static let samples: [Sample] = [
    Sample(name: "combined", parse: .plain("combined")) { number in
      let tail = number == 20_001 ? " more" : ""
      return
        #"10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /\#(number) HTTP/1.1" 200 \#(number) "-" "agent"\#(tail)"#
    },
    Sample(name: "common", parse: .plain("common")) { number in
      #"10.0.0.1 - u\#(number % 7) [10/Oct/2000:13:55:36 -0700] "GET /\#(number) HTTP/1.1" 200 \#(number)"#
    },
    Sample(name: "extended", parse: .plain("extended")) { number in
      #"www.e.org:80 10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /\#(number) HTTP/1.1" 200 \#(number) "-" "agent"\#(number > 15_000 ? " x" : "")"#
    },
    Sample(
      name: "access",
      parse: map(["access": .string("$remote_addr [$time_local] \"$request\" $status")])
    ) { number in
      #"10.0.0.1 [10/Oct/2000:13:55:36 -0700] "GET /\#(number) HTTP/1.1" \#(number % 600)"#
    },
    Sample(name: "syslog", parse: .plain("syslog")) { number in
      number % 3 == 0
        ? "<34>1 2026-10-11T22:14:15Z host app \(number) ID1 [a@1 b=\"c\"] text \(number)"
        : "Oct 11 22:14:15 host app[\(number)]: text \(number)"
    },
    Sample(name: "nginx_error", parse: .plain("nginx_error")) { number in
      let trace = number % 100 == 0 ? "\nStack trace:\n#0 {main}\n  thrown in /a.php" : ""
      return
        "2026/11/21 10:00:00 [error] 1#1: *\(number) it broke\(trace), client: 10.0.0.1, server: s"
    },
    Sample(name: "apache_error", parse: .plain("apache_error")) { number in
      "[Sun Dec 04 04:47:44 2005] [error] [client 192.0.2.1] no \(number)"
        + (number % 200 == 0 ? "\n  at x\n\n  at y" : "")
    },
    Sample(name: "elb", parse: .plain("elb")) { number in
      "2015-05-13T23:39:43.945958Z lb 192.0.2.1:2817 10.0.0.1:80 0.1 0.2 0.3 200 200 0 \(number) "
        + "\"GET http://e.org:80/ HTTP/1.1\" \"curl\" - -\(number > 9000 ? " more" : "")"
    },
    Sample(name: "s3_access", parse: .plain("s3_access")) { number in
      "79a b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a 3E REST.GET.VERSIONING - "
        + "\"GET /b?versioning HTTP/1.1\" 200 - \(number) - 7 - \"-\" \"S3Console/0.4\" - h SigV2 "
        + "ECDHE AuthHeader b.s3.amazonaws.com TLSV1.1"
    },
    Sample(
      name: "regex", parse: map(["regex": .string(#"^(?<n>\d+) (?<v>\S+)(?: (?<late>.*))?$"#)])
    ) { number in
      "\(number) \(value(number).replacing(" ", with: "_"))\(number > 12_000 ? " late" : "")"
    },
    Sample(
      name: "grok",
      parse: map(["grok": .string("^%{INT:n:int} %{NOTSPACE:v} %{GREEDYDATA:rest}$")]),
      multiline: map(["start": .string(#"^(?:\d|x)"#)])
    ) { number in
      "\(number) \(value(number).replacing(" ", with: "_")) rest\(number % 50 == 0 ? "\n at a\n at b" : "")"
    },
    Sample(name: "logfmt", parse: .plain("logfmt")) { number in
      "n=\(number) v=\"\(value(number))\"\(number % 9001 == 0 ? " rare=true" : "") last=2026-11-21"
    },
    Sample(
      name: "key_value",
      parse: map(["key_value": map(["pairs": .string("|"), "values": .string(":")])])
    ) { number in
      "words | n: \(number) | v: \(value(number))\(number == 17_000 ? " | rare: 1" : "")"
    },
    Sample(
      name: "fixed",
      parse: map(["fixed": map(["columns": map(["n": .string("1-8"), "v": .string("9-")])])])
    ) { number in String(repeating: " ", count: 8 - "\(number)".count) + "\(number)\(value(number))"
    },
    Sample(name: "csv", parse: .plain("csv"), header: "n,v,t,empty\n") { number in
      "\(number),\(value(number)),\"a, \"\"b\"\"\(number % 40 == 0 ? "\nc" : "")\",\(number > 18_000 ? "x" : "")"
    },
    Sample(name: "csv without header", parse: .plain("csv")) { number in
      "\(number);\(value(number));t\(number % 3)"
    },
    Sample(name: "tsv", parse: .plain("tsv"), header: "n\tv\tt\n") { number in
      "\(number)\t\(value(number))\tt"
    },
    Sample(name: "json", parse: .plain("json")) { number in
      "{\"n\":\(number),\"v\":\"\(value(number))\"\(number % 8009 == 0 ? ",\"rare\":1" : "")}"
    },
    Sample(name: "xml", parse: map(["xml": .string("e")])) { number in
      "<e n=\"\(number)\"><v>\(value(number))</v>\(number % 70 == 0 ? "\n" : "")</e>"
    },
    Sample(name: "cloudtrail", parse: .plain("cloudtrail")) { number in
      "{\"Records\":[{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-11-21T10:00:00Z\",\"n\":\(number)}"
        + ",{\"eventVersion\":\"1.08\",\"n\":-\(number)\(number > 20_000 ? ",\"late\":\"x\"" : "")}]}"
    },
  ]

  private static func text(_ sample: Sample) -> String {
    var text = sample.header
    for number in 1...lineCount {
      if number % 997 == 0 { text += "x broken \(number)\n" }
      if number % 991 == 0 { text += "\n" }
      text += sample.line(number) + "\n"
    }
    return text
  }

  /// Rows as texts without what is null, so that columns may be there from any batch on.
  private static func rows(_ folder: LogFolder) -> [String] {
    folder.batches.flatMap { batch in
      (0..<batch.rowCount).map { row in
        batch.schema.names.sorted().compactMap { name in
          guard let value = batch[name]?[row], value != .null else { return nil }
          return "\(name)=\(plain(value.text))"
        }.joined(separator: " ")
      }
    }
  }

  /// A whole double reads as the integer that it was written as.
  private static func plain(_ text: String) -> String {
    text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func types(_ folder: LogFolder) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: (folder.schema?.fields ?? []).map { ($0.name, $0.type.description) })
  }

  @Test(arguments: samples)
  func severalThreadsDoAsOne(_ sample: Sample) throws {
    let text = Self.text(sample)
    let folders = try [1, 5].map { threads in
      let folder = LogFolder()
      folder.streamOptions = [.init(key: "parse", value: sample.parse)]
      if let multiline = sample.multiline {
        folder.streamOptions.append(.init(key: "multiline", value: multiline))
      }
      try folder.append("app.log", text)
      try folder.age("app.log", seconds: 3600)
      // Units of 64 KiB.
      try folder.run(ReadOptions(memoryBytes: 4 << 20, threads: threads))
      return folder
    }
    let (one, several) = (folders[0], folders[1])
    #expect(one.rows.count > Self.lineCount / 2)
    #expect(one.rejects.map(\.line) == several.rejects.map(\.line))
    #expect(one.rejects.map(\.text) == several.rejects.map(\.text))
    #expect(one.rows.map(\.line) == several.rows.map(\.line))
    #expect(Self.types(one) == Self.types(several))
    #expect(one.bookmark == several.bookmark)
    let (expected, found) = (Self.rows(one), Self.rows(several))
    #expect(expected.count == found.count)
    if let place = zip(expected, found).enumerated().first(where: { $1.0 != $1.1 }) {
      Issue.record("row \(place.offset): \(place.element.0) became \(place.element.1)")
    }
    // And what is read later goes on from there.
    for folder in folders {
      try folder.append("app.log", sample.line(24_001) + "\n")
      try folder.age("app.log", seconds: 3600)
      try folder.run(ReadOptions(memoryBytes: 4 << 20, threads: 5))
    }
    #expect(one.rows.last?.line == several.rows.last?.line)
    #expect(one.rows.last?.text == several.rows.last?.text)
  }

  /// Names that one parser would refuse together are refused, whoever meets the second.
  @Test(arguments: ["logfmt", "xml"])
  func namesThatDifferInCaseAreRefused(format: String) throws {
    let folder = LogFolder()
    let isXML = format == "xml"
    folder.streamOptions = [
      .init(key: "parse", value: isXML ? .map(["xml": .string("e")]) : .plain(format))
    ]
    var text = ""
    for number in 1...30_000 {
      let key = number == 25_000 ? "LEVEL" : "level"
      text += isXML ? "<e><\(key)>\(number)</\(key)></e>\n" : "\(key)=\(number)\n"
    }
    try folder.append("app.log", text)
    let error = #expect(throws: ConnectorError.self) {
      try folder.run(ReadOptions(memoryBytes: 4 << 20, threads: 5))
    }
    #expect(error?.message.contains("differ only in case") == true, "\(String(describing: error))")
    #expect(folder.commits == 0)
  }
}
