public import Base

/// Dates as HTTP writes them (RFC 9110, 5.6.7), whole seconds in UTC.
public enum HTTPDate {
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, and the two forms that are older:
  /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
  public static func parse(_ text: some StringProtocol) -> Instant? {
    guard text.utf8.count <= 64 else { return nil }
    let words = text.split { $0 == " " || $0 == "," || $0 == "-" }.map { $0.lowercased() }
    guard words.count >= 5 else { return nil }
    if let month = months.firstIndex(of: words[1]) {
      guard words.count == 5 else { return nil }
      return instant(year: words[4], month: month, day: words[2], clock: words[3])
    }
    guard let month = months.firstIndex(of: words[2]), words.count == 6,
      ["gmt", "utc", "+0000"].contains(words[5])
    else { return nil }
    return instant(year: words[3], month: month, day: words[1], clock: words[4])
  }

  private static func instant(year: String, month: Int, day: String, clock: String) -> Instant? {
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false).map(number)
    guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
      var fullYear = number(year), let day = number(day)
    else { return nil }
    // Two digits: the century that keeps the date out of the far future.
    if year.utf8.count == 2 { fullYear += fullYear >= 70 ? 1900 : 2000 }
    let time = CivilTime(
      year: fullYear, month: month + 1, day: day, hour: hour, minute: minute,
      second: min(second, 59))
    guard time.isValid, second <= 60, fullYear >= 1900 else { return nil }
    return Instant(microseconds: time.microseconds)
  }

  private static func number(_ text: some StringProtocol) -> Int? {
    guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text)
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`; fractions of a second are dropped.
  public static func text(_ instant: Instant) -> String {
    let time = CivilTime(microseconds: instant.microseconds)
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let weekday = days[((time.daysSinceEpoch % 7) + 7) % 7]
    let month = months[time.month - 1].capitalizedWord
    return "\(weekday), \(padded(time.day, 2)) \(month) \(padded(time.year, 4)) "
      + "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2)) GMT"
  }
}

extension String {
  fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst() }
}
