import Base
import Formats
import Records
import Testing

func time(_ text: String, _ pattern: String, zone: String = "UTC", reference: String? = nil)
  throws -> String?
{
  let pattern = try TimePattern(pattern, zone: TimeZoneRules(zone))
  let bytes = Array(text.utf8)
  let micros = bytes.withUnsafeBufferPointer {
    pattern.parse($0, $0.indices, reference: reference.flatMap { Instant($0) })
  }
  return micros.map { Instant(microseconds: $0).description }
}

@Suite struct TimePatternTests {
  @Test(arguments: [
    ("10/Oct/2000:13:55:36 -0700", "common", "2000-10-10T20:55:36Z"),
    ("10/Oct/2000:13:55:36 -0700", "%d/%b/%Y:%H:%M:%S %z", "2000-10-10T20:55:36Z"),
    ("2015-07-29 17:41:44,747", "%F %T.%f", "2015-07-29T17:41:44.747Z"),
    ("2015-07-29 17:41:44.123456789", "%F %T,%f", "2015-07-29T17:41:44.123456Z"),
    ("Sun Dec 04 04:47:44 2005", "%a %b %d %H:%M:%S %Y", "2005-12-04T04:47:44Z"),
    ("Sunday, 4 december 2005 4:47:44 pm", "%A, %e %B %Y %I:%M:%S %p", "2005-12-04T16:47:44Z"),
    ("12:00 AM 1/2/99", "%I:%M %p %m/%d/%y", "1999-01-02T00:00:00Z"),
    ("12:30 PM 01/02/68", "%I:%M %p %D", "2068-01-02T12:30:00Z"),
    ("2024 366 23:59", "%Y %j %R", "2024-12-31T23:59:00Z"),
    ("2026-11-21T10:00:00+02:00", "%FT%T%z", "2026-11-21T08:00:00Z"),
    ("2026-11-21T10:00:00Z", "%FT%T%z", "2026-11-21T10:00:00Z"),
    ("2026-11-21 10:00:00 EST", "%F %T %Z", "2026-11-21T15:00:00Z"),
    ("2026-11-21 10:00:00 cest", "%F %T %Z", "2026-11-21T08:00:00Z"),
    ("1700000000.5", "%s.%f", "2023-11-14T22:13:20.5Z"), ("-1", "%s", "1969-12-31T23:59:59Z"),
    ("100%2026-01-01", "100%%%F", "2026-01-01T00:00:00Z"),
    ("1 \t 2  2026", "%d %m %Y", "2026-02-01T00:00:00Z"),
    ("20261121100000", "%Y%m%d%H%M%S", "2026-11-21T10:00:00Z"),
    ("31.12.2016 23:59:60", "%d.%m.%Y %T", "2017-01-01T00:00:00Z"),
    ("1700000000", "epoch", "2023-11-14T22:13:20Z"),
    ("1700000000.25", "epoch", "2023-11-14T22:13:20.25Z"),
    ("-1.5", "epoch", "1969-12-31T23:59:58.5Z"),
    ("1700000000123", "epoch_ms", "2023-11-14T22:13:20.123Z"),
    ("1700000000123.5", "epoch_ms", "2023-11-14T22:13:20.1235Z"),
    ("1700000000123456", "epoch_us", "2023-11-14T22:13:20.123456Z"),
    ("1700000000123456789", "epoch_ns", "2023-11-14T22:13:20.123456Z"),
    ("-1", "epoch_ns", "1969-12-31T23:59:59.999999Z"),
    ("2026-11-21", "iso8601", "2026-11-21T00:00:00Z"),
    ("2026-11-21t10:00:00.5z", "iso8601", "2026-11-21T10:00:00.5Z"),
    ("2026-11-21 10:00:00,25 +0530", "iso8601", "2026-11-21T04:30:00.25Z"),
    ("2026-11-21T10:00-08", "rfc5424", "2026-11-21T18:00:00Z"),
    ("Nov 21 2026 10:00:00.125", "rfc3164", "2026-11-21T10:00:00.125Z"),
    // As strftime of GNU, Ruby, Rust and Fluentd has directives.
    ("5/7/2026 9:05:03", "%-d/%-m/%Y %-H:%M:%S", "2026-07-05T09:05:03Z"),
    ("2026-11-21T10:00:00.123Z", "%Y-%m-%dT%H:%M:%S.%LZ", "2026-11-21T10:00:00.123Z"),
    ("2026-11-21 10:00:00,123", "%F %T.%3N", "2026-11-21T10:00:00.123Z"),
    ("2026-11-21 10:00:00.123456+01:00", "%F %T%.6f%:z", "2026-11-21T09:00:00.123456Z"),
    ("2026-11-21 10:00:00.5 +0100", "%F %T%.f %z", "2026-11-21T09:00:00.5Z"),
    ("2026-11-21T10:00:00.5+01:00", "%+", "2026-11-21T09:00:00.5Z"),
    ("11/21/2026 01:05:09 pm", "%m/%d/%Y %I:%M:%S %P", "2026-11-21T13:05:09Z"),
    ("11/21/2026 01:05:09 PM", "%m/%d/%Y %r", "2026-11-21T13:05:09Z"),
    ("Sat Nov 21 10:00:00 2026", "%c", "2026-11-21T10:00:00Z"),
    ("Sat, 21 Nov 2026 10:00:00 GMT", "%a, %d %b %Y %T %Z", "2026-11-21T10:00:00Z"),
    ("Saturday, 21-Nov-26 10:00:00 UTC", "%A, %d-%b-%y %T %Z", "2026-11-21T10:00:00Z"),
    // Zones that are written as an offset where names are usual, and the other way round.
    ("2026-11-21 10:00:00 -03", "%F %T %Z", "2026-11-21T13:00:00Z"),
    ("2026-11-21 10:00:00 GMT+1", "%F %T %Z", "2026-11-21T09:00:00Z"),
    ("2026-11-21 10:00:00 GMT+0530", "%F %T %z", "2026-11-21T04:30:00Z"),
    ("2026-11-21 10:00:00 UTC-02:00", "%F %T %Z", "2026-11-21T12:00:00Z"),
    ("2026-11-21 10:00:00 CEST", "%F %T %z", "2026-11-21T08:00:00Z"),
    ("2026-11-21 10:00:00 UTC", "iso8601", "2026-11-21T10:00:00Z"),
    ("2026-11-21T10:00:00.25GMT", "iso8601", "2026-11-21T10:00:00.25Z"),
    // As devices and old loggers write.
    ("26/11/21 10:00:00:123", "%y/%m/%d %T:%f", "2026-11-21T10:00:00.123Z"),
    ("261121  9:05:02", "%y%m%d %H:%M:%S", "2026-11-21T09:05:02Z"),
    ("06/Feb/2026:12:14:14.655", "%d/%b/%Y:%T.%f", "2026-02-06T12:14:14.655Z"),
    ("21-NOV-26 10.00.00.123456 AM", "%d-%b-%y %I.%M.%S.%f %p", "2026-11-21T10:00:00.123456Z"),
    ("2026 Nov 21 10:00:00", "rfc3164", "2026-11-21T10:00:00Z"),
    ("Nov 21 10:00:00 2026", "rfc3164", "2026-11-21T10:00:00Z"),
    ("Sat Nov 21 10:00:00 2026", "rfc3164", "2026-11-21T10:00:00Z"),
    ("*Nov 21 2026 10:00:00.001", "rfc3164", "2026-11-21T10:00:00.001Z"),
  ])
  func reads(_ text: String, _ pattern: String, _ expected: String) throws {
    #expect(try time(text, pattern) == expected)
  }

