/// Sizes and durations as people write and read them.
public enum Units {
  /// Parses `256MB`, `64 KiB`, `1.5GB`, `4096`. Decimal prefixes are powers of 1000 in name and of
  /// 1024 with an `i`.
  public static func bytes(_ text: String) -> Int? {
    let factors: [String: Double] = [
      "": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "k": 1e3, "m": 1e6, "g": 1e9,
      "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
    ]
    guard let (number, unit) = split(text), let factor = factors[unit] else { return nil }
    let bytes = number * factor
    return bytes <= 9e18 ? Int(bytes) : nil
  }

  /// Parses `10m`, `1d`, `90s`, `500ms`, `2h`, `1w`; seconds.
  public static func seconds(_ text: String) -> Double? {
    let factors: [String: Double] = [
      "ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800,
    ]
    guard let (number, unit) = split(text) else { return nil }
    if unit.isEmpty { return number == 0 ? 0 : nil }
    return factors[unit].map { number * $0 }
  }

  private static func split(_ text: String) -> (Double, String)? {
    let trimmed = text.lowercased().filter { $0 != " " && $0 != "_" }
    let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), number.isFinite, number >= 0 else { return nil }
    return (number, String(trimmed.dropFirst(digits.count)))
  }

  /// `717 MB`, `1.2 GB`, `312 B`: three significant digits, powers of 1000.
  public static func describe(bytes: Int) -> String {
    var value = Double(bytes)
    for unit in ["B", "kB", "MB", "GB", "TB"] {
      if value < 999.5 || unit == "TB" {
        return unit == "B" ? "\(bytes) B" : "\(significant(value)) \(unit)"
      }
      value /= 1000
    }
    return "\(bytes) B"
  }

  /// `0.42 s`, `12.3 s`, `4m 10s`, `2h 5m`.
  public static func describe(seconds: Double) -> String {
    if seconds < 0.0995 { return "\(Int((seconds * 1000).rounded())) ms" }
    if seconds < 99.95 { return "\(significant(seconds)) s" }
    let whole = Int(min(seconds, 1e15).rounded())
    if whole < 3600 { return "\(whole / 60)m \(whole % 60)s" }
    if whole < 172_800 { return "\(whole / 3600)h \(whole % 3600 / 60)m" }
    return "\(whole / 86_400)d \(whole % 86_400 / 3600)h"
  }

  /// `6,001,215`.
  public static func describe(count: Int) -> String {
    var digits = Array(String(count.magnitude))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return (count < 0 ? "-" : "") + String(digits)
  }

  /// `1 file`, `12 files`.
  public static func describe(_ count: Int, _ noun: String) -> String {
    "\(describe(count: count)) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func significant(_ value: Double) -> String {
    if value >= 99.95 { return String(Int(value.rounded())) }
    let scale: Double = value >= 9.995 ? 10 : 100
    let text = String((value * scale).rounded() / scale)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
