/// The directives of Apache's `LogFormat`.
struct ApacheVariables {
  let zone: TimeZoneRules

  /// - Throws: `.invalidOption` where a directive is none, or a time's pattern cannot be used.
  func parts(_ format: String) throws(FormatError) -> [AccessFormatCompiler.Part] {
    var parts: [AccessFormatCompiler.Part] = []
    var bytes = Array(format.utf8)[...]
    while let byte = bytes.popFirst() {
      if byte == 0x5C, let escaped = bytes.first {
        // As the server's config file escapes.
        bytes.removeFirst()
        switch escaped {
        case UInt8(ascii: "t"): parts.append(.literal(0x09))
        case 0x22, 0x5C: parts.append(.literal(escaped))
        default: parts += [.literal(byte), .literal(escaped)]
        }
      } else if byte == 0x25 {
        parts += try directive(&bytes)
      } else {
        parts.append(.literal(byte))
      }
    }
    return parts
  }

  /// What stands behind a `%`.
  private func directive(_ bytes: inout ArraySlice<UInt8>) throws(FormatError)
    -> [AccessFormatCompiler.Part]
  {
    let start = bytes
    var argument: String?
    // %>s, %!200,304{Referer}i
    while let byte = bytes.first,
      byte == 0x3E || byte == 0x3C || byte == 0x21 || byte == 0x2C
        || byte &- 0x30 <= 9
    {
      bytes.removeFirst()
    }
    if bytes.first == 0x7B {
      guard let end = bytes.firstIndex(of: 0x7D) else {
        throw AccessFormatCompiler.invalid("has a { without a }")
      }
      argument = String(decoding: bytes[bytes.startIndex + 1..<end], as: UTF8.self)
      bytes = bytes[(end + 1)...]
    }
    var letter = String(decoding: bytes.prefix(1), as: UTF8.self)
    bytes = bytes.dropFirst()
    if letter == "^" {
      letter += String(decoding: bytes.prefix(2), as: UTF8.self)
      bytes = bytes.dropFirst(2)
    }
    let shown = "%" + String(decoding: start[start.startIndex..<bytes.startIndex], as: UTF8.self)
    if letter == "%" { return [.literal(0x25)] }
    if letter == "t" {
      let parts = Self.moreOfTime(&bytes, argument)
      return try time(shown, parts)
    }
    guard let variable = Self.variable(shown, letter, argument) else {
      throw AccessFormatCompiler.invalid("has a directive that is not known, \(shown.prefix(40))")
    }
    return [.variable(variable)]
  }

  /// The pattern of a time that several directives write: `%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t`.
  private static func moreOfTime(_ bytes: inout ArraySlice<UInt8>, _ first: String?) -> String? {
    guard var pattern = first.map(withoutMoment), pattern == "sec" || pattern.contains("%") else {
      return first
    }
    while true {
      // A mark or two, and another directive.
      let literal = bytes.prefix(3).prefix { $0 != 0x25 && $0 != 0x5C }
      let rest = bytes.dropFirst(literal.count)
      guard rest.starts(with: "%{".utf8), let end = rest.firstIndex(of: 0x7D),
        rest[(end + 1)...].first == UInt8(ascii: "t")
      else { return pattern }
      var next = withoutMoment(String(decoding: rest[(rest.startIndex + 2)..<end], as: UTF8.self))
      let isFraction = next == "msec_frac" || next == "usec_frac"
      if isFraction, literal.last == 0x2E || literal.last == 0x2C { next = "%f" }
      guard next.contains("%") else { return pattern }
      if pattern == "sec" { pattern = "%s" }
      pattern += String(decoding: literal, as: UTF8.self) + next
      bytes = rest[(end + 2)...]
    }
  }

  /// Without the word that says whether the request began or ended then.
  private static func withoutMoment(_ argument: String) -> String {
    for word in ["begin:", "end:"] where argument.hasPrefix(word) {
      return String(argument.dropFirst(word.count))
    }
    return argument
  }

  /// `%t` writes its brackets itself.
  private func time(_ shown: String, _ argument: String?) throws(FormatError)
    -> [AccessFormatCompiler.Part]
  {
    guard let argument = argument.map(Self.withoutMoment), argument != "begin", argument != "end"
    else {
      let variable = AccessVariable(shown, "time", .time(.common))
      return [.literal(0x5B), .variable(variable), .literal(0x5D)]
    }
    switch argument {
    case "sec": return [.variable(AccessVariable(shown, "time", .time(.epoch)))]
    case "msec", "usec":
      let pattern = try TimePattern(argument == "msec" ? "epoch_ms" : "epoch_us", zone: zone)
      return [.variable(AccessVariable(shown, "time", .time(pattern)))]
    case "msec_frac", "usec_frac": return [.variable(AccessVariable(shown, argument))]
    default:
      let pattern = try TimePattern(argument, zone: zone)
      return [.variable(AccessVariable(shown, "time", .time(pattern)))]
    }
  }

  private static func variable(_ shown: String, _ letter: String, _ argument: String?)
    -> AccessVariable?
  {
    let plain = argument.map { FieldNames.plain($0) } ?? ""
    func named(_ name: String, _ kind: FieldKind = .escaped) -> AccessVariable {
      AccessVariable(shown, name, kind)
    }
    switch letter {
    case "h": return named("remote_host")
    case "a": return named(argument == "c" ? "peer_ip" : "client_ip")
    case "A": return named("local_ip")
    case "l": return named("ident")
    case "u": return named("user")
    case "r": return .request(shown)
    case "s": return named("status", .int)
    case "b": return named("bytes", .bigint)
    case "B": return named("body_bytes", .bigint)
    case "O": return named("bytes_sent", .bigint)
    case "I": return named("bytes_received", .bigint)
    case "S": return named("bytes_transferred", .bigint)
    case "D": return named("duration_us", .bigint)
    case "T":
      return named(
        argument == "ms" || argument == "us" ? "duration_" + plain : "duration_s", .bigint)
    case "v": return named("vhost")
    case "V": return named("server_name")
    case "p":
      return named(argument == "local" || argument == "remote" ? plain + "_port" : "port", .int)
    case "f": return named("filename")
    case "H": return named("request_protocol")
    case "m": return named("request_method")
    case "U": return named("url_path")
    case "q": return named("query")
    case "P": return named(argument == "tid" || argument == "hextid" ? "tid" : "pid")
    case "X": return named("connection_status")
    case "k": return named("keepalive_requests", .bigint)
    case "L": return named("log_id")
    case "R": return named("handler")
    case "i":
      // Addresses that proxies append, with a comma and a space between them.
      let isList = plain == "x_forwarded_for"
      return argument == nil ? nil : AccessVariable(shown, plain, isList: isList)
    case "o": return argument == nil ? nil : named("response_" + plain)
    case "C": return argument == nil ? nil : named("cookie_" + plain)
    case "e": return argument == nil ? nil : named("env_" + plain)
    case "n": return argument == nil ? nil : named("note_" + plain)
    case "x": return argument == nil ? nil : named(plain)
    case "^ti": return argument == nil ? nil : named("trailer_" + plain)
    case "^to": return argument == nil ? nil : named("response_trailer_" + plain)
    default: return nil
    }
  }
}
