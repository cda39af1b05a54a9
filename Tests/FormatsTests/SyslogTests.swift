import Base
import Formats
import Records
import Testing

@Suite struct SyslogTests {
  private func rows(
    _ text: String, zone: String = "UTC", year: Int? = nil,
    file: TextFile = file(modified: "2005-08-01T00:00:00Z")
  ) throws -> Parsed {
    let format = year.map { FormatOptions(["year": .integer(Int64($0))]) } ?? FormatOptions()
    return try parse("syslog", [text], options: LineOptions(format: format, zone: zone), file: file)
  }

  @Test(arguments: [
    (
      "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0 \r",
      [
        "time": "2005-06-14T15:16:01Z", "host": "combo", "app": "sshd(pam_unix)", "pid": "19939",
        "message": "authentication failure; logname= uid=0",
      ]
    ),
    (
      "Jul  3 08:06:15 combo  -- root[2421]: ROOT LOGIN ON tty2",
      [
        "time": "2005-07-03T08:06:15Z", "host": "combo",
        "message": "-- root[2421]: ROOT LOGIN ON tty2",
      ]
    ),
    (
      "Jun 19 04:09:11 combo syslogd 1.4.1: restart.",
      ["time": "2005-06-19T04:09:11Z", "host": "combo", "message": "syslogd 1.4.1: restart."]
    ),
    (
      "Jun 19 04:09:11 combo kernel: [12.5] PCI: Probing",
      [
        "time": "2005-06-19T04:09:11Z", "host": "combo", "app": "kernel",
        "message": "[12.5] PCI: Probing",
      ]
    ),
    (
      "<34>Oct 11 22:14:15 fe80::1 su: 'su root' failed",
      [
        "time": "2004-10-11T22:14:15Z", "host": "fe80::1", "app": "su", "priority": "34",
        "facility": "auth", "severity": "crit", "message": "'su root' failed",
      ]
    ),
    (
      "<13>Feb  5 17:32:18 su[1]: no host",
      [
        "time": "2005-02-05T17:32:18Z", "app": "su", "pid": "1", "priority": "13",
        "facility": "user", "severity": "notice", "message": "no host",
      ]
    ),
    ("Dec 10 06:55:46 LabSZ", ["time": "2004-12-10T06:55:46Z", "host": "LabSZ"]),
    (
      "<189>*Mar 1 2005 18:46:11.123: %SYS-5-CONFIG_I: Configured",
      [
        "time": "2005-03-01T18:46:11.123Z", "app": "%SYS-5-CONFIG_I", "priority": "189",
        "facility": "local7", "severity": "notice", "message": "Configured",
      ]
    ),
    (
      "2026-11-21T10:00:00.123456+01:00 web-1 postfix/smtpd[77]: connect",
      [
        "time": "2026-11-21T09:00:00.123456Z", "host": "web-1", "app": "postfix/smtpd",
        "pid": "77", "message": "connect",
      ]
    ),
    (
      "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time.",
      [
        "time": "2003-08-24T12:14:15.000003Z", "host": "192.0.2.1", "app": "myproc",
        "pid": "8710", "priority": "165", "facility": "local4", "severity": "notice",
        "message": "%% It's time.",
      ]
    ),
    (
      #"<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [a@1 x="1" y="q\"\\\]\n"][b@1] "#
        + "\u{FEFF}An event",
      [
        "time": "2003-10-11T22:14:15.003Z", "host": "h", "app": "evntslog", "msgid": "ID47",
        "priority": "165", "facility": "local4", "severity": "notice",
        "structured_data": #"{"a@1":{"x":"1","y":"q\"\\]\\n"},"b@1":{}}"#, "message": "An event",
      ]
    ),
    (
      #"1 - - - - - [a ip="1" ip="2" z="ü"]"#,
      ["structured_data": #"{"a":{"ip":["1","2"],"z":"ü"}}"#]
    ),
    ("<0>1 - - - - - - ", ["priority": "0", "facility": "kern", "severity": "emerg"]),
    (
      "<6>1 2003-10-11T22:14:15Z h - - - -",
      [
        "time": "2003-10-11T22:14:15Z", "host": "h", "priority": "6", "facility": "kern",
        "severity": "info",
      ]
    ),
    // Counted by bytes, as sent over TCP.
    (
      "83 <34>1 2003-10-11T22:14:15Z h a - - - text",
      [
        "time": "2003-10-11T22:14:15Z", "host": "h", "app": "a", "priority": "34",
        "facility": "auth", "severity": "crit", "message": "text",
      ]
    ),
    // Routers count their messages, and write a zone; firewalls set their name off.
    (
      "<189>123: *Jul 21 10:00:00.123: %SYS-5-CONFIG_I: Configured from console",
      [
        "time": "2005-07-21T10:00:00.123Z", "app": "%SYS-5-CONFIG_I", "priority": "189",
        "facility": "local7", "severity": "notice", "message": "Configured from console",
      ]
    ),
    (
      "<189>45: router1: Jul 21 10:00:00.5 CEST: %LINK-3-UPDOWN: Interface up",
      [
        "time": "2005-07-21T08:00:00.5Z", "host": "router1", "app": "%LINK-3-UPDOWN",
        "priority": "189", "facility": "local7", "severity": "notice", "message": "Interface up",
      ]
    ),
    (
      "<166>Jul 21 2005 10:00:00 asa1 : %ASA-6-302013: Built",
      [
        "time": "2005-07-21T10:00:00Z", "host": "asa1", "app": "%ASA-6-302013", "priority": "166",
        "facility": "local4", "severity": "info", "message": "Built",
      ]
    ),
    (
      "2004 Jul 21 10:00:00 h app: x",
      ["time": "2004-07-21T10:00:00Z", "host": "h", "app": "app", "message": "x"]
    ),
    (
      "Jul 21 10:00:00 2004 h app: x",
      ["time": "2004-07-21T10:00:00Z", "host": "h", "app": "app", "message": "x"]
    ),
    (
      "Jul 21 10:00:00 h last message repeated 3 times",
      ["time": "2005-07-21T10:00:00Z", "host": "h", "message": "last message repeated 3 times"]
    ),
    // Not a zone, but a program.
    (
      "Jul 21 10:00:00 CST: 5% done",
      ["time": "2005-07-21T10:00:00Z", "app": "CST", "message": "5% done"]
    ),
  ])
  func reads(_ line: String, _ expected: [String: String]) throws {
    let parsed = try rows(line)
    #expect(parsed.outcome.rejects.isEmpty)
    try #require(parsed.outcome.rowLines == [1])
    #expect(parsed.row(0) == expected)
    #expect(parsed.types["time"] == "timestamp(us,utc)")
    #expect(parsed.types["structured_data"] == "json")
    #expect(parsed.types["priority"] == "int")
  }

  @Test(arguments: [
    ("no syslog", "a time such as"), ("<192>Oct 11 22:14:15 h x", "priority"),
    ("<>Oct 11 22:14:15 h x", "priority"), ("<0034>Oct 11 22:14:15 h x", "priority"),
    ("<34", "priority"), ("<34>", "behind the priority"), ("<34>Okt 11 22:14:15 h x", "priority"),
    ("Feb 30 10:00:00 h x", "time"), ("Oct 11 24:00:00 h x", "time"), ("Oct 11 22:14:15x", "time"),
    ("1 2026-11-21 h a p m - x", "behind the version"), ("1 2026-11-21T10:00:00Z h a", "an app"),
    ("1 - h a p m", "a message's type"), ("1 - h a p m x", "structured data"),
    (#"1 - h a p m [a b="c" x"#, "structured data"), (#"1 - h a p m [a b="c\"#, "structured data"),
    (#"1 - h a p m [a b="c"]x"#, "structured data"), ("1 - h a p m []", "structured data"),
    ("2026-11-21 h x", "time"), ("1", "time"), ("2026-11-21T25:00:00Z h x", "time"),
    (String(repeating: "<", count: 1000), "priority"),
    ("1 - h a p m" + String(repeating: " [a", count: 5000), "structured data"),
  ])
  func rejects(_ line: String, _ word: String) throws {
    let parsed = try rows("Jun 14 15:16:01 h a: b\n" + line + "\n\n \nJun 14 15:16:01 h a: b\n")
    #expect(parsed.outcome.rowLines == [1, 5])
    #expect(parsed.outcome.rejects.map(\.line) == [2])
    #expect(parsed.outcome.rejects.first?.reason.contains(word) == true)
    #expect(parsed.outcome.rejects.first?.text == line)
  }

  /// Whatever a line is cut to or changed to, it is a row or a reject.
  @Test func everyLineIsARowOrAReject() throws {
    let lines = [
      "<34>Oct 11 22:14:15 mymachine su[77]: 'su root' failed",
      "2026-11-21T10:00:00.123456+01:00 web-1 postfix/smtpd[77]: connect",
      #"<165>1 2003-10-11T22:14:15.003Z h e 1 ID47 [a@1 x="1" y="\""][b@1] text"#,
    ]
    for line in lines.map({ Array($0.utf8) }) {
      for count in 1..<line.count {
        for byte in [UInt8(0xFF), 0x5D, 0x22, 0x20, 0x30] {
          var changed = line
          changed[count] = byte
          var text = Array(line.prefix(count)) + [0x0A]
          text += changed
          let parsed = try parse("syslog", [text], file: file(modified: "2005-08-01T00:00:00Z"))
          #expect(parsed.outcome.rowLines.count + parsed.outcome.rejects.count == 2)
        }
      }
    }
  }

  @Test func localTimesAreInTheZone() throws {
    let parsed = try rows(
      "Jul 14 15:00:00 h a: b\n2005-01-14T15:00:00 h a: b\n1 2005-01-14T15:00:00Z h a - - - b",
      zone: "Europe/Berlin")
    #expect(
      parsed.texts("time") == [
        "2005-07-14T13:00:00Z", "2005-01-14T14:00:00Z", "2005-01-14T15:00:00Z",
      ])
  }

  @Test func yearsGoOnOverNewYear() throws {
    let text = "Dec 31 23:59:59 h a: b\nJan  1 00:00:00 h a: b\n"
    let recent = try rows(text, file: file(modified: "2026-01-03T00:00:00Z"))
    #expect(recent.texts("time") == ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"])
    #expect(recent.fileState == nil)

    // Two New Years in an old file, and it is read on.
    let zone = "America/New_York"
    let first = try rows(
      text + "Jun 30 00:00:00 h a: b\nDec 31 00:00:00 h a: b\nDec 30 00:00:00 h late: b\n",
      zone: zone, year: 2003, file: file(modified: "2026-01-03T00:00:00Z"))
    #expect(
      first.texts("time") == [
        "2004-01-01T04:59:59Z", "2004-01-01T05:00:00Z", "2004-06-30T04:00:00Z",
        "2004-12-31T05:00:00Z", "2004-12-30T05:00:00Z",
      ])
    let next = try rows(
      "Jan  1 00:00:00 h a: b\n", zone: zone, year: 2003,
      file: file(modified: "2026-01-03T00:00:00Z", state: first.fileState))
    #expect(next.texts("time") == ["2005-01-01T05:00:00Z"])
    let start = try rows("Jan  1 00:00:00 h a: b\n", zone: "Asia/Tokyo", year: 2003)
    #expect(start.texts("time") == ["2002-12-31T15:00:00Z"])
  }

  @Test func withoutAFileTimeTheYearIsUnknown() throws {
    let parsed = try rows("Jun 14 15:16:01 h a: b", file: TextFile())
    #expect(parsed.outcome.rejects.first?.reason.contains("'year'") == true)
  }

  @Test func bytesThatAreNoText() throws {
    var bytes = [UInt8](repeating: 0, count: 9) + Array("Jun 14 15:16:01 h a: caf\u{E9}\n".utf8)
    bytes += Array("Jun 14 15:16:01 h a: x".utf8) + [0xE9, 0x0A]
    let parsed = try parse("syslog", [bytes], file: file(modified: "2005-08-01T00:00:00Z"))
    #expect(parsed.texts("message") == ["caf\u{E9}", "x\\xE9"])
    #expect(parsed.outcome.repairedCount == 1)
    let data = Array("1 - - - - - [a b=\"".utf8) + [0xE9] + Array("\"] \u{FEFF}m".utf8)
    let json = try parse("syslog", [data])
    #expect(json.texts("structured_data") == ["{\"a\":{\"b\":\"\u{FFFD}\"}}"])
    #expect(json.texts("message") == ["m"])
  }

  @Test func manyBlocksAndBatches() throws {
    let blocks = (0..<4).map { block in
      (0..<1500).map { row in
        row % 3 == 0
          ? "<\(row % 192)>1 - h\(block) a \(row) - - m\n"
          : "Jun 14 15:16:01 h\(block) a: m\(row)\n"
      }.joined()
    }
    for batchPerBlock in [false, true] {
      let parsed = try parse(
        "syslog", blocks, batchPerBlock: batchPerBlock,
        file: file(modified: "2005-08-01T00:00:00Z"))
      #expect(parsed.outcome.rowLines == Array(1...6000))
      #expect(parsed.texts("message")[4501] == "m1")
      #expect(parsed.texts("host")[5999] == "h3")
      #expect(parsed.texts("priority")[4503] == "3")
      #expect(parsed.texts("time")[0] == "null")
    }
  }

  @Test func declaredColumnsAreRefused() {
    #expect {
      try parse("syslog", [""], options: LineOptions(declared: [Field("x", .string)]))
    } throws: {
      ($0 as? FormatError)?.kind == .invalidOption
    }
  }

  /// Zookeeper's, Python's and others have a space in the time, and no host behind it.
  @Test func timesWithASpaceAreOfOtherLogs() throws {
    let parsed = try parse(
      "syslog",
      [
        "2015-07-29 17:41:44,747 - INFO  [main@774] - text\n2015-07-29T17:41:44 host app: text\n"
          + "<34>2015-07-29 17:41:44 host app: text\n"
      ])
    #expect(parsed.outcome.rejects.map(\.line) == [1])
    #expect(parsed.texts("app") == ["app", "app"])
  }
}
