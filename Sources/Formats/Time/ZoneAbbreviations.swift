/// Abbreviations of zones that logs write, and the offsets that they stand for.
///
/// Several zones share some of them: the stream's own zone decides where its offset at that time
/// is one of the meanings, otherwise the first one here counts.
enum ZoneAbbreviations {
  private static func hours(_ values: Double...) -> [Int] { values.map { Int($0 * 3600) } }

  private static let offsets: [UInt64: [Int]] = {
    let named: [String: [Int]] = [
      "UTC": hours(0), "GMT": hours(0), "Z": hours(0), "UT": hours(0), "WET": hours(0),
      "WEST": hours(1), "BST": hours(1, 6), "IST": hours(5.5, 1, 2), "CET": hours(1),
      "MEZ": hours(1), "CEST": hours(2), "MESZ": hours(2), "EET": hours(2), "EEST": hours(3),
      "MSK": hours(3), "TRT": hours(3), "GST": hours(4), "PKT": hours(5), "ICT": hours(7),
      "WIB": hours(7), "SGT": hours(8), "HKT": hours(8), "AWST": hours(8), "JST": hours(9),
      "KST": hours(9), "ACST": hours(9.5), "ACDT": hours(10.5), "AEST": hours(10),
      "AEDT": hours(11), "NZST": hours(12), "NZDT": hours(13), "SAST": hours(2), "CAT": hours(2),
      "EAT": hours(3), "WAT": hours(1), "NST": hours(-3.5), "NDT": hours(-2.5),
      "AST": hours(-4, 3), "ADT": hours(-3), "EST": hours(-5, 10), "EDT": hours(-4, 11),
      "CST": hours(-6, 8, -5), "CDT": hours(-5, -4), "MST": hours(-7, 8), "MDT": hours(-6),
      "PST": hours(-8, 8), "PDT": hours(-7), "AKST": hours(-9), "AKDT": hours(-8),
      "HST": hours(-10), "BRT": hours(-3), "ART": hours(-3), "CLT": hours(-4), "CLST": hours(-3),
    ]
    return Dictionary(uniqueKeysWithValues: named.map { (key($0.key.utf8), $0.value) })
  }()

  private static func key(_ letters: some Sequence<UInt8>) -> UInt64 {
    letters.reduce(0) { $0 << 8 | UInt64($1 & 0xDF) }
  }

  /// What the letters from `index` on may stand for, in seconds east of UTC; moves behind them.
  static func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int) -> [Int] {
    let start = index
    while index < end, TimeScan.isLetter(bytes[index]) { index += 1 }
    guard (1...5).contains(index - start) else { return [] }
    return offsets[key(bytes[start..<index])] ?? []
  }
}
