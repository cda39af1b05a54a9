/// The variables of nginx's `log_format`.
enum NginxVariables {
  /// - Throws: `.invalidOption` where a `$` has no name.
  static func parts(_ format: String) throws(FormatError) -> [AccessFormatCompiler.Part] {
    var parts: [AccessFormatCompiler.Part] = []
    var bytes = Array(format.utf8)[...]
    while let byte = bytes.popFirst() {
      guard byte == 0x24 else {
        parts.append(.literal(byte))
        continue
      }
      let isBraced = bytes.first == 0x7B
      if isBraced { bytes.removeFirst() }
      let name = bytes.prefix { TimeScan.isLetter($0) || $0 &- 0x30 <= 9 || $0 == 0x5F }
      bytes = bytes.dropFirst(name.count)
      guard !name.isEmpty, !isBraced || bytes.popFirst() == 0x7D else {
        throw AccessFormatCompiler.invalid("has a $ without a name")
      }
      parts.append(.variable(variable(String(decoding: name, as: UTF8.self))))
    }
    return parts
  }

  private static func variable(_ name: String) -> AccessVariable {
    let shown = "$" + name
    switch name {
    case "request": return .request(shown)
    case "time_local": return AccessVariable(shown, name, .time(.common))
    case "time_iso8601": return AccessVariable(shown, name, .iso)
    case "msec": return AccessVariable(shown, name, .time(.epoch))
    case "status", "server_port", "remote_port", "proxy_port":
      return AccessVariable(shown, name, .int)
    case "body_bytes_sent", "bytes_sent", "request_length", "connection", "connection_requests",
      "pid", "content_length", "bytes_received", "tcpinfo_rtt", "tcpinfo_rttvar",
      "tcpinfo_snd_cwnd", "tcpinfo_rcv_space":
      return AccessVariable(shown, name, .bigint)
    case "request_time", "gzip_ratio", "connection_time", "session_time":
      return AccessVariable(shown, name, .double)
    default:
      let isList = name.hasPrefix("upstream_") || name.hasSuffix("x_forwarded_for")
      return AccessVariable(shown, name, isList: isList)
    }
  }
}
