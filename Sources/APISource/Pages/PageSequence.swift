internal import Connector

/// What a page turned out to be.
struct PageFacts: Sendable {
  /// Records on it.
  var count = 0
  /// Records on it that no page of the window has had.
  var newCount = 0
  var first: Fingerprint?
  var last: Fingerprint?
  /// Of all its records in their order.
  var fingerprint = Fingerprint()
  /// How many records the server says there are in all.
  var total: Int?
  /// How many pages it says there are.
  var pageCount: Int?
  /// The cursor or URL of the next page.
  var next: String?
  /// Whether the server says that there are more; nil where it does not.
  var hasMore: Bool?
  /// The server says that there is no such page.
  var isPastEnd = false
}

/// Decides which page is asked for next, until every record of a window has been seen. Pure: what
/// it is told are facts, what it says are places.
///
/// Numbered pages and offsets shift while they are read, when records enter or leave the window
/// before the place reached. An offset starts one record early, and that record must be the last
/// one seen. Numbered pages are checked against the total that the server gives. Where that is not
/// enough, or anything is amiss, the whole window is read again, until a pass is sound or two are
/// alike.
struct PageSequence: Sendable {
  /// More passes than this over one window mean that it does not come to rest.
  static let passesMax = 6
  /// More empty pages in a row than this, each with another cursor, mean a server gone wrong.
  static let emptyPagesMax = 1000

  private let pagination: Pagination
  private var place: PagePlace? = .parameters([])
  private(set) var pass = 1
  /// The page's place in its pass, from 0.
  private(set) var index = 0
  /// Different records so far, over all passes.
  private(set) var distinctCount = 0
  /// What happened that a person may want to know, by name.
  private(set) var events: [String: Int] = [:]

  // Within the pass.
  private var offset = 0
  private var countInPass = 0
  private var newInPass = 0
  private var filledPages = 0
  private var longestPage = 0
  /// The last page had fewer records than another one.
  private var wasShorter = false
  /// The last page had fewer records than it could.
  private var wasShort = false
  private var isAmiss = false
  private var totals: Set<Int> = []
  private var total: Int?
  private var pageCount: Int?
  private var lastSeen: Fingerprint?
  /// Whether the page asked for begins with the last record of the one before.
  private(set) var startsEarly = false
  /// Some page did not: a shift before it went unseen.
  private var isBlind = false
  private var pages: Set<Fingerprint> = []
  /// Of all pages in their order.
  private var passFingerprint = Fingerprint()
  private var lastPassFingerprint = Fingerprint()
  private var repeatedInRow = 0
  private var emptyInRow = 0
  private var tokens: Set<Fingerprint> = []

  init(_ pagination: Pagination) {
    self.pagination = pagination
    beginPass()
  }

  /// The page to read next; nil when all is read.
  var next: PagePlace? { place }

  /// Whether a refusal of the next page only says that the last one was the last.
  func isEnd(status: Int) -> Bool {
    switch pagination.way {
    case .page, .offset:
      index > 0 && (status == 404 || (wasShorter && [400, 416, 422].contains(status)))
    default: false
    }
  }

  mutating func note(_ page: PageFacts) throws(ConnectorError) {
    distinctCount += page.newCount
    newInPass += page.newCount
    if let total = page.total {
      self.total = total
      totals.insert(total)
    }
    try noteRepetition(page)
    index += 1
    switch pagination.way {
    case .single: place = nil
    case .page: try notePage(page)
    case .offset: try noteOffset(page)
    case .cursor(_, let parameter), .headerCursor(_, let parameter):
      try follow(page) { .parameters([Parameter(parameter, $0)]) }
    case .after(_, let parameter):
      // A server that gives the record itself again has nothing behind it.
      let isEnd = page.count == 1 && page.first == lastSeen
      lastSeen = page.last
      if isEnd {
        place = nil
      } else {
        try follow(page) { .parameters([Parameter(parameter, $0)]) }
      }
    case .next, .link: try follow(page) { .url($0) }
    }
  }

  // MARK: Numbered pages and offsets

  private mutating func notePage(_ page: PageFacts) throws(ConnectorError) {
    guard case .page(let parameter, let start, let size, _) = pagination.way else { return }
    countInPass += page.count
    measure(page, declared: size)
    pageCount = page.pageCount ?? pageCount
    if isLast(page) { return try endPass(isNoticed: false) }
    place = .parameters([Parameter(parameter, start + index)])
  }

  private mutating func noteOffset(_ page: PageFacts) throws(ConnectorError) {
    guard case .offset(let parameter, let limit, _) = pagination.way else { return }
    if startsEarly && page.first != lastSeen { noteShift() }
    countInPass += page.count - (startsEarly && page.first == lastSeen ? 1 : 0)
    measure(page, declared: limit)
    if isLast(page) || (startsEarly && page.count == 1) {
      return try endPass(isNoticed: !isBlind)
    }
    lastSeen = page.last
    startsEarly = pagination.verifies && page.count > 1
    if !startsEarly { isBlind = true }
    offset += page.count - (startsEarly ? 1 : 0)
    place = .parameters([Parameter(parameter, offset)])
  }

  private mutating func measure(_ page: PageFacts, declared: Int?) {
    guard page.count > 0 else { return }
    filledPages += 1
    longestPage = max(longestPage, page.count)
    wasShorter = page.count < longestPage
    wasShort = page.count < max(longestPage, declared ?? 0)
  }

