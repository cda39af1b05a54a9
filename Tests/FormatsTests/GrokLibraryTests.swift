import Base
import Formats
import Records
import Testing

/// Real lines of what the well-known patterns are for.
@Suite struct GrokLibraryTests {
  /// The whole text that a pattern finds in a line; nil where it finds none.
  private func found(_ pattern: String, in text: String) throws -> String? {
    let parsed = try parse(
      "grok", [text + "\n"],
      options: grok("(?<found>%{\(pattern)})", columns: [Field("found", .string)]))
    return parsed.texts("found").first
  }

  @Test(arguments: [
    ("WORD", "-foo_1 bar", "foo_1"), ("NOTSPACE", " a,b c", "a,b"), ("INT", "x-15y", "-15"),
    ("NUMBER", "v 1.5e", "1.5"), ("NUMBER", "-.5", "-.5"),
    ("BASE16NUM", "0xDEADbeef!", "0xDEADbeef"),
    ("BASE16FLOAT", "a 1F.8", "a"), ("POSINT", "0 12", "12"), ("NONNEGINT", "a 0 1", "0"),
    ("QUOTEDSTRING", #"x "a \" b" y"#, #""a \" b""#), ("QS", "x 'it' y", "'it'"),
    ("USERNAME", "@john.doe-1 ", "john.doe-1"),
    ("EMAILADDRESS", "<jo+x@mail.example.org>", "jo+x@mail.example.org"),
    ("UUID", "id 550e8400-e29b-41d4-a716-446655440000.", "550e8400-e29b-41d4-a716-446655440000"),
    ("URN", "see urn:isbn:0451450523 now", "urn:isbn:0451450523"),
    ("MAC", "at 00:1B:44:11:3A:B7 ", "00:1B:44:11:3A:B7"),
    ("MAC", "001b.4411.3ab7", "001b.4411.3ab7"),
    ("MAC", "00-1B-44-11-3A-B7", "00-1B-44-11-3A-B7"),
    ("IPV4", "999.1.1.1 10.0.0.255:80", "10.0.0.255"), ("IP", "from ::1 port", "::1"),
    ("IPV6", "fe80::1ff:fe23:4567:890a%eth0 x", "fe80::1ff:fe23:4567:890a%eth0"),
    ("IPV6", "[2001:db8:0:0:1:0:0:1]", "2001:db8:0:0:1:0:0:1"),
    ("IPV6", "::ffff:10.0.0.1", "::ffff:10.0.0.1"),
    ("IPV6", "x 1:2:3:4:5:6:7:: y", "1:2:3:4:5:6:7::"),
    ("HOSTNAME", "=web-1.example.com, x", "web-1.example.com"),
    ("IPORHOST", "10.1.2.3", "10.1.2.3"),
    ("HOSTPORT", "db.local:5432", "db.local:5432"),
    ("UNIXPATH", "in /var/log/app.log x", "/var/log/app.log"),
    ("WINPATH", #"C:\Temp\a b.txt"#, #"C:\Temp\a b.txt"#), ("TTY", "on /dev/pts/12", "/dev/pts/12"),
    ("URIPATHPARAM", "GET /a/b?x=1&y=%20 HTTP", "/a/b?x=1&y=%20"),
    (
      "URI", "to https://u:p@h.example.com:8443/p/q?r=s#t end",
      "https://u:p@h.example.com:8443/p/q?r=s#t"
    ),
    ("MONTH", "5 Oct 2000", "Oct"), ("MONTH", "3. März", "März"), ("DAY", "Wed Oct", "Wed"),
    ("TIME", "at 23:59:60.5 ", "23:59:60.5"), ("DATE_US", "12/31/2025", "12/31/2025"),
    ("DATE_EU", "31.12.2025", "31.12.2025"),
    ("DATESTAMP", "31.12.2025 10:00:01", "31.12.2025 10:00:01"),
    ("TIMESTAMP_ISO8601", "[2015-07-29 17:41:44,747]", "2015-07-29 17:41:44,747"),
    ("TIMESTAMP_ISO8601", "t=2026-11-21T07:00:00.123+01:00 x", "2026-11-21T07:00:00.123+01:00"),
    ("DATESTAMP_RFC822", "Mon, Jan 02 2006 15:04:05 MST", "Mon, Jan 02 2006 15:04:05 MST"),
    ("DATESTAMP_RFC2822", "Mon, 02 Jan 2006 15:04:05 -0700", "Mon, 02 Jan 2006 15:04:05 -0700"),
    ("DATESTAMP_OTHER", "Mon Jan 2 15:04:05 UTC 2006", "Mon Jan 2 15:04:05 UTC 2006"),
    ("DATESTAMP_EVENTLOG", "20260102150405", "20260102150405"),
    ("HTTPDATE", "[10/Oct/2000:13:55:36 -0700]", "10/Oct/2000:13:55:36 -0700"),
    ("SYSLOGTIMESTAMP", "Jun  9 06:06:20 combo", "Jun  9 06:06:20"),
    ("LOGLEVEL", "x WARN y", "WARN"), ("LOGLEVEL", "Information:", "Information"),
    ("JAVACLASS", "at org.apache.x.Foo$Bar ", "at"), ("JAVAMETHOD", "<init>(", "<init>"),
    ("MAVEN_VERSION", "app-1.2.3-SNAPSHOT.jar", "1.2.3-SNAPSHOT"),
    ("EXIM_MSGID", "id 1aBcDe-000123-Ab ", "1aBcDe-000123-Ab"),
    ("RUUID", "[0123456789abcdef0123456789abcdef]", "0123456789abcdef0123456789abcdef"),
    ("CISCOTAG", "%ASA-6-302013: x", "ASA-6-302013"),
    ("REDISTIMESTAMP", "12 Nov 2025 10:11:12.5", "12 Nov 2025 10:11:12.5"),
  ])
  func words(_ pattern: String, _ text: String, _ expected: String) throws {
    #expect(try found(pattern, in: text) == expected)
  }

  @Test(arguments: [
    ("IPV4", "256.1.1.1"), ("IPV6", "12:34:56"), ("IPV6", "1::2::3"), ("UUID", "550e8400-e29b"),
    ("MONTH", "Octopus"), ("TIME", "25:00"), ("MAC", "00:1B:44"), ("LOGLEVEL", "informal"),
  ])
  func whatIsNone(_ pattern: String, _ text: String) throws {
    #expect(try found(pattern, in: text) == nil)
  }

  private func fields(_ pattern: String, _ line: String) throws -> [String: String] {
    let parsed = try parse("grok", [line + "\n"], options: grok("^%{\(pattern)}"))
    #expect(parsed.outcome.rejects.isEmpty, "\(parsed.outcome.rejects.first?.reason ?? "")")
    var fields: [String: String] = [:]
    for name in parsed.schema.names {
      if let text = parsed.texts(name).first, text != "null" { fields[name] = text }
    }
    return fields
  }

  @Test func accessLogs() throws {
    let line =
      #"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif?x=1 HTTP/1.0" 200 2326 "http://e.com/\"s" "Mozilla/4.08 (Win98; I)""#
    let combined = try fields("COMBINEDAPACHELOG", line)
    #expect(combined["clientip"] == "127.0.0.1")
    #expect(combined["ident"] == nil)
    #expect(combined["auth"] == "frank")
    #expect(combined["verb"] == "GET")
    #expect(combined["request"] == "/a.gif?x=1")
    #expect(combined["httpversion"] == "1.0")
    #expect(combined["response"] == "200")
    #expect(combined["bytes"] == "2326")
    #expect(combined["referrer"] == #"http://e.com/\"s"#)
    #expect(combined["agent"] == "Mozilla/4.08 (Win98; I)")
    #expect(combined["timestamp"] != nil)
    let odd = try fields(
      "COMBINEDAPACHELOG", #"::1 - - [10/Oct/2000:13:55:36 -0700] "\x16\x03\x01" 400 - "-" "-""#)
    #expect(odd["rawrequest"] == #"\x16\x03\x01"#)
    #expect(odd["bytes"] == nil && odd["agent"] == nil && odd["auth"] == nil)
    #expect(try fields("COMMONAPACHELOG", line)["agent"] == nil)
  }

  @Test func errorLogs() throws {
    let old = try fields(
      "HTTPD_ERRORLOG",
      "[Sun Dec 04 04:47:44 2005] [error] [client 218.144.240.75] Attempt to invoke directory as script: /var/www/cgi-bin/"
    )
    #expect(old["clientip"] == "218.144.240.75")
    #expect(old["loglevel"] == "error")
    let new = try fields(
      "HTTPD_ERRORLOG",
      "[Wed Oct 11 14:32:52.123456 2023] [core:error] [pid 35708:tid 4328636416] (2)No such file: [client 72.15.99.187:5000] AH00037: File missing"
    )
    #expect(new["module"] == "core" && new["pid"] == "35708" && new["clientport"] == "5000")
    #expect(new["errorcode"] == "AH00037" && new["message"] == "File missing")
  }

  @Test func syslogs() throws {
    let line = try fields(
      "SYSLOGLINE", "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; uid=0")
    #expect(line["program"] == "sshd(pam_unix)" && line["pid"] == "19939")
    #expect(line["logsource"] == "combo" && line["message"] == "authentication failure; uid=0")
    let cron = try fields(
      "CRONLOG", "Jan 11 10:00:01 srv CRON[1606]: (root) CMD (run-parts /etc/cron.hourly)")
    #expect(cron["user"] == "root" && cron["action"] == "CMD")
    #expect(cron["message"] == "run-parts /etc/cron.hourly")
    let new = try fields(
      "SYSLOG5424LINE",
      #"<165>1 2003-10-11T22:14:15.003Z host.example.com evntslog - ID47 [ex@1 a="b\]" c="d"][y@2 z="1"] An event"#
    )
    #expect(new["syslog5424_pri"] == "165" && new["syslog5424_app"] == "evntslog")
    #expect(new["syslog5424_proc"] == nil && new["syslog5424_msg"] == "An event")
    #expect(new["syslog5424_sd"] == #"[ex@1 a="b\]" c="d"][y@2 z="1"]"#)
    let pam = try fields(
      "SYSLOGPAMSESSION",
      "Jun 15 04:06:18 combo su(pam_unix)[21416]: session opened for user cyrus by (uid=0)")
    #expect(pam["username"] == "cyrus" && pam["pam_session_state"] == "opened")
    let modern = try fields(
      "SYSLOGPAMSESSION",
      "Nov  2 10:00:00 h sshd[77]: pam_unix(sshd:session): session closed for user root")
    #expect(modern["pam_module"] == "pam_unix" && modern["pam_caller"] == "sshd:session")
    let cisco = try fields(
      "CISCO_TAGGED_SYSLOG", "<166>Nov 02 2025 08:09:10 fw1 : %ASA-6-302013: Built")
    #expect(cisco["ciscotag"] == "ASA-6-302013" && cisco["sysloghost"] == "fw1")
  }

  @Test func proxies() throws {
    let http = try fields(
      "HAPROXYHTTP",
      #"Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1""#
    )
    #expect(http["client_ip"] == "10.0.1.2" && http["backend_name"] == "static")
    #expect(http["server_name"] == "srv1" && http["time_duration"] == "109")
    #expect(http["captured_request_headers"] == "1wt.eu" && http["http_request"] == "/index.html")
    #expect(http["captured_request_cookie"] == nil && http["termination_state"] == "----")
    let tcp = try fields(
      "HAPROXYTCP",
      "Feb  6 12:12:56 localhost haproxy[14387]: 10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0"
    )
    #expect(tcp["bytes_read"] == "212" && tcp["retries"] == "3")
    let squid = try fields(
      "SQUID3",
      "1286536309.450     769 192.168.0.68 TCP_MISS/200 8056 GET http://example.com/x - DIRECT/10.9.8.7 text/html"
    )
    #expect(
      squid["cache_result"] == "TCP_MISS" && squid["server"] == "10.9.8.7" && squid["user"] == nil)
  }

  @Test func databases() throws {
    let redis = try fields(
      "REDISMONLOG", #"1339518083.107412 [0 127.0.0.1:60866] "keys" "*""#)
    #expect(redis["command"] == "keys" && redis["port"] == "60866" && redis["params"] == #""*""#)
    #expect(
      try fields("REDISLOG", "[4018] 14 Nov 07:01:22.119 * Background saving")["pid"] == "4018")
    let mongo = try fields(
      "MONGO3_LOG",
      "2014-11-03T18:28:32.450-0500 I NETWORK [initandlisten] waiting for connections on port 27017"
    )
    #expect(mongo["severity"] == "I" && mongo["component"] == "NETWORK")
    #expect(mongo["context"] == "initandlisten")
    let slow = try fields(
      "MONGO_SLOWQUERY",
      "query db-1.users query: { name: 1 } ntoreturn:0 ntoskip:0 nscanned:42 keyUpdates:0 nreturned:1 reslen:50 17ms"
    )
    #expect(slow["collection"] == "users" && slow["nscanned"] == "42" && slow["duration"] == "17")
    let bind = try fields(
      "BIND9",
      "17-Feb-2018 23:06:56.326 queries: info: client 172.26.0.1#12345 (test.example.com): query: test.example.com IN A +E(0)K (172.26.0.3)"
    )
    #expect(bind["query_name"] == "test.example.com" && bind["question_type"] == "A")
    let postgres = try fields(
      "POSTGRESQL", "2014-10-31 08:40:27.000 UTC app_user host:db 4321")
    #expect(postgres["pid"] == "4321" && postgres["user_id"] == "app_user")
  }

  @Test func languages() throws {
    let part = try fields(
      "JAVASTACKTRACEPART", "\tat com.sample.stacktrace.Example.<init>(Example.java:24)")
    #expect(part["class"] == "com.sample.stacktrace.Example" && part["method"] == "<init>")
    #expect(part["line"] == "24" && part["file"] == "Example.java")
    let tomcat = try fields(
      "TOMCATLOG", "2014-01-09 20:03:28,269 -0800 | ERROR | com.example.service.Example - it broke")
    #expect(tomcat["level"] == "ERROR" && tomcat["logmessage"] == "it broke")
    let catalina = try fields(
      "CATALINALOG",
      "14-Mar-2024 10:00:00.123 INFO [main] org.apache.catalina.startup.Catalina.start Server startup in 42 ms"
    )
    #expect(catalina["class"] == "org.apache.catalina.startup.Catalina.start")
    #expect(catalina["thread"] == "main")
    let ruby = try fields(
      "RUBY_LOGGER", "E, [2013-07-10T10:10:10.123456 #1234] ERROR -- app: it broke")
    #expect(ruby["progname"] == "app" && ruby["loglevel"] == "ERROR")
    let rails = try fields(
      "RAILS3HEAD",
      #"Started POST "/api/v3/internal?x=1" for 127.0.0.1 at 2015-08-05 11:37:01 +0200"#)
    #expect(rails["verb"] == "POST" && rails["request"] == "/api/v3/internal?x=1")
    let rprocessing = try fields("RPROCESSING", "  Processing by UsersController#show as HTML")
    #expect(rprocessing["controller"] == "UsersController" && rprocessing["action"] == "show")
    #expect(try fields("RAILS3FOOT", "Completed 200 OK in 23ms (Views: 1.5ms)")["totalms"] == "23")
  }

  @Test func clouds() throws {
    let s3 = try fields(
      "S3_ACCESS_LOG",
      #"79a59df900b949e5 mybucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e5 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /mybucket?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" -"#
    )
    #expect(s3["operation"] == "REST.GET.VERSIONING" && s3["bytes"] == "113" && s3["key"] == nil)
    #expect(s3["request"] == "/mybucket?versioning" && s3["agent"] == "S3Console/0.4")
    let elb = try fields(
      "ELB_ACCESS_LOG",
      #"2015-05-13T23:39:43.945958Z my-lb 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -"#
    )
    #expect(elb["backendport"] == "80" && elb["bytes"] == "29" && elb["verb"] == "GET")
    #expect(elb["request"] == "http://www.example.com:80/" && elb["ssl_cipher"] == nil)
    let front = try fields(
      "CLOUDFRONT_ACCESS_LOG",
      "2014-05-23\t01:13:11\tFRA2\t182\t192.0.2.10\tGET\td111.cloudfront.net\t/view/my.html\t200\twww.displaymyfiles.com\tMozilla/4.0%20(x)\t-\tzip=98101\tRefreshHit\tMRVMF7KydIvxMWfJIglgwHQwZsbG2Ih==\td111.cloudfront.net\thttp\t-\t0.001\t-\t-\t-\tRefreshHit"
    )
    #expect(front["clientip"] == "192.0.2.10" && front["time_taken"] == "0.001")
    #expect(front["cookies"] == "zip=98101" && front["cs_uri_query"] == nil)
  }
}
