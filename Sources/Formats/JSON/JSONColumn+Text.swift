internal import Records

/// Values of a column as text, for when it widens to that.
extension JSONColumn {
  /// Appends one value as the text that it has in a column of text.
  func appendText(_ row: Int, to output: inout [UInt8]) {
    switch kind {
    case .string, .json: texts.appendBytes(row, to: &output)
    default: appendJSON(row, to: &output)
    }
  }

  private func appendJSON(_ row: Int, to output: inout [UInt8]) {
    switch kind {
    case .undetermined: output.append(contentsOf: "null".utf8)
    case .boolean: output.append(contentsOf: (bits[row] ? "true" : "false").utf8)
    case .integer: output.append(contentsOf: String(integers[row]).utf8)
    case .decimal: output.append(contentsOf: String(decimals[row]).utf8)
    case .double: JSONTextWriter.appendNumber(doubles[row], to: &output)
    case .json: texts.appendBytes(row, to: &output)
    case .string:
      var bytes: [UInt8] = []
      texts.appendBytes(row, to: &bytes)
      JSONTextWriter.appendQuoted(bytes, to: &output)
    case .structure:
      output.append(UInt8(ascii: "{"))
      var isFirst = true
      for child in children where child.validity[row] {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        JSONTextWriter.appendQuoted(Array(child.name.utf8), to: &output)
        output.append(UInt8(ascii: ":"))
        child.appendJSON(row, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    case .list:
      output.append(UInt8(ascii: "["))
      for index in offsets[row]..<offsets[row + 1] {
        if index > offsets[row] { output.append(UInt8(ascii: ",")) }
        element?.appendElement(Int(index), to: &output)
      }
      output.append(UInt8(ascii: "]"))
    }
  }

  private func appendElement(_ index: Int, to output: inout [UInt8]) {
    if validity[index] {
      appendJSON(index, to: &output)
    } else {
      output.append(contentsOf: "null".utf8)
    }
  }
}