  private func isLast(_ page: PageFacts) -> Bool {
    if page.isPastEnd || page.count == 0 || page.hasMore == false { return true }
    if let pageCount, index >= pageCount { return true }
    // Some servers stop counting at a bound: behind a full page there may be more.
    return (wasShorter || filledPages == 1) && total.map { countInPass >= $0 } ?? false
  }

  private mutating func noteShift() {
    isAmiss = true
    events["shifted_pages", default: 0] += 1
  }

  /// - Parameter isNoticed: whether a shift would have been seen.
  private mutating func endPass(isNoticed: Bool) throws(ConnectorError) {
    place = nil
    if totals.count > 1 { events["changed_totals", default: 0] += 1 }
    // Records that leave change what is on the pages before the place reached: two passes that are
    // alike saw a window at rest.
    let isAlike = pass > 1 && passFingerprint == lastPassFingerprint
    if isAlike || isSound(isNoticed: isNoticed) {
      if let total, totals.count == 1, total > distinctCount {
        events["below_total"] = total - distinctCount
      }
      return
    }
    guard pass < Self.passesMax else {
      if newInPass == 0 {
        events["unsettled", default: 0] += 1
        return
      }
      throw ConnectorError(
        .interrupted,
        "the pages keep changing while they are read: \(pass) times over the same window, and the "
          + "last one still brought \(newInPass) new records",
        remedy: "Choose a shorter bookmark window, a longer settle, or a way of paging that stays "
          + "still, such as a cursor.")
    }
    lastPassFingerprint = passFingerprint
    pass += 1
    events["passes", default: 1] += 1
    beginPass()
  }

  /// Whether nothing can have slipped between the pages of this pass.
  private func isSound(isNoticed: Bool) -> Bool {
    if isAmiss { return false }
    if isNoticed { return true }
    if totals.count > 1 { return false }
    if let total { return countInPass == total && (pass > 1 || distinctCount == total) }
    // One page that was not full had nothing behind it.
    return !pagination.verifies || filledPages == 0 || (filledPages == 1 && wasShort)
  }

  private mutating func beginPass() {
    index = 0
    offset = 0
    countInPass = 0
    newInPass = 0
    filledPages = 0
    longestPage = 0
    wasShort = false
    wasShorter = false
    isAmiss = false
    totals = []
    total = nil
    pageCount = nil
    lastSeen = nil
    startsEarly = false
    isBlind = false
    pages = []
    passFingerprint = Fingerprint()
    repeatedInRow = 0
    switch pagination.way {
    case .page(let parameter, let start, _, _): place = .parameters([Parameter(parameter, start)])
    case .offset(let parameter, _, _): place = .parameters([Parameter(parameter, 0)])
    default: place = .parameters([])
    }
  }

  /// Where the pages behind the next one probably are, as far as it is known that there are any.
  func placesAhead(_ count: Int) -> [PagePlace] {
    guard place != nil, index > 0, longestPage > 0 else { return [] }
    switch pagination.way {
    case .page(let parameter, let start, _, _):
      let pages = pageCount ?? total.map { ($0 - 1) / longestPage + 1 } ?? 0
      let last = min(pages, index + 1 + count)
      return (index + 1..<max(index + 1, last)).map {
        .parameters([Parameter(parameter, start + $0)])
      }
    case .offset(let parameter, _, _):
      let step = longestPage - (startsEarly ? 1 : 0)
      guard let total, step > 0, offset + step < total else { return [] }
      return stride(from: offset + step, to: total, by: step).prefix(count).map {
        .parameters([Parameter(parameter, $0)])
      }
    default: return []
    }
  }

  // MARK: Cursors and URLs

  private mutating func follow(
    _ page: PageFacts, _ placeOf: (String) -> PagePlace
  ) throws(ConnectorError) {
    guard page.hasMore != false, let next = page.next else {
      place = nil
      return
    }
    emptyInRow = page.count == 0 ? emptyInRow + 1 : 0
    guard emptyInRow <= Self.emptyPagesMax else {
      throw ConnectorError(
        .malformed, "\(emptyInRow) empty pages in a row, each with the cursor of another",
        remedy: "Report it to who runs the API; paginate.more may say where the end is.")
    }
    // Some servers give one cursor for all pages, or the last one again where nothing is behind it.
    let isRepeated = !tokens.insert(Fingerprint(next)).inserted
    if isRepeated && page.count == 0 {
      place = nil
      return
    }
    guard !isRepeated || page.newCount > 0 else {
      throw ConnectorError(
        .malformed, "the server gave the same cursor twice: its pages go in a circle",
        remedy: "Check the path and the parameter under paginate; where they are right, report it "
          + "to who runs the API.")
    }
    place = placeOf(next)
  }

  /// How often in a row pages may bring the same. With cursors of their own they may well: what
  /// records have in common (`$.included`) comes beside each of them.
  private var repeatedMax: Int {
    switch pagination.way {
    case .single, .page, .offset: 3
    case .cursor, .headerCursor, .after, .next, .link: Self.emptyPagesMax
    }
  }

  /// A page whose records came once already in this pass, in the same order: a server that is
  /// unwell, or that does not know the parameter.
  private mutating func noteRepetition(_ page: PageFacts) throws(ConnectorError) {
    guard page.count > 0 else { return }
    passFingerprint.add(page.fingerprint)
    if pages.insert(page.fingerprint).inserted {
      repeatedInRow = 0
      return
    }
    repeatedInRow += 1
    isAmiss = true
    events["repeated_pages", default: 0] += 1
    guard repeatedInRow < repeatedMax else {
      throw ConnectorError(
        .malformed, "the server gives the same records for every page",
        remedy: "Check the name of the parameter under paginate; where there is only one page, "
          + "remove paginate.")
    }
  }
}