  @Test(arguments: [
    ("", "%F"), ("2026-11-21", "%F %T"), ("2026-11-21x", "%F"), (" 2026-11-21", "%F"),
    ("2026-02-29", "%F"), ("2026-13-01", "%F"), ("2026-00-01", "%F"), ("0000-01-01", "%F"),
    ("226-01-01", "%F"), ("2026-01-01 24:00", "%F %R"), ("2026-01-01 23:60", "%F %R"),
    ("2026-01-01 23:59:61", "%F %T"), ("2026 366", "%Y %j"), ("2026 000", "%Y %j"),
    ("13:00 PM 1/2/99", "%I:%M %p %D"), ("1:00 XM 1/2/99", "%I:%M %p %D"),
    ("2026-01-01 10:00:00 XYZ", "%F %T %Z"), ("2026-01-01 10:00:00 ABCDEFGHIJ", "%F %T %Z"),
    ("2026-01-01T10:00:00+24:00", "%FT%T%z"), ("2026-01-01T10:00:00+0", "%FT%T%z"),
    ("Okt 10 2026", "%b %d %Y"), ("Oc", "%b %d %Y"), ("Mo 10 01 2026", "%a %d %m %Y"),
    ("9223372036854775807", "epoch"), ("99999999999999999999", "epoch_us"), ("1.", "epoch"),
    ("1e9", "epoch"), ("--1", "epoch"), ("2026-11-21", "rfc5424"), ("2026-11-21T1", "iso8601"),
    ("2026-11-21T10:00:00zoo", "iso8601"), ("2026-11-21T10:00:00+01:0", "iso8601"),
    ("2026-11-21 10:00:00 utc", "iso8601"), ("2026-11-21 10:00:00 UTCx", "iso8601"),
    ("2026-11-21 10:00:00 GMT+", "%F %T %Z"), ("2026-11-21 10:00:00 GMT+x", "%F %T %z"),
    ("2026-11-21 10:00:00 UTC+25", "%F %T %z"), ("2026-11-21 10:00:00 ", "%F %T %Z"),
    ("Nov 21 10:00:00 20266", "rfc3164"), ("Wed Nov", "rfc3164"), ("Wednesday Nov 1 1", "rfc3164"),
    ("2026 ", "rfc3164"), ("2026-11-21 10:00:00.", "%F %T%.3f"),
    ("Nov 21 10:00:00", "rfc3164"), ("Nov 31 2026 10:00:00", "rfc3164"),
  ])
  func refuses(_ text: String, _ pattern: String) throws {
    #expect(try time(text, pattern) == nil)
  }

