import Base
import Formats
import Records
import Testing

@Suite struct AWSLogTests {
  private static let lines: [(format: String, line: String, row: [String: String])] = [
    (
      "elb",
      "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 "
        + "0.001048 -1 200 200 0 29 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.38.0\" - -",
      [
        "time": "2015-05-13T23:39:43.945958Z", "elb": "my-loadbalancer",
        "client_ip": "192.168.131.39", "client_port": "2817", "backend_ip": "10.0.0.1",
        "backend_port": "80", "request_processing_time": "7.3e-05",
        "backend_processing_time": "0.001048", "response_processing_time": "-1.0",
        "elb_status_code": "200", "backend_status_code": "200", "received_bytes": "0",
        "sent_bytes": "29", "method": "GET", "url": "http://www.example.com:80/",
        "protocol": "HTTP/1.1", "user_agent": "curl/7.38.0",
      ]
    ),
    (
      "elb",
      "2015-05-13T23:39:43.945958Z lb 192.168.131.39:2817 - 0.001069 0.000028 0.000041 - - 82 305 "
        + "\"- - - \"",
      [
        "time": "2015-05-13T23:39:43.945958Z", "elb": "lb", "client_ip": "192.168.131.39",
        "client_port": "2817", "request_processing_time": "0.001069",
        "backend_processing_time": "2.8e-05", "response_processing_time": "4.1e-05",
        "received_bytes": "82", "sent_bytes": "305",
      ]
    ),
    (
      "alb",
      "h2 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 10.0.1.252:48160 "
        + "10.0.0.66:9000 0.000 0.002 0.000 200 200 5 257 \"GET https://10.0.2.105:773/ HTTP/2.0\" "
        + "\"curl/7.46.0\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elb:tg/1 "
        + "\"Root=1-58337327-72bd00b0343d75b906739c42\" \"-\" \"-\" 1 2018-07-02T22:22:48.364000Z "
        + "\"redirect\" \"https://example.com:80/\" \"-\" \"10.0.0.66:9000\" \"200\" \"-\" \"-\" "
        + "TID_1 \"new\" 7",
      [
        "type": "h2", "time": "2018-07-02T22:23:00.186641Z",
        "elb": "app/my-loadbalancer/50dc6c495c0c9188", "client_ip": "10.0.1.252",
        "client_port": "48160", "target_ip": "10.0.0.66", "target_port": "9000",
        "request_processing_time": "0.0", "target_processing_time": "0.002",
        "response_processing_time": "0.0", "elb_status_code": "200", "target_status_code": "200",
        "received_bytes": "5", "sent_bytes": "257", "method": "GET",
        "url": "https://10.0.2.105:773/", "protocol": "HTTP/2.0", "user_agent": "curl/7.46.0",
        "ssl_cipher": "ECDHE-RSA-AES128-GCM-SHA256", "ssl_protocol": "TLSv1.2",
        "target_group_arn": "arn:aws:elb:tg/1",
        "trace_id": "Root=1-58337327-72bd00b0343d75b906739c42", "matched_rule_priority": "1",
        "request_creation_time": "2018-07-02T22:22:48.364Z", "actions_executed": "redirect",
        "redirect_url": "https://example.com:80/", "target_port_list": "10.0.0.66:9000",
        "target_status_code_list": "200", "conn_trace_id": "TID_1", "transformed_host": "new",
        "transformed_uri": "7",
      ]
    ),
    (
      "nlb",
      "tls 2.0 2018-12-20T02:59:40 net/my-lb/c6e7 g3d4 72.21.218.154:51341 172.100.100.185:443 5 2 "
        + "98 246 - arn:aws:acm:1 - ECDHE-RSA-AES128-SHA tlsv12 - my.elb.amazonaws.com h2 h2 "
        + "\"h2\",\"http/1.1\" 2020-04-01T08:51:20",
      [
        "type": "tls", "version": "2.0", "time": "2018-12-20T02:59:40Z", "elb": "net/my-lb/c6e7",
        "listener": "g3d4", "client_ip": "72.21.218.154", "client_port": "51341",
        "destination_ip": "172.100.100.185", "destination_port": "443", "connection_time": "5",
        "tls_handshake_time": "2", "received_bytes": "98", "sent_bytes": "246",
        "chosen_cert_arn": "arn:aws:acm:1", "tls_cipher": "ECDHE-RSA-AES128-SHA",
        "tls_protocol_version": "tlsv12", "domain_name": "my.elb.amazonaws.com",
        "alpn_fe_protocol": "h2", "alpn_be_protocol": "h2",
        "alpn_client_preference_list": "h2\",\"http/1.1",
        "tls_connection_creation_time": "2020-04-01T08:51:20Z",
      ]
    ),
    (
      "s3_access",
      "79a5 amzn-bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a5 3E57427F3EXAMPLE "
        + "REST.PUT.OBJECT s3-dg%2520.pdf \"PUT /bucket/s3-dg.pdf HTTP/1.1\" 200 - - 4406583 41754 "
        + "28 \"-\" \"S3Console/0.4 \"odd\" x\" - 10S62Zv81kBW7BB6SX4XJ48o6kpc= SigV4 "
        + "ECDHE-RSA-AES128-GCM-SHA256 AuthHeader b.s3.us-west-1.amazonaws.com TLSV1.2 - Yes more",
      [
        "bucket_owner": "79a5", "bucket": "amzn-bucket", "time": "2019-02-06T00:00:38Z",
        "remote_ip": "192.0.2.3", "requester": "79a5", "request_id": "3E57427F3EXAMPLE",
        "operation": "REST.PUT.OBJECT", "key": "s3-dg%2520.pdf", "method": "PUT",
        "path": "/bucket/s3-dg.pdf", "protocol": "HTTP/1.1", "http_status": "200",
        "object_size": "4406583", "total_time": "41754", "turn_around_time": "28",
        "user_agent": "S3Console/0.4 \"odd\" x",
        "host_id": "10S62Zv81kBW7BB6SX4XJ48o6kpc=", "signature_version": "SigV4",
        "cipher_suite": "ECDHE-RSA-AES128-GCM-SHA256", "authentication_type": "AuthHeader",
        "host_header": "b.s3.us-west-1.amazonaws.com", "tls_version": "TLSV1.2",
        "acl_required": "Yes", "source_region": "more",
      ]
    ),
  ]

