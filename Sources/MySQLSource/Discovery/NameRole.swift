/// What the name of a column or table usually means, judged by its words.
enum NameRole {
  private static let updated: Set<String> = [
    "updated", "update", "upd", "updtime", "modified", "modify", "modification", "mod", "changed",
    "change", "edited", "touched", "mtime", "lastmod", "lastupdate", "lastmodified",
  ]
  private static let created: Set<String> = [
    "created", "create", "creation", "inserted", "insert", "added", "add", "crtime", "ctime",
    "registered", "placed", "occurred", "occured", "happened", "logged", "received", "recorded",
    "ordered", "issued", "sent", "visited", "clicked", "viewed", "measured", "event",
  ]
  /// Alone, these are when a row was written.
  private static let bare: Set<String> = ["ts", "time", "timestamp", "date", "datetime", "at"]
  private static let deleted: Set<String> = ["deleted", "delete", "removed", "trashed", "erased"]
  private static let growing: Set<String> = [
    "log", "logs", "event", "events", "audit", "audits", "history", "histories", "hist", "click",
    "clicks", "hit", "hits", "visit", "visits", "view", "views", "impression", "impressions",
    "activity", "activities", "journal", "journals", "changelog", "changelogs", "metric",
    "metrics", "measurement", "measurements", "reading", "readings", "sample", "samples", "trail",
    "trails", "ledger", "tracking", "telemetry", "pageview", "pageviews", "transition",
    "transitions",
  ]
  /// Columns whose values change while a row lives.
  private static let changing: Set<String> = [
    "status", "state", "stage", "phase", "version", "revision", "enabled", "active", "balance",
    "processed", "retries", "attempts", "locked",
  ]

  /// A time of the last change: `updated_at`, `lastModified`, `date_upd`.
  static func isUpdated(_ name: String) -> Bool { !updated.isDisjoint(with: words(name)) }

  /// The time at which a row came: `created_at`, `inserted`, `ts`.
  static func isCreated(_ name: String) -> Bool {
    let words = words(name)
    if isUpdated(name) || isDeleted(name) { return false }
    return !created.isDisjoint(with: words) || words.count == 1 && !bare.isDisjoint(with: words)
  }

  /// A mark that a row counts as deleted: `deleted_at`, `is_deleted`.
  static func isDeleted(_ name: String) -> Bool {
    let words = words(name)
    // `deleted_by` says who.
    return !deleted.isDisjoint(with: words) && !words.contains("by") && !words.contains("reason")
  }

  /// A value that changes while its row lives: `status`.
  static func isChanging(_ name: String) -> Bool {
    words(name).last.map(changing.contains) ?? false
  }

  /// A table to which rows are only added: `audit_log`, `page_views`.
  static func isGrowing(table name: String) -> Bool {
    let words = words(name).filter { !$0.allSatisfy(\.isNumber) }
    guard let last = words.last else { return false }
    return growing.contains(last) || words.first == "audit"
  }

  /// `lastUpdate_TS` → `last`, `update`, `ts`.
  static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var wasLower = false
    for character in name {
      let isBreak = !character.isLetter && !character.isNumber
      if isBreak || character.isUppercase && wasLower {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if !isBreak { word += character.lowercased() }
      wasLower = character.isLowercase || character.isNumber
    }
    if !word.isEmpty { words.append(word) }
    return words
  }
}
