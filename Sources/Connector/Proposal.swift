/// What a source proposes to configure after a look at the system behind a URL: for
/// `tidemark init --from`.
public struct Proposal: Sendable {
  /// A name for the source, such as its database's.
  public var suggestedName: String
  /// What was looked at, without secrets: `MariaDB 10.11.6, database shop at db:3306`.
  public var place: String
  /// The source's key that takes the name of an environment variable with the URL.
  public var urlKey: String
  /// What such a URL looks like, for people.
  public var urlForm: String
  /// The source's keys and values where it needs no URL in a variable.
  public var sourceOptions: [ConfigValue.Entry]?
  /// About the source as a whole.
  public var remarks: [ProposalRemark]
  /// In the order in which they are to be written.
  public var streams: [ProposedStream]
  /// What is there and was left out, and why.
  public var leftOut: [String]

  public init(
    suggestedName: String, place: String, urlKey: String, urlForm: String,
    sourceOptions: [ConfigValue.Entry]? = nil, remarks: [ProposalRemark] = [],
    streams: [ProposedStream], leftOut: [String] = []
  ) {
    self.suggestedName = suggestedName
    self.place = place
    self.urlKey = urlKey
    self.urlForm = urlForm
    self.sourceOptions = sourceOptions
    self.remarks = remarks
    self.streams = streams
    self.leftOut = leftOut
  }
}

/// A stream as it could be configured, and why so.
public struct ProposedStream: Sendable {
  /// What follows the source's name and a point: a table, or a pattern.
  public var item: String
  /// What it stands for now: one table, or those that the pattern matches.
  public var members: [String]
  /// Keys and values under the stream, valid for the source's type.
  public var options: [ConfigValue.Entry]
  /// In the order in which a person should read them.
  public var remarks: [ProposalRemark]
  /// Estimates.
  public var rows: Int?
  public var bytes: Int?

  public init(
    item: String, members: [String], options: [ConfigValue.Entry] = [],
    remarks: [ProposalRemark] = [], rows: Int? = nil, bytes: Int? = nil
  ) {
    self.item = item
    self.members = members
    self.options = options
    self.remarks = remarks
    self.rows = rows
    self.bytes = bytes
  }
}

/// One thing that a person should know about a proposal.
public struct ProposalRemark: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// Why it is proposed so.
    case reason
    /// What could be written instead.
    case alternative
    /// What makes it slow or less exact than it could be.
    case warning
  }

  public var kind: Kind
  public var text: String
  /// What would mend it, to be copied as it is.
  public var statement: String?

  public init(_ kind: Kind, _ text: String, statement: String? = nil) {
    self.kind = kind
    self.text = text
    self.statement = statement
  }
}
