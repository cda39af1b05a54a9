/// The Link header (RFC 8288).
enum LinkHeader {
  /// The target of the first link with `rel="next"`.
  static func next(_ values: [String]) -> String? {
    for value in values {
      var rest = value[...]
      while let open = rest.firstIndex(of: "<") {
        let inner = rest[rest.index(after: open)...]
        guard let close = inner.firstIndex(of: ">") else { break }
        let target = inner[..<close]
        rest = inner[inner.index(after: close)...]
        let parameters = takeParameters(&rest)
        if isNext(parameters) { return String(target) }
      }
    }
    return nil
  }

  /// What stands behind a target, up to the comma before the next one; commas in quotes do not
  /// count.
  private static func takeParameters(_ rest: inout Substring) -> [String] {
    var parameters: [String] = []
    var current = ""
    var isQuoted = false
    while let character = rest.popFirst() {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == "," && !isQuoted {
        break
      } else if character == ";" && !isQuoted {
        parameters.append(current)
        current = ""
      } else {
        current.append(character)
      }
    }
    return parameters + [current]
  }

  private static func isNext(_ parameters: [String]) -> Bool {
    parameters.contains { parameter in
      let parts = parameter.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0].filter({ $0 != " " }).lowercased() == "rel" else {
        return false
      }
      return parts[1].split(separator: " ").contains { $0.lowercased() == "next" }
    }
  }
}
