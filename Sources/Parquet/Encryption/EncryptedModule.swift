/// The parts of a file that are encrypted one by one.
/// - SeeAlso: parquet-format, Encryption.md, "AAD suffix".
enum EncryptedModule: UInt8, CustomStringConvertible {
  case footer = 0
  case columnMetaData = 1
  case dataPage = 2
  case dictionaryPage = 3
  case dataPageHeader = 4
  case dictionaryPageHeader = 5
  case columnIndex = 6
  case offsetIndex = 7
  case bloomFilterHeader = 8
  case bloomFilterBits = 9

  /// Whether the page's number is authenticated along.
  var hasPageOrdinal: Bool { self == .dataPage || self == .dataPageHeader }

  var isPageBody: Bool { self == .dataPage || self == .dictionaryPage }

  var description: String {
    switch self {
    case .footer: "footer"
    case .columnMetaData: "column metadata"
    case .dataPage: "data page"
    case .dictionaryPage: "dictionary page"
    case .dataPageHeader: "data page header"
    case .dictionaryPageHeader: "dictionary page header"
    case .columnIndex: "column index"
    case .offsetIndex: "offset index"
    case .bloomFilterHeader: "bloom filter header"
    case .bloomFilterBits: "bloom filter"
    }
  }
}
