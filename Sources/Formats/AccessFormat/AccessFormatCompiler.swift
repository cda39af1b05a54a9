internal import Records

/// Compiles formats of nginx and Apache.
struct AccessFormatCompiler {
  let zone: TimeZoneRules
  /// Whether a variable whose name has a column fills that one.
  let reusesNames: Bool

  /// What a format consists of.
  enum Part {
    case literal(UInt8)
    case variable(AccessVariable)
  }

  private static let formatBytesMax = 8192
  private static let variablesMax = 200

  /// - Throws: `.invalidOption` where the format has no variables, or one that is none.
  func compile(_ format: String, _ names: inout FieldNames) throws(FormatError) -> AccessTemplate {
    guard format.utf8.count <= Self.formatBytesMax else {
      throw Self.invalid("has more than \(Self.formatBytesMax) bytes")
    }
    let isNginx = format.contains("$")
    let parts =
      isNginx ? try NginxVariables.parts(format) : try ApacheVariables(zone: zone).parts(format)
    var template = AccessTemplate(prefix: [], items: [])
    var pending: [AccessVariable] = []
    var literal: [UInt8] = []
    for part in parts {
      switch part {
      case .literal(let byte):
        if !pending.isEmpty { add(&pending, &literal, &template, &names) }
        literal.append(byte)
      case .variable(let variable):
        if pending.isEmpty { close(&literal, &template) }
        pending.append(variable)
      }
    }
    if !pending.isEmpty { add(&pending, &literal, &template, &names) }
    close(&literal, &template)
    guard !template.items.isEmpty else {
      throw Self.invalid("has no variables")
    }
    guard template.items.count <= Self.variablesMax else {
      throw Self.invalid("has more than \(Self.variablesMax) variables")
    }
    return template
  }

  /// Ends what came before with the literal.
  private func close(_ literal: inout [UInt8], _ template: inout AccessTemplate) {
    if template.items.isEmpty {
      template.prefix = literal
    } else {
      template.items[template.items.count - 1].terminator = literal
    }
    literal = []
  }

  /// Adds the variables that stand side by side.
  private func add(
    _ pending: inout [AccessVariable], _ literal: inout [UInt8], _ template: inout AccessTemplate,
    _ names: inout FieldNames
  ) {
    let before = template.items.last?.terminator.last ?? template.prefix.last ?? 0
    var item: AccessTemplate.Item
    if pending.count == 1 {
      item = AccessTemplate.Item(
        name: pending[0].shown, column: 0, value: pending[0].value, isList: pending[0].isList)
    } else {
      item = AccessTemplate.Item(
        name: pending.map(\.shown).joined(), column: 0, value: .field(.escaped))
    }
    let name = pending.map(\.name).joined(separator: "_")
    item.isQuoted = before == 0x22
    // A clock, and what stands in brackets.
    if case .field(.time) = item.value { item.hasSpaces = true }
    if before == 0x5B || before == 0x28 || before == 0x7B { item.hasSpaces = true }
    if case .request = item.value {
      item.hasSpaces = true
      item.column = place("method", .string, &names)
      for part in ["path", "protocol", "request"] { _ = place(part, .string, &names) }
    } else if case .field(let kind) = item.value {
      item.column = place(name, kind.type, &names)
    }
    template.items.append(item)
    pending = []
  }

  private func place(_ name: String, _ type: DataType, _ names: inout FieldNames) -> Int {
    if reusesNames, let place = names.place(name) { return place }
    return names.add(FieldColumn(name, type))
  }

  static func invalid(_ what: String) -> FormatError {
    FormatError(
      .invalidOption, "the access log's format \(what)",
      remedy: "Write it as nginx's log_format or Apache's LogFormat has it, such as "
        + "'$remote_addr [$time_local] \"$request\" $status' or '%h %t \"%r\" %>s'.",
      place: "format")
  }
}

/// A variable of a format.
struct AccessVariable {
  /// As the format writes it.
  var shown: String
  /// The column's name.
  var name: String
  var value: AccessTemplate.Item.Value
  var isList = false

  init(_ shown: String, _ name: String, _ kind: FieldKind = .escaped, isList: Bool = false) {
    self.shown = shown
    self.name = name
    value = .field(kind)
    self.isList = isList
  }

  static func request(_ shown: String) -> AccessVariable {
    var variable = AccessVariable(shown, "request")
    variable.value = .request
    return variable
  }
}
