import Base
import Formats
import Records
import Testing

/// The lines that AWS's own documents show, and what real traffic makes of them.
@Suite struct AWSDocumentedTests {
  /// Elastic Load Balancing, Application: http, WebSocket, a Lambda that fails, and a request that
  /// was classified; the last one with the fields of 2025.
  @Test func applicationLoadBalancers() throws {
    let start = "app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 "
    let parsed = try parse(
      "alb",
      [
        "http 2018-07-02T22:23:00.186641Z " + start
          + #"10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-""#
          + "\n",
        "ws 2018-07-02T22:23:00.186641Z app/l/50 10.0.0.140:40914 "
          + #"10.0.1.192:8010 0.001 0.003 0.000 101 101 218 587 "GET http://10.0.0.30:80/ HTTP/1.1" "-" - - arn "Root=1" "-" "-" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.1.192:8010" "101" "-" "-""#
          + "\n",
        "http 2018-11-30T22:23:00.186641Z " + start
          + #"- 0.000 0.001 0.000 502 - 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn "Root=1" "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" "LambdaInvalidResponse" "-" "-" "-" "-""#
          + "\n",
        "https 2025-11-30T22:23:00.186641Z app/l/50 [2001:db8::1]:2817 2001:db8::2:80 "
          + #"-1 -1 -1 400 - 0 0 "- http://example.com:80- -" "-" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 - "-" "-" "-" - 2025-11-30T22:22:48.364000Z "-" "-" "-" "-" "-" "Ambiguous" "UndefinedContentLengthSemantics" TID_1234abcd5678ef90 "b.example" "/new?x" "TransformSuccess" "later""#
          + "\n",
      ])
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.texts("type") == ["http", "ws", "http", "https"])
    #expect(
      parsed.texts("client_ip")
        == ["192.168.131.39", "10.0.0.140", "192.168.131.39", "2001:db8::1"])
    #expect(parsed.texts("target_ip") == ["10.0.0.1", "10.0.1.192", "null", "2001:db8::2"])
    #expect(parsed.texts("target_port") == ["80", "8010", "null", "80"])
    #expect(parsed.texts("error_reason")[2] == "LambdaInvalidResponse")
    #expect(parsed.texts("user_agent") == ["curl/7.46.0", "null", "curl/7.46.0", "null"])
    let last = parsed.row(3)
    #expect(last["request"] == "- http://example.com:80- -" && last["method"] == nil)
    #expect(last["target_processing_time"] == "-1.0")
    #expect(last["classification_reason"] == "UndefinedContentLengthSemantics")
    #expect(last["transformed_host"] == "b.example" && last["transformed_uri"] == "/new?x")
    #expect(last["request_transform_status"] == "TransformSuccess")
    #expect(last["extra"] == #""later""#)
  }

  /// Elastic Load Balancing, Classic: TCP and SSL listeners have no request.
  @Test func classicLoadBalancers() throws {
    let start = "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 "
    let parsed = try parse(
      "elb",
      [
        start + #"0.001069 0.000028 0.000041 - - 82 305 "- - - " "-" - -"# + "\n",
        start
          + #"0.001065 0.000015 0.000023 - - 57 502 "- - - " "-" ECDHE-ECDSA-AES128-GCM-SHA256 TLSv1.2"#
          + "\n",
      ])
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.texts("sent_bytes") == ["305", "502"])
    #expect(parsed.texts("ssl_protocol") == ["null", "TLSv1.2"])
    #expect(parsed.texts("request") == ["null", "null"])
  }

  @Test func networkLoadBalancers() throws {
    let parsed = try parse(
      "nlb",
      [
        "tls 2.0 2018-12-20T02:59:40 net/my-network-loadbalancer/c6e77e28c25b2234 g3d4b5e8bb8464cd 72.21.218.154:51341 172.100.100.185:443 5 2 98 246 - arn:aws:acm:us-east-2:671290407336:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99 - ECDHE-RSA-AES128-SHA tlsv12 - my-network-loadbalancer-c6e77e28c25b2234.elb.us-east-2.amazonaws.com - - - 2018-12-20T02:59:30\n"
      ])
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.texts("tls_connection_creation_time") == ["2018-12-20T02:59:30Z"])
    #expect(parsed.texts("tls_protocol_version") == ["tlsv12"])
  }

  /// S3: what clients put into texts is not escaped; objects that expire have no request.
  @Test func bucketAccess() throws {
    let start = "79a5 amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] "
    let parsed = try parse(
      "s3_access",
      [
        start
          + #"192.0.2.3 79a5 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes us-east-1"#
          + "\n",
        start
          + #"- svc:s3 DD6 S3.EXPIRE.OBJECT a%2520b - 204 - - 44 - - - - v1 hostid - - - - - - -"#
          + "\n",
        start
          + #"1.2.3.4 - DD6 REST.GET.OBJECT k "GET /k?prefix="a b" HTTP/1.1" 403 AccessDenied 1 44 1 1 "http://r/"q" z" "Moz "x" y" - hostid SigV4 C A h TLSv1.2 - -"#
          + "\n",
      ])
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.texts("operation").count == 3)
    let backslash = try parse(
      "s3_access",
      [
        start + #"1.2.3.4 - DD6 REST.GET.OBJECT k "GET /k HTTP/1.1" 200 - 1 44 1 1 "-" "C:\" - h"#
          + "\n"
      ])
    #expect(backslash.texts("user_agent") == [#"C:\"#])
    #expect(
      parsed.row(0)["access_point_arn"]
        == "arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP")
    #expect(parsed.row(0)["source_region"] == "us-east-1")
    #expect(parsed.row(1)["host_id"] == "hostid" && parsed.row(1)["remote_ip"] == nil)
    let quoted = parsed.row(2)
    #expect(quoted["path"] == #"/k?prefix="a b""# && quoted["error_code"] == "AccessDenied")
    #expect(quoted["referer"] == #"http://r/"q" z"# && quoted["user_agent"] == #"Moz "x" y"#)
    #expect(quoted["host_id"] == "hostid" && quoted["tls_version"] == "TLSv1.2")
  }

  /// Version 10 in its order, a format of container fields alone, and a transit gateway's.
  @Test func flowLogs() throws {
    let new = try parse(
      "vpc_flow",
      [
        "version account-id srcaddr srcport packets start reject-reason resource-id encryption-status\n",
        "10 123456789010 2001:db8:1234:a100:8d6e:3477:df66:f105 34892 54 1477913708 - - 0\n",
      ])
    #expect(
      new.row(0) == [
        "version": "10", "account_id": "123456789010",
        "srcaddr": "2001:db8:1234:a100:8d6e:3477:df66:f105", "srcport": "34892", "packets": "54",
        "start": "2016-10-31T11:35:08Z", "encryption_status": "0",
      ])
    let containers = try parse("vpc_flow", ["ecs-task-id ecs-service-name\nt1 web\n"])
    #expect(containers.row(0) == ["ecs_task_id": "t1", "ecs_service_name": "web"])
    let gateway = try parse(
      "vpc_flow",
      [
        "version resource-type tgw-id packets-lost-no-route packets-lost-ttl-expired end\n",
        "6 TransitGateway tgw-0f2f 7 0 1418530070\n",
      ])
    #expect(gateway.row(0)["packets_lost_no_route"] == "7")
    #expect(gateway.types["packets_lost_ttl_expired"] == "bigint")
    let given = try parse(
      "vpc_flow", ["5 vpc-1\n"],
      options: LineOptions(format: FormatOptions(["fields": "${version} ${vpc-id}"])))
    #expect(given.row(0) == ["version": "5", "vpc_id": "vpc-1"])
  }

  /// Standard logging v2 with fields of real-time logs; user agents of old logs are encoded twice.
  @Test func cloudFront() throws {
    let parsed = try parse(
      "cloudfront",
      [
        "#Version: 1.0\n#Fields: timestamp(ms) c-ip asn c-country origin-fbl cs(User-Agent) cs-uri-stem\n",
        "1731620046814\t192.0.2.1\t16509\tUS\t0.05\tMozilla/5.0%2520(X11;%2520Linux)\t/a%2520b\n",
        "1731620046814\t192.0.2.1\t-\t-\t-\tMozilla/5.0%20(100%25%2520)\t/a%2520b\n",
      ])
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.texts("timestamp_ms")[0] == "2024-11-14T21:34:06.814Z")
    #expect(parsed.texts("asn") == ["16509", "null"])
    #expect(parsed.texts("origin_fbl") == ["0.05", "null"])
    #expect(parsed.texts("cs_user_agent") == ["Mozilla/5.0 (X11; Linux)", "Mozilla/5.0 (100%%20)"])
    #expect(parsed.texts("cs_uri_stem") == ["/a%20b", "/a%20b"])
  }
}
