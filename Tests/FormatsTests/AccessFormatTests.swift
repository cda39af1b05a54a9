import Base
import Formats
import Records
import Testing

@Suite struct AccessFormatTests {
  private static let nginx =
    #"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "#
    + #""$http_referer" "$http_user_agent" $request_time $upstream_response_time"#

  private func access(_ format: String, _ lines: String, zone: String = "UTC") throws -> Parsed {
    try parse(
      "access", [lines],
      options: LineOptions(format: FormatOptions(["format": .string(format)]), zone: zone))
  }

  @Test func readsNginxFormats() throws {
    let line =
      #"192.0.2.1 - a b [21/Nov/2026:10:00:00 +0100] "GET /x?\"q\" HTTP/1.1" 200 12 "-" "M \x22z\x22" "#
    let parsed = try access(Self.nginx, line + "0.123 0.100, 0.020 : 0.003\n" + line + "1 -\n")
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(
      parsed.schema.names == [
        "remote_addr", "remote_user", "time_local", "method", "path", "protocol", "request",
        "status", "body_bytes_sent", "http_referer", "http_user_agent", "request_time",
        "upstream_response_time",
      ])
    #expect(
      parsed.row(0) == [
        "remote_addr": "192.0.2.1", "remote_user": "a b", "time_local": "2026-11-21T09:00:00Z",
        "method": "GET", "path": "/x?\"q\"", "protocol": "HTTP/1.1", "status": "200",
        "body_bytes_sent": "12", "http_user_agent": "M \"z\"", "request_time": "0.123",
        "upstream_response_time": "0.100, 0.020 : 0.003",
      ])
    #expect(parsed.texts("upstream_response_time")[1] == "null")
    #expect(parsed.types["status"] == "int")
    #expect(parsed.types["request_time"] == "double")
    #expect(parsed.types["time_local"] == "timestamp(us,utc)")
  }

  @Test func readsApacheFormats() throws {
    let format =
      #"%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D %{ms}T %I"#
    let line =
      #"example.com:443 ::1 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/2" 200 5 "-" "a" 17 0 9"#
    let parsed = try access(format, line)
    #expect(
      parsed.row(0) == [
        "vhost": "example.com", "port": "443", "remote_host": "::1",
        "time": "2026-11-21T10:00:00Z", "method": "GET", "path": "/", "protocol": "HTTP/2",
        "status": "200", "bytes_sent": "5", "user_agent": "a", "duration_us": "17",
        "duration_ms": "0", "bytes_received": "9",
      ])
  }

  @Test func readsTimesOfOnesOwn() throws {
    let own = try access("%{%Y-%m-%d %H:%M:%S}t|%a", "2026-11-21 10:00:00|x", zone: "+01:00")
    #expect(own.texts("time") == ["2026-11-21T09:00:00Z"])
    let epochs = try access(
      "%{msec}t %{sec}t %{usec}t %{begin:%s}t %{usec_frac}t", "1500 2 3 4 500")
    #expect(
      epochs.row(0) == [
        "time": "1970-01-01T00:00:01.5Z", "time_2": "1970-01-01T00:00:02Z",
        "time_3": "1970-01-01T00:00:00.000003Z", "time_4": "1970-01-01T00:00:04Z",
        "usec_frac": "500",
      ])
    let nginx = try access("$msec ${time_iso8601}x", "1.250 2026-11-21T10:00:00+01:00x")
    #expect(
      nginx.row(0) == ["msec": "1970-01-01T00:00:01.25Z", "time_iso8601": "2026-11-21T09:00:00Z"])
  }

  /// The example of Apache's own document: one time, written by three directives.
  @Test func timesOfSeveralDirectives() throws {
    let parsed = try access(
      #"%h %u [%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t] "%r" %>s"#,
      #"192.0.2.1 - [21/Nov/2026:10:00:00.123 +0100] "GET / HTTP/1.1" 200"#)
    #expect(parsed.texts("time") == ["2026-11-21T09:00:00.123Z"])
    #expect(parsed.texts("status") == ["200"])
    let epoch = try access("%{sec}t.%{usec_frac}t %m", "1500000000.000250 GET")
    #expect(epoch.texts("time") == ["2017-07-14T02:40:00.00025Z"])
    #expect(epoch.texts("request_method") == ["GET"])
  }

  /// Without quotes, what proxies append to is a list with spaces.
  @Test func listsOfAddresses() throws {
    let apache = try access(
      "%{X-Forwarded-For}i %h %>s", "1.2.3.4, 5.6.7.8, 9.9.9.9 10.0.0.1 200\n- 10.0.0.1 404\n")
    #expect(apache.outcome.rejects.isEmpty)
    #expect(apache.texts("x_forwarded_for") == ["1.2.3.4, 5.6.7.8, 9.9.9.9", "null"])
    #expect(apache.texts("remote_host") == ["10.0.0.1", "10.0.0.1"])
    let nginx = try access(
      "$http_x_forwarded_for $status", "1.2.3.4, 5.6.7.8 200\n1.2.3.4 301\n")
    #expect(nginx.texts("http_x_forwarded_for") == ["1.2.3.4, 5.6.7.8", "1.2.3.4"])
    #expect(nginx.texts("status") == ["200", "301"])
  }

  /// What the ingress controller of Kubernetes writes: empty brackets, lists of upstreams.
  @Test func ingressController() throws {
    let format =
      #"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id"#
    let line =
      #"10.0.0.1 - - [21/Nov/2026:10:00:00 +0000] "GET /x HTTP/2.0" 502 0 "-" "-" 123 0.004 [default-svc-80] [] 10.1.2.3:8080, 10.1.2.4:8080 0, 2 0.004, 0.001 502, 200 abcdef0123"#
    let tls =
      #"10.0.0.1 - - [21/Nov/2026:10:00:00 +0000] "\x16\x03\x01\x02\x00" 400 150 "-" "-" 0 0.1 [] [] - - - - abc"#
    let parsed = try access(format, line + "\n" + tls + "\n")
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.texts("proxy_upstream_name") == ["default-svc-80", "null"])
    #expect(parsed.texts("upstream_addr") == ["10.1.2.3:8080, 10.1.2.4:8080", "null"])
    #expect(parsed.texts("upstream_status") == ["502, 200", "null"])
    #expect(parsed.texts("req_id") == ["abcdef0123", "abc"])
    #expect(parsed.texts("request")[1].hasPrefix("\u{16}\u{3}"))
  }

  @Test func joinsVariablesSideBySide() throws {
    let parsed = try access("$scheme://$host$request_uri $status more", "https://h/x?y 200 more z")
    #expect(
      parsed.row(0) == [
        "scheme": "https", "host_request_uri": "h/x?y", "status": "200", "extra": "z",
      ])
  }

  @Test(arguments: [
    ("x", "'['"), ("[1] \"a\" 200", "0.5"), ("[1] \"a\" 2x0 1", "whole number"),
    ("[1] \"a\" 99999999999 1", "whole number"), ("[1] \"a\" 200 1.x", "a number"),
    ("[1 \"a\" 200 1", "behind $user"), ("[1] \"a 200 1", "behind $http_x"),
    ("[1] \"a\\\" 200 1", "behind $http_x"), ("[", "behind $user"), ("[1] \"a\"", "behind $http_x"),
  ])
  func rejectsOtherLines(_ line: String, _ word: String) throws {
    let format = "[$user] \"$http_x\" $status $request_time"
    let parsed = try access(format, line + "\n\n[1] \"a\" 200 0.5\n")
    #expect(parsed.outcome.rejects.map(\.line) == [1])
    #expect(parsed.outcome.rejects.first?.text == line)
    let reason = parsed.outcome.rejects.first?.reason ?? ""
    #expect(reason.contains(word) || word == "0.5", "\(reason)")
    #expect(parsed.outcome.rowLines == [3])
  }

  @Test(arguments: [
    "", "no variables", "$", "${x", "$ ", "%", "%Y", "%{x", "%{x}", "%i", "%{%Q}t",
    String(repeating: "%h ", count: 300), String(repeating: "x", count: 9000) + "%h",
  ])
  func refusesFormats(_ format: String) {
    #expect {
      try access(format, "")
    } throws: {
      ($0 as? FormatError)?.kind == .invalidOption
    }
  }

  @Test func readsCombinedWithAHost() throws {
    let rest =
      #"192.0.2.1 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 - "-" "a:b" x"#
    let parsed = try parse(
      "extended", ["www.example.com:80 \(rest)\nexample.com \(rest)\n\(rest)\n:80 h x\n"])
    #expect(parsed.texts("vhost") == ["www.example.com", "example.com"])
    #expect(parsed.texts("port") == ["80", "null"])
    #expect(parsed.texts("bytes") == ["null", "null"])
    #expect(parsed.texts("user_agent") == ["a:b", "a:b"])
    #expect(parsed.texts("extra") == ["x", "x"])
    #expect(
      parsed.schema.names.prefix(6) == ["vhost", "port", "remote_host", "ident", "user", "time"])
    #expect(parsed.outcome.rejects.map(\.line) == [3, 4])
  }

  @Test func everyChangedLineIsARowOrAReject() throws {
    let line = Array(
      #"1.1.1.1 - a [21/Nov/2026:10:00:00 +0100] "GET /x HTTP/1.1" 200 12 "-" "M" 0.1 0.1, 0.2"#
        .utf8)
    for count in 1..<line.count {
      for byte in [UInt8(0xFF), 0x5C, 0x22, 0x20, 0x30] {
        var changed = line
        changed[count] = byte
        let options = LineOptions(format: FormatOptions(["format": .string(Self.nginx)]))
        let parsed = try parse(
          "access", [Array(line.prefix(count)) + [0x0A] + changed], options: options)
        #expect(parsed.outcome.rowLines.count + parsed.outcome.rejects.count == 2)
      }
    }
  }
}