  @Test(arguments: [
    ("", "date"), ("%T", "date"), ("%Y %m", "date"), ("%Y %d", "date"), ("%F %q", "%q"),
    ("%F %", "ends"), ("%F %-", "%-"), ("yyyy-MM-dd HH:mm", "no date"), ("2006-01-02", "no date"),
    ("%F %I:%M", "%p"), ("%F %p", "%I"),
    (String(repeating: "%F", count: 200), "bytes"),
  ])
  func refusesPatterns(_ pattern: String, _ word: String) {
    #expect {
      try TimePattern(pattern)
    } throws: {
      guard let error = $0 as? FormatError else { return false }
      return error.kind == .invalidOption && error.message.contains(word)
    }
  }

  @Test(arguments: [
    ("Nov 21 10:00:00", "2026-11-21T12:00:00Z", "2026-11-21T10:00:00Z"),
    // A day after the file's time at most: clocks and zones differ.
    ("Nov 22 11:59:59", "2026-11-21T12:00:00Z", "2026-11-22T11:59:59Z"),
    ("Nov 22 12:00:01", "2026-11-21T12:00:00Z", "2025-11-22T12:00:01Z"),
    // One file over New Year, read after it.
    ("Dec 31 23:59:59", "2026-01-02T00:00:00Z", "2025-12-31T23:59:59Z"),
    ("Jan  1 00:00:00", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"),
    ("Jan  1 00:00:00", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
    ("Feb 29 00:00:00", "2026-11-21T12:00:00Z", "2024-02-29T00:00:00Z"),
    ("Feb 29 00:00:00", "1903-11-21T12:00:00Z", "1896-02-29T00:00:00Z"),
  ])
  func findsTheYear(_ text: String, _ reference: String, _ expected: String) throws {
    #expect(try time(text, "rfc3164", reference: reference) == expected)
    #expect(try time(text, "%b %e %T", reference: reference) == expected)
  }

  @Test func referencesOutOfRangeAreNoTimes() throws {
    let pattern = try TimePattern("rfc3164")
    for micros in [Int64.min, .max, .max - 86_400_000_000] {
      let found = Array("Nov 21 10:00:00".utf8).withUnsafeBufferPointer {
        pattern.parse($0, $0.indices, reference: Instant(microseconds: micros))
      }
      #expect(found == nil)
    }
  }

  @Test func datesAreOfTheWritersCalendar() throws {
    func date(_ text: String, _ pattern: String) throws -> Int32? {
      let pattern = try TimePattern(pattern, zone: TimeZoneRules("Asia/Tokyo"))
      return Array(text.utf8).withUnsafeBufferPointer { pattern.parseDate($0, $0.indices) }
    }
    #expect(try date("02.01.1970", "%d.%m.%Y") == 1)
    #expect(try date("02.01.1970 00:30 -1000", "%d.%m.%Y %R %z") == 1)
    #expect(try date("1970-01-02", "iso8601") == 1)
    #expect(try date("1970-01-02T00:00:00Z", "iso8601") == nil)
    #expect(try date("x", "%d.%m.%Y") == nil)
  }

  @Test func numbersAreEpochs() throws {
    #expect(try TimePattern("epoch").parse(number: 1.5) == 1_500_000)
    #expect(try TimePattern("epoch_ns").parse(number: 2000) == 2)
    #expect(try TimePattern("epoch").parse(number: 1e300) == nil)
    #expect(try TimePattern("epoch").parse(number: .nan) == nil)
    #expect(try TimePattern("iso8601").parse(number: 1) == nil)
  }

  @Test func abbreviationsWithSeveralMeanings() throws {
    let text = "2026-11-21 10:00:00 CST"
    #expect(try time(text, "%F %T %Z", zone: "America/Chicago") == "2026-11-21T16:00:00Z")
    #expect(try time(text, "%F %T %Z", zone: "Asia/Shanghai") == "2026-11-21T02:00:00Z")
    #expect(try time(text, "%F %T %Z", zone: "Europe/Berlin") == "2026-11-21T16:00:00Z")
  }
}

@Suite struct TimeZoneTests {
  @Test(arguments: [
    ("Europe/Berlin", "2026-11-21 10:00", "2026-11-21T09:00:00Z"),
    ("Europe/Berlin", "2026-07-01 10:00", "2026-07-01T08:00:00Z"),
    // Set forward: 02:30 is not shown. Set back: shown twice, the first counts.
    ("Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
    ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30:00Z"),
    ("Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z"),
    ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"),
    ("America/New_York", "1999-12-31 19:00", "2000-01-01T00:00:00Z"),
    ("Asia/Kolkata", "2026-11-21 10:00", "2026-11-21T04:30:00Z"),
    ("Australia/Lord_Howe", "2026-01-01 00:00", "2025-12-31T13:00:00Z"),
    ("Pacific/Apia", "2011-12-29 12:00", "2011-12-29T22:00:00Z"),
    ("Pacific/Apia", "2011-12-31 12:00", "2011-12-30T22:00:00Z"),
    ("America/Sao_Paulo", "2018-11-04 00:30", "2018-11-04T03:30:00Z"),
    ("+02:00", "2026-11-21 10:00", "2026-11-21T08:00:00Z"),
    ("-0530", "2026-11-21 10:00", "2026-11-21T15:30:00Z"),
    ("UTC", "2026-11-21 10:00", "2026-11-21T10:00:00Z"),
    ("Europe/Berlin", "2099-07-01 10:00", "2099-07-01T08:00:00Z"),
    ("Europe/Berlin", "1950-01-01 10:00", "1950-01-01T09:00:00Z"),
    ("Europe/Berlin", "2500-01-01 10:00", "2500-01-01T09:00:00Z"),
  ])
  func localTimes(_ zone: String, _ text: String, _ expected: String) throws {
    #expect(try time(text, "iso8601", zone: zone) == expected)
  }

  @Test func offsetsInUTC() throws {
    let berlin = try TimeZoneRules("Europe/Berlin")
    #expect(berlin.offsetSeconds(atUTC: 1_774_745_999) == 3600)
    #expect(berlin.offsetSeconds(atUTC: 1_774_746_000) == 7200)
    #expect(berlin.offsetSeconds(atUTC: .min) == 3600)
    #expect(berlin.offsetSeconds(atLocal: .max) == 3600)
  }

  @Test(arguments: ["", "Mars/Olympus", "+25:00", "+1", "../etc/passwd", "Europe/Berlin\n"])
  func refusesOthers(_ name: String) {
    #expect {
      try TimeZoneRules(name)
    } throws: {
      ($0 as? FormatError)?.kind == .invalidOption
    }
  }

  @Test(arguments: [
    ("2026-11-21", ISOTime.Kind.date), ("2026-11-21T10:00:00Z", .timestampWithZone),
    ("2026-11-21 10:00:00,5 +02", .timestampWithZone), ("2026-11-21 10:00", .timestampWithoutZone),
  ])
  func tellsISOTimesApart(_ text: String, _ kind: ISOTime.Kind) {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBufferPointer { ISOTime($0, $0.indices) }?.kind == kind)
    // Every beginning and every changed byte is a time or none, and no trap.
    for count in 0..<bytes.count {
      var changed = bytes
      changed[count] ^= 0x41
      for text in [Array(bytes.prefix(count)), changed] {
        let found = text.withUnsafeBufferPointer { ISOTime($0, $0.indices) }
        #expect(found == nil || found?.kind != kind || text.count < bytes.count || text != bytes)
      }
    }
  }

  @Test func noISOTimes() {
    for text in [
      "", "2026", "2026-1-1", "2026-11-21T", "2026/11/21", "2026-11-21  10:00", "20261121",
    ] {
      let bytes = Array(text.utf8)
      #expect(bytes.withUnsafeBufferPointer { ISOTime($0, $0.indices) } == nil, "\(text)")
    }
  }
}

