extension Encoding {
  /// By its name in the format; `DICTIONARY` too. Case does not matter, nor do `_` and `-` differ.
  public init?(name: String) {
    let upper = name.uppercased().replacing("-", with: "_")
    if upper == "DICTIONARY" {
      self = .rleDictionary
      return
    }
    let known: [Encoding] = [
      .plain, .plainDictionary, .rle, .bitPacked, .deltaBinaryPacked, .deltaLengthByteArray,
      .deltaByteArray, .rleDictionary, .byteStreamSplit,
    ]
    guard let found = known.first(where: { $0.description == upper }) else { return nil }
    self = found
  }

  /// The encodings that values of a type can be written in, the plainest first.
  public static func possible(for type: PrimitiveType) -> [Encoding] {
    switch type {
    case .boolean: [.plain, .rle]
    case .int32, .int64: [.plain, .rleDictionary, .deltaBinaryPacked, .byteStreamSplit]
    case .float, .double: [.plain, .rleDictionary, .byteStreamSplit]
    case .byteArray: [.plain, .rleDictionary, .deltaLengthByteArray, .deltaByteArray]
    case .fixedLengthByteArray: [.plain, .rleDictionary, .byteStreamSplit, .deltaByteArray]
    case .int96: []
    }
  }

  /// The one to write where this is asked for: the old number of dictionaries gives way to the new.
  var written: Encoding { self == .plainDictionary ? .rleDictionary : self }
}

extension PrimitiveType {
  /// As the format spells it.
  public var name: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .int32: "INT32"
    case .int64: "INT64"
    case .int96: "INT96"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .byteArray: "BYTE_ARRAY"
    case .fixedLengthByteArray: "FIXED_LEN_BYTE_ARRAY"
    }
  }
}