  @Test(arguments: lines.indices)
  func reads(_ index: Int) throws {
    let (format, line, expected) = Self.lines[index]
    let parsed = try parse(format, [line + "\n"])
    try #require(parsed.outcome.rejects.isEmpty)
    #expect(parsed.row(0) == expected)
  }

  @Test func s3LinesWithAllFields() throws {
    let line =
      "79a5 b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.VERSIONING - "
      + "\"GET /b?versioning HTTP/1.1\" 404 NoSuch 113 - 7 - \"http://r/\" \"S3Console/0.4\" v1 h= "
      + "SigV4 C AuthHeader b.s3 TLSV1.2 arn:aws:s3:::accesspoint/a Yes new \"one\""
    let parsed = try parse("s3_access", [line])
    #expect(parsed.texts("access_point_arn") == ["arn:aws:s3:::accesspoint/a"])
    #expect(parsed.texts("acl_required") == ["Yes"])
    #expect(parsed.texts("source_region") == ["new"])
    #expect(parsed.texts("extra") == ["\"one\""])
    #expect(parsed.texts("bytes_sent") == ["113"])
    #expect(parsed.texts("requester") == ["null"])
  }

  @Test func everyChangedLineIsARowOrAReject() throws {
    for (format, line, _) in Self.lines {
      let line = Array(line.utf8)
      for count in 1..<line.count {
        var changed = line
        changed[count] = [UInt8(0xFF), 0x22, 0x20, 0x5B][count % 4]
        let parsed = try parse(format, [Array(line.prefix(count)) + [0x0A] + changed])
        #expect(parsed.outcome.rowLines.count + parsed.outcome.rejects.count == 2)
      }
    }
  }