/// A date is a day, whatever the zone: declared and found alike, in every format.
@Suite struct DateInZoneTests {
  @Test func aDateIsItsMidnightInUTC() throws {
    for zone in ["UTC", "Europe/Berlin", "-08:00"] {
      #expect(try time("2026-11-21", "iso8601", zone: zone) == "2026-11-21T00:00:00Z")
      #expect(try time("21.11.2026", "%d.%m.%Y", zone: zone) == "2026-11-21T00:00:00Z")
    }
    #expect(
      try time("2026-11-21 10:00", "iso8601", zone: "Europe/Berlin") == "2026-11-21T09:00:00Z")
    #expect(
      try time("21.11.2026 00", "%d.%m.%Y %H", zone: "Europe/Berlin") == "2026-11-20T23:00:00Z")
  }

  @Test(arguments: ["csv", "xml", "logfmt"])
  func declaredAndFoundAgree(format: String) throws {
    let texts = ["2026-11-21", "2026-11-21T10:00:00", "2026-11-21T10:00:00Z"]
    let lines: [String] =
      switch format {
      case "csv": ["t"] + texts
      case "xml": texts.map { "<e><t>\($0)</t></e>" }
      default: texts.map { "t=\($0)" }
      }
    var members: [JSONValue.Member] = []
    if format == "xml" { members.append(.init(key: "record", value: .string("e"))) }
    if format == "csv" { members.append(.init(key: "header", value: .boolean(true))) }
    var options = LineOptions(format: FormatOptions(.object(members)), zone: "Europe/Berlin")
    let text = lines.joined(separator: "\n") + "\n"
    let found = try parse(format, [text], options: options)
    options.declared = [Field("t", .timestamp(.microseconds, isUTC: true))]
    let declared = try parse(format, [text], options: options)
    #expect(
      found.texts("t") == ["2026-11-21T00:00:00Z", "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"])
    #expect(declared.texts("t") == found.texts("t"))
    // As it is where the dates were written before the first time came.
    let dates = try parse(
      format, [lines.prefix(format == "csv" ? 2 : 1).joined(separator: "\n") + "\n"],
      options: LineOptions(format: FormatOptions(.object(members)), zone: "Europe/Berlin"))
    #expect(dates.types["t"] == "date" && dates.texts("t") == ["2026-11-21"])
  }
}
