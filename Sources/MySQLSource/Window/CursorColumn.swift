internal import Base
internal import CMariaDB
internal import Records

/// A column or expression that a bookmark goes by.
struct CursorColumn: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// TIMESTAMP: compared in UTC.
    case utcTime(digits: Int)
    /// DATETIME: the local time of whoever wrote it.
    case localTime(digits: Int)
    /// DATE: likewise.
    case localDate
    case integer
    /// Everything else, in the server's words.
    case unusable(String)
  }

  /// As the config says it.
  var name: String
  var kind: Kind
  var isNullable: Bool
  /// Whether `name` is a column of the table, not an expression.
  var isColumn: Bool

  /// How it stands in a statement.
  var sql: String { isColumn ? SQLText.name(name) : "(\(name))" }

  var isTime: Bool {
    switch kind {
    case .utcTime, .localTime, .localDate: true
    case .integer, .unusable: false
    }
  }

  var isLocal: Bool {
    switch kind {
    case .localTime, .localDate: true
    case .utcTime, .integer, .unusable: false
    }
  }

  /// Microseconds between two neighbouring values of a time.
  var step: Int64 {
    switch kind {
    case .utcTime(let digits), .localTime(let digits):
      (0..<max(0, 6 - digits)).reduce(1) { step, _ in step * 10 }
    case .localDate: CivilTime.microsecondsPerDay
    case .integer, .unusable: 1
    }
  }

  /// A time, floored to what the column keeps.
  func floored(_ microseconds: Int64) -> Int64 {
    microseconds.floorDivided(by: step) * step
  }

  /// A time as the column's literal.
  func literal(_ microseconds: Int64) -> String { "'\(text(microseconds))'" }

  /// A time as the server writes it, with the column's digits.
  func text(_ microseconds: Int64) -> String {
    let time = CivilTime(microseconds: microseconds)
    if kind == .localDate { return time.dateText }
    let seconds = CivilTime(microseconds: microseconds.floorDivided(by: 1_000_000) * 1_000_000)
    let digits =
      switch kind {
      case .utcTime(let digits), .localTime(let digits): min(digits, 6)
      default: 0
      }
    let fraction = digits > 0 ? "." + padded(time.microsecond, 6).prefix(digits) : ""
    return "\(time.dateText) \(seconds.timeText)\(fraction)"
  }

  /// A time for people: ISO 8601, with a Z where it is UTC.
  func markText(_ microseconds: Int64) -> String {
    switch kind {
    case .localDate: CivilTime(microseconds: microseconds).dateText
    case .utcTime: CivilTime(microseconds: microseconds).text + "Z"
    default: CivilTime(microseconds: microseconds).text
    }
  }
}

extension CursorColumn {
  /// What the server says about the column of a result.
  init(name: String, isColumn: Bool, _ column: MYSQL_FIELD) {
    self.name = name
    self.isColumn = isColumn
    isNullable = column.flags & UInt32(NOT_NULL_FLAG) == 0
    let digits = Int(min(column.decimals, 6))
    switch column.type {
    case MYSQL_TYPE_TIMESTAMP, MYSQL_TYPE_TIMESTAMP2: kind = .utcTime(digits: digits)
    case MYSQL_TYPE_DATETIME, MYSQL_TYPE_DATETIME2: kind = .localTime(digits: digits)
    case MYSQL_TYPE_DATE, MYSQL_TYPE_NEWDATE: kind = .localDate
    case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG:
      kind = .integer
    default:
      let plan = ColumnPlan(column, comment: nil, zeroDates: .null)
      if case .decimal(_, scale: 0) = plan.field.type {
        kind = .integer
      } else {
        kind = .unusable(plan.field.type.description)
      }
    }
  }
}