  @Test(arguments: [
    ("elb", "x", "time"), ("elb", "2015-05-13T23:39:43Z", "elb behind time"),
    ("elb", "2015-05-13T23:39:43Z lb 1.1.1.1 - 0 0 0 200 200 0 0 \"x\"", "address"),
    ("elb", "2015-05-13T23:39:43Z lb 1.1.1.1:x - 0 0 0 200 200 0 0 \"x\"", "address"),
    ("elb", "2015-05-13T23:39:43Z lb 1.1.1.1:1 - 0 0 z 200 200 0 0 \"x\"", "a number"),
    ("elb", "2015-05-13T23:39:43Z lb 1.1.1.1:1 - 0 0 0 200 200 0 0 \"x", "request"),
    ("alb", "http 2018-07-02T22:23:00Z a", "client"), ("nlb", "tls 2.0 nie", "time"),
    ("s3_access", "o b [06/Feb/2019:00:00:38 +0000 x", "time"), ("vpc_flow", "2 1", "14 values"),
    ("vpc_flow", "2 1 e 1.1.1.1 1.1.1.1 x 1 6 1 1 1 1 ACCEPT OK", "srcport"),
    ("cloudfront", "2019-12-04\t21:02:31", "33 values"),
  ])
  func rejects(_ format: String, _ line: String, _ word: String) throws {
    let parsed = try parse(format, ["\n" + line])
    #expect(parsed.outcome.rejects.map(\.line) == [2])
    #expect(parsed.outcome.rejects.first?.reason.contains(word) == true)
    #expect(parsed.outcome.rowLines.isEmpty)
  }

  @Test func readsFlowLogs() throws {
    let plain = try parse(
      "vpc_flow",
      [
        "2 123456789010 eni-1 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 "
          + "ACCEPT OK\n2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - NODATA\n"
      ])
    #expect(
      plain.row(0) == [
        "version": "2", "account_id": "123456789010", "interface_id": "eni-1",
        "srcaddr": "172.31.16.139", "dstaddr": "172.31.16.21", "srcport": "20641",
        "dstport": "22", "protocol": "6", "packets": "20", "bytes": "4249",
        "start": "2014-12-14T04:06:50Z", "end": "2014-12-14T04:07:50Z", "action": "ACCEPT",
        "log_status": "OK",
      ])
    #expect(plain.texts("log_status") == ["OK", "NODATA"])
    #expect(plain.fileState == nil)

    let custom = try parse(
      "vpc_flow",
      ["instance-id flow-direction tcp-flags bytes start\ni-1 egress 3 99 1418530010 x\n"])
    #expect(
      custom.row(0) == [
        "instance_id": "i-1", "flow_direction": "egress", "tcp_flags": "3", "bytes": "99",
        "start": "2014-12-14T04:06:50Z", "extra": "x",
      ])
    let next = try parse(
      "vpc_flow", ["i-2 ingress 1 1 1418530010\n"],
      file: file(modified: "2026-01-01", state: custom.fileState))
    #expect(next.texts("instance_id") == ["i-2"])
    let given = try parse(
      "vpc_flow", ["5 vpc-1\n"],
      options: LineOptions(format: FormatOptions(["fields": "version vpc-id"])))
    #expect(given.row(0) == ["version": "5", "vpc_id": "vpc-1"])
  }

  @Test func readsCloudFrontLogs() throws {
    let values = [
      "2019-12-04", "21:02:31", "LAX1", "392", "192.0.2.100", "GET",
      "d111111abcdef8.cloudfront.net",
      "/index.html", "200", "-", "Mozilla/5.0%20(X)%20%D0%B4%FF", "a=%2520", "-", "Hit", "SOX4==",
      "d111111abcdef8.cloudfront.net", "https", "23", "0.001", "-", "TLSv1.2", "ECDHE", "Hit",
      "HTTP/2.0", "-", "-", "11040", "0.001", "Hit", "text/html", "78", "-", "-",
    ]
    let header = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes\n"
    let parsed = try parse(
      "cloudfront",
      [values.joined(separator: "\t") + "\tnew\n" + header + "2019-12-04\t21:02:31\tLAX1\t\n"])
    #expect(parsed.outcome.rejects.isEmpty)
    let row = parsed.row(0)
    #expect(row["time"] == "2019-12-04T21:02:31Z")
    #expect(row["cs_user_agent"] == "Mozilla/5.0 (X) д\\xFF")
    #expect(row["cs_uri_query"] == "a=%20")
    #expect(row["cs_host"] == "d111111abcdef8.cloudfront.net")
    #expect(row["c_port"] == "11040")
    #expect(row["time_taken"] == "0.001")
    #expect(row["sc_content_len"] == "78")
    #expect(row["extra"] == "new")
    #expect(parsed.row(1) == ["time": "2019-12-04T21:02:31Z", "x_edge_location": "LAX1"])
    #expect(parsed.outcome.rowLines == [1, 4])
  }
}
