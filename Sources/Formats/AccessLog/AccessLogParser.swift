internal import Kernels
internal import Records

/// Lines of an access log to columns: most texts are views into the block that they came in.
final class AccessLogParser: LineParser {
  private let isCombined: Bool
  private var columns: AccessLogColumns
  private var block = LineBlock([])
  private var blockIsText = true
  private var position = 0
  private var line = 0

  init(_ options: LineOptions, knownSchema: Schema?, isCombined: Bool) throws(FormatError) {
    if let field = options.declared.first {
      throw FormatError(
        .invalidOption, "the columns of an access log have their types already",
        remedy: "Remove 'columns'; cast in a query or a derived stream.", place: field.name)
    }
    self.isCombined = isCombined
    columns = AccessLogColumns(
      isCombined: isCombined, hasExtra: knownSchema?["extra"] != nil)
  }

  var rowCount: Int { columns.rowCount }
  var byteCount: Int { columns.byteCount }
  func finish() -> Batch { columns.finish() }

  func begin(_ block: LineBlock) throws(FormatError) {
    self.block = block
    position = 0
    line = block.firstLine
    blockIsText = TextValidation.isUTF8(block.bytes.span, 0..<block.count)
    columns.begin(block.bytes)
  }

  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool {
    block.bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      var fields = ScanAccessLine()
      for _ in 0..<Self.stepRowsMax where position < block.count {
        let end = scanNewline(base, position..<block.count) ?? block.count
        let range = trimmed(base, position..<end)
        if !range.isEmpty {
          let fault = scanAccessLine(base, range, isCombined: isCombined, into: &fields)
          if fault == .none {
            append(fields, bytes, range, &outcome)
          } else {
            outcome.rejects.append(
              LineReject(line: line, bytes: bytes[range], reason: reason(fault)))
          }
        }
        position = end + 1
        line += 1
      }
    }
    return position < block.count
  }

  /// The line without a carriage return at its end, and without zeros at its start, which a
  /// writer leaves that goes on at its old place in a truncated file.
  private func trimmed(_ base: UnsafePointer<UInt8>, _ line: Range<Int>) -> Range<Int> {
    var (start, end) = (line.lowerBound, line.upperBound)
    while end > start, base[end - 1] == 0x0D || base[end - 1] == 0x20 { end -= 1 }
    while start < end, base[start] == 0 { start += 1 }
    return start..<end
  }

  private func append(
    _ fields: ScanAccessLine, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
    _ outcome: inout LineOutcome
  ) {
    outcome.rowLines.append(line)
    var isText = true
    if !blockIsText {
      isText = TextValidation.isUTF8(block.bytes.span, range)
      if !isText { outcome.repairedCount += 1 }
    }
    let isPlain = isText && !containsBackslash(bytes, range)
    columns.append(fields, isPlain: isPlain, bytes)
  }

  private func containsBackslash(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    scanContains(bytes, range, 0x5C)
  }

  private func reason(_ fault: ScanAccessFault) -> String {
    let expected =
      switch fault {
      case .none: ""
      case .host: "expected a host and a space at the start"
      case .ident: "expected an identity, or -, behind the host"
      case .user: "expected a user, or -, and [ behind the identity"
      case .time: "expected a time such as [10/Oct/2000:13:55:36 -0700] behind the user"
      case .request: "expected a request in quotes behind the time"
      case .status: "expected a status of three digits, or -, behind the request"
      case .bytes: "expected a number of bytes, or -, behind the status"
      case .referer: "expected a referer in quotes behind the bytes"
      case .agent: "expected a user agent in quotes behind the referer"
      case .end: "expected the end of the line behind the bytes; 'combined' has more fields"
      }
    return "not an access log: \(expected)"
  }
}
