import Base
import Connector
import Foundation
import MariaDBServer
import MySQLSource
import Records
import Testing

extension MySQLServerTests {
  struct TypeTests {
    @Test func `numbers keep all their values`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (ti TINYINT, tu TINYINT UNSIGNED, si SMALLINT, su SMALLINT UNSIGNED,
          mi MEDIUMINT, mu MEDIUMINT UNSIGNED, i INT, iu INT UNSIGNED, bi BIGINT,
          bu BIGINT UNSIGNED, y YEAR, b1 BIT(1), b63 BIT(63), b64 BIT(64), z INT(6) ZEROFILL)
        """,
        """
        INSERT INTO t VALUES
          (-128, 0, -32768, 0, -8388608, 0, -2147483648, 0, -9223372036854775808, 0, 1901,
           b'0', 0, 0, 42),
          (127, 255, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295,
           9223372036854775807, 18446744073709551615, 2155, b'1', 9223372036854775807,
           18446744073709551615, 999999),
          (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
        """)
      let pull = try database.readAll("t")
      #expect(
        pull.rows == [
          [
            "-128", "0", "-32768", "0", "-8388608", "0", "-2147483648", "0",
            "-9223372036854775808", "0", "1901", "0", "0", "0", "42",
          ],
          [
            "127", "255", "32767", "65535", "8388607", "16777215", "2147483647", "4294967295",
            "9223372036854775807", "18446744073709551615", "2155", "1", "9223372036854775807",
            "18446744073709551615", "999999",
          ],
          Array(repeating: nil, count: 15),
        ])
      #expect(
        pull.schema?.fields.map(\.type) == [
          .int8, .uint8, .int16, .uint16, .int32, .int32, .int32, .uint32, .int64, .uint64,
          .int32, .int64, .int64, .uint64, .uint32,
        ])
    }

    @Test func `floats keep all their bits`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (f FLOAT, d DOUBLE)",
        "INSERT INTO t VALUES (16777216, 0.1), (3.4028234e38, 1.7976931348623157e308)",
        "INSERT INTO t VALUES (1.17549436e-38, -2.2250738585072014e-308), (0.1, -0e0)",
        "INSERT INTO t VALUES (8388609, 9007199254740993)")
      let pull = try database.readAll("t")
      #expect(
        pull["f"] == [
          .float(16_777_216), .float(3.4028234e38), .float(1.1754944e-38), .float(0.1),
          .float(8_388_609),
        ])
      #expect(
        pull["d"] == [
          .double(0.1), .double(1.7976931348623157e308), .double(-2.2250738585072014e-308),
          .double(pull["d"][3].text == "-0.0" ? -0.0 : 0), .double(9_007_199_254_740_992),
        ])
    }

    @Test func `decimals are exact to 38 digits and text above`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (a DECIMAL(9,2), b DECIMAL(18,0), c DECIMAL(18,18), d DECIMAL(38,0),
          e DECIMAL(38,38), f DECIMAL(38,10), g DECIMAL(65,30), h DECIMAL(10,2) UNSIGNED,
          i DECIMAL(12,4) ZEROFILL, j DECIMAL(5,5))
        """)
      let nines = String(repeating: "9", count: 38)
      let long = String(repeating: "9", count: 35) + "." + String(repeating: "9", count: 30)
      let ten = String(repeating: "9", count: 28) + "." + String(repeating: "9", count: 10)
      try database.run(
        """
        INSERT INTO t VALUES (-9999999.99, -999999999999999999, -0.999999999999999999, -\(nines),
          -0.\(nines), -\(ten), -\(long), 99999999.99, 1.5, -0.00001),
          (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
          (1.05, 7, 0.000000000000000001, 12345678901234567890, 0.1, 1, 1, 0.01, 12345678.9, 0.5)
        """)
      let pull = try database.readAll("t")
      #expect(
        pull.schema?.fields.map(\.type) == [
          .decimal(precision: 9, scale: 2), .decimal(precision: 18, scale: 0),
          .decimal(precision: 18, scale: 18), .decimal(precision: 38, scale: 0),
          .decimal(precision: 38, scale: 38), .decimal(precision: 38, scale: 10), .string,
          .decimal(precision: 10, scale: 2), .decimal(precision: 12, scale: 4),
          .decimal(precision: 5, scale: 5),
        ])
      #expect(
        pull.rows[0] == [
          "-9999999.99", "-999999999999999999", "-0.999999999999999999", "-\(nines)",
          "-0.\(nines)", "-\(ten)", "-\(long)", "99999999.99", "1.5000", "-0.00001",
        ])
      #expect(pull.rows[1][3] == "0" && pull.rows[1][0] == "0.00")
      #expect(
        Array(pull.rows[2].prefix(6)) == [
          "1.05", "7", "0.000000000000000001", "12345678901234567890",
          "0.10000000000000000000000000000000000000", "1.0000000000",
        ])
      #expect(pull.rows[2][8] == "12345678.9000")
    }

    @Test func `times keep their microseconds and their meaning`() throws {
      let database = try TestDatabase()
      try database.run(
        "SET time_zone = '+00:00'",
        """
        CREATE TABLE t (d DATE, dt DATETIME, dt6 DATETIME(6), ts TIMESTAMP(6) NULL, tm TIME,
          tm6 TIME(6))
        """,
        """
        INSERT INTO t VALUES
          ('1000-01-01', '1000-01-01 00:00:00', '9999-12-31 23:59:59.999999',
           '1970-01-01 00:00:01', '-838:59:59', '-838:59:58.999999'),
          ('9999-12-31', '2024-02-29 12:34:56', '2024-02-29 12:34:56.000001',
           '2038-01-19 03:14:07.999999', '838:59:59', '00:00:00.000001'),
          (NULL, NULL, NULL, NULL, NULL, NULL),
          ('0001-01-01', '2024-03-31 02:30:00', '2024-01-01', '2024-03-31 01:30:00', '25:00:00',
           '00:00:00')
        """)
      let pull = try database.readAll("t")
      #expect(
        pull.schema?.fields.map(\.type) == [
          .date, .timestamp(.microseconds, isUTC: false), .timestamp(.microseconds, isUTC: false),
          .timestamp(.microseconds, isUTC: true), .time(.microseconds), .time(.microseconds),
        ])
      #expect(
        pull.rows == [
          [
            "1000-01-01", "1000-01-01T00:00:00", "9999-12-31T23:59:59.999999",
            "1970-01-01T00:00:01Z", "-838:59:59", "-838:59:58.999999",
          ],
          [
            "9999-12-31", "2024-02-29T12:34:56", "2024-02-29T12:34:56.000001",
            "2038-01-19T03:14:07.999999Z", "838:59:59", "00:00:00.000001",
          ],
          [nil, nil, nil, nil, nil, nil],
          [
            "0001-01-01", "2024-03-31T02:30:00", "2024-01-01T00:00:00", "2024-03-31T01:30:00Z",
            "25:00:00", "00:00:00",
          ],
        ])
    }

    @Test func `dates that are none become what the policy says`() throws {
      let database = try TestDatabase()
      try database.run(
        "SET sql_mode = 'ALLOW_INVALID_DATES'",
        "CREATE TABLE t (id INT, d DATE NOT NULL, dt DATETIME(3), ts TIMESTAMP NOT NULL)",
        """
        INSERT INTO t VALUES (1, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00'),
          (2, '2026-02-00', '2026-00-10 01:02:03.250', '2026-01-02 03:04:05'),
          (3, '2026-02-31', '2026-04-31 00:00:00', '2026-01-02 03:04:05'),
          (4, '2026-02-28', '2026-04-30 00:00:00.5', '2026-01-02 03:04:05')
        """)
      let nulls = try database.readAll(
        "t", ["columns": .list([.string("id"), .string("d"), .string("dt"), .string("ts")])])
      #expect(
        nulls.rows.map { Array($0.dropFirst().prefix(2)) } == [
          [nil, nil], [nil, nil], [nil, nil], ["2026-02-28", "2026-04-30T00:00:00.5"],
        ])
      #expect(nulls.rows[0][3] == nil)
      #expect(nulls.schema?["d"]?.isNullable == true)
      #expect(nulls.advance?.counts["zero_dates"] == 7)
      let texts = try database.readAll("t", ["zero_dates": .string("text")])
      #expect(texts.schema?["dt"]?.type == .string)
      #expect(
        texts.rows.map { $0[1] } == ["0000-00-00", "2026-02-00", "2026-02-31", "2026-02-28"])
      #expect(
        texts.rows.map { $0[2] } == [
          "0000-00-00 00:00:00.000", "2026-00-10 01:02:03.250", "2026-04-31 00:00:00.000",
          "2026-04-30 00:00:00.500",
        ])
      let error = connectorError {
        _ = try database.readAll("t", ["zero_dates": .string("error")])
      }
      #expect(error?.kind == .malformed)
      #expect(error?.message.contains("`d`") == true)
    }

    @Test func `texts of every character set come as UTF-8`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (l VARCHAR(20) CHARACTER SET latin1, u VARCHAR(20) CHARACTER SET utf8mb4,
          c CHAR(20) CHARACTER SET cp1251, s VARCHAR(20) CHARACTER SET sjis,
          w VARCHAR(20) CHARACTER SET utf16, e ENUM('a','b ö','') CHARACTER SET latin1,
          st SET('x','y','z'), tx TEXT, lt LONGTEXT CHARACTER SET ucs2)
        """,
        """
        INSERT INTO t VALUES ('Grüße €', '日本 😀', 'Привет', '日本語', '日本 😀', 'b ö', 'x,z',
          'té', 'ü'),
          ('', '', '', '', '', '', '', '', ''), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
        """)
      let pull = try database.readAll("t")
      #expect(
        pull.rows == [
          ["Grüße €", "日本 😀", "Привет", "日本語", "日本 😀", "b ö", "x,z", "té", "ü"],
          ["", "", "", "", "", "", "", "", ""], Array(repeating: nil, count: 9),
        ])
      #expect(pull.schema?.fields.allSatisfy { $0.type == .string } == true)
    }

    @Test func `bytes stay bytes, JSON is JSON, geometry is well-known binary`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (b BINARY(4), vb VARBINARY(20), bl BLOB, j JSON, p POINT, g GEOMETRY,
          u UUID, ip INET6)
        """,
        """
        INSERT INTO t VALUES (x'00ff', x'80', x'00010203', '{"a": [1, "ü"]}', POINT(1, 2),
          ST_GeomFromText('LINESTRING(0 0, 1 1)', 4326), '6ccd780c-baba-1026-9564-5b8c656024db',
          '2001:db8::1'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
        """)
      let pull = try database.readAll("t")
      #expect(
        pull.schema?.fields.map(\.type) == [
          .binary, .binary, .binary, .json, .binary, .binary, .string, .string,
        ])
      #expect(
        Array(pull.rows[0].prefix(5)) == [
          "00ff0000", "80", "00010203", "{\"a\": [1, \"ü\"]}",
          "0101000000000000000000f03f0000000000000040",
        ])
      #expect(pull.rows[0][5]?.hasPrefix("0102000000") == true)
      #expect(pull.rows[0][6] == "6ccd780c-baba-1026-9564-5b8c656024db")
      #expect(pull.rows[0][7] == "2001:db8::1")
      #expect(pull.rows[1] == Array(repeating: nil, count: 8))
    }

    @Test func `comments and nullability come from the server`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (id INT NOT NULL COMMENT 'Schlüssel', a INT, hidden INT INVISIBLE DEFAULT 1,
          g INT AS (a + 1) STORED)
        """, "INSERT INTO t (id, a) VALUES (1, 2)")
      let pull = try database.readAll("t")
      #expect(pull.schema?.names == ["id", "a", "g"])
      #expect(
        pull.schema?["id"] == Field("id", .int32, isNullable: false, comment: "Schlüssel"))
      #expect(pull.schema?["a"] == Field("a", .int32, isNullable: true))
      #expect(pull.rows == [["1", "2", "3"]])
    }

    @Test func `columns that changed since the stream was opened are noticed`() throws {
      let changes = [
        "MODIFY a FLOAT NOT NULL", "MODIFY a INT UNSIGNED NOT NULL", "MODIFY a INT NULL",
        "MODIFY a VARCHAR(20) NOT NULL", "MODIFY a DECIMAL(12,3) NOT NULL",
      ]
      for change in changes {
        let database = try TestDatabase()
        try database.run("CREATE TABLE t (a INT NOT NULL)", "INSERT INTO t VALUES (7)")
        let session = try database.source().open(database.stream("t"))
        defer { session.close() }
        try database.run("ALTER TABLE t \(change)")
        let plan = try session.plan(
          PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
        let error = connectorError { _ = try session.read(plan.splits[0], ReadOptions()) }
        #expect(error?.kind == .refused && error?.isRetryable == true, "\(change)")
      }
    }

    @Test func `an empty geometry is empty`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)",
        "ALTER TABLE t ADD g GEOMETRY NOT NULL")
      #expect(try database.readAll("t").rows == [["1", ""]])
    }

    @Test func `ignored indexes lead to no column`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, at TIMESTAMP NOT NULL, KEY by_at (at) IGNORED)")
      func findings() throws -> [Finding] {
        try database.source().check(database.stream("t", ["bookmark": cursor("at")]))
      }
      #expect(try findings().contains { $0.message.contains("has no index") })
      try database.run("ALTER TABLE t ALTER INDEX by_at NOT IGNORED")
      #expect(try !findings().contains { $0.message.contains("has no index") })
    }

    @Test func `many columns with nulls anywhere`() throws {
      let database = try TestDatabase()
      let names = (0..<200).map { "c\($0)" }
      try database.run(
        "CREATE TABLE t (" + names.map { "\($0) VARCHAR(10)" }.joined(separator: ",")
          + ") ENGINE=Aria")
      for row in 0..<70 {
        let values = (0..<200).map { ($0 * 7 + row) % 3 == 0 ? "NULL" : "'\(row)-\($0)'" }
        try database.run("INSERT INTO t VALUES (\(values.joined(separator: ",")))")
      }
      let pull = try database.readAll("t")
      #expect(pull.rows.count == 70)
      for (row, values) in pull.rows.enumerated() {
        #expect(
          values == (0..<200).map { ($0 * 7 + row) % 3 == 0 ? nil : "\(row)-\($0)" })
      }
    }
  }
}
