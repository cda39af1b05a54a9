internal import Connector

/// The keys of the config that belong to HTTP APIs, with the sentence that explains each.
enum APIKeys {
  private static let count = 1...Int.max

  static let source: [ConfigKey] = [
    ConfigKey(
      "base_url", .string, isRequired: true,
      "The address that the paths of the streams follow, without credentials."),
    ConfigKey(
      "auth", .map(auth),
      "How to prove who is asking: one of bearer_env, header, basic, query, oauth2, hmac, sigv4."),
    ConfigKey("headers", .dictionary(.string), "Headers to send with every request."),
    ConfigKey(
      "rate",
      .map([
        ConfigKey(
          "per_minute", .integer(1...1_000_000), "Requests that may start in any minute."),
        ConfigKey(
          "concurrent", .integer(1...1000),
          "Requests that may be under way at a time; 8 by default."
        ),
      ]), "The budget of calls that the streams of the source share."),
    ConfigKey(
      "timeout",
      .oneOf([
        .duration,
        .map([
          ConfigKey("connect", .duration, "Until the connection stands; 30s by default."),
          ConfigKey("idle", .duration, "Without a byte of the response; 30s by default."),
          ConfigKey("total", .duration, "From the start to the last byte; 1m by default."),
        ]),
      ]), "How long one request may take; 1m by default."),
    ConfigKey(
      "breaker",
      .map([
        ConfigKey("failures", .integer(1...1_000_000), "Failures in a row; 10 by default."),
        ConfigKey("pause", .duration, "Until one request tries again; 10s by default."),
      ]), "After how many failures the server is left alone, and for how long."),
    ConfigKey(
      "http_version", .choice(["auto", "1.1"]),
      "auto, the default: 2 where TLS is and the server knows it, else 1.1."),
    zone,
    ConfigKey("retries", .integer(0...100), "How often a request is sent again; 5 by default."),
    ConfigKey("response_max", .bytes, "The largest response that is read; 64MB by default."),
    ConfigKey(
      "identity", .string,
      "What the bookmarks know the API by where its address may change; by default the address."),
  ]

  static let stream: [ConfigKey] = [
    ConfigKey("request", .map(request), isRequired: true, "What to ask the server for."),
    ConfigKey(
      "body", BodySettings.schema,
      "What responses are written in; by default what each says of itself. CSV takes the options of "
        + "the log format: {csv: {delimiter: ';', header: false}}."),
    ConfigKey(
      "charset", .string,
      "What responses are encoded in; by default what they say, a byte order mark, or utf-8."),
    ConfigKey(
      "allow_empty", .boolean,
      "Whether a response without a body has no records, instead of being an error; false."),
    ConfigKey(
      "records", .string,
      "Where the records are in a response: $.data, $.groups[*].members[*], or //item for XML; "
        + "by default the response is their array."),
    ConfigKey(
      "include", .dictionary(.string),
      "Fields for each record from what it lies in: {group_id: $.groups[*].id}."),
    ConfigKey("paginate", .map(paginate), "How one response leads to the next."),
    ConfigKey(
      "cache", .boolean,
      "Whether an endpoint that is read whole in one response is asked only for another one than "
        + "the last (ETag, Last-Modified); true by default."),
    ConfigKey(
      "bookmark", .map(bookmark),
      "By what new records are known; without it, the endpoint is read in full every run."),
    ConfigKey(
      "flatten", .oneOf([.boolean, .integer(0...16)]),
      "Whether nested objects become columns of their own, instead of one struct, or how many "
        + "levels of them; false by default."),
    arraysKey,
    ConfigKey(
      "children", children(depth: 1),
      "Arrays of each record whose objects fill tables of their own: {lines: $.lines}."),
    ConfigKey(
      "columns", .dictionary(.string),
      "Types of columns where they should not be inferred, and how times are written: {price: "
        + "'decimal(10,2)', day: 'date(%d.%m.%Y)', at: 'timestamp(epoch_ms)'}."),
    zone,
  ]

  private static let arraysKey = ConfigKey(
    "arrays", .choice(["lists", "json"]),
    "What arrays in the records become: lists, the default, or JSON text.")

  private static let zone = ConfigKey(
    "time_zone", .string,
    "The zone of times that name none, such as Europe/Berlin or +02:00; UTC.")

  private static func children(depth: Int) -> ConfigSchema {
    var keys: [ConfigKey] = [
      ConfigKey(
        "path", .string, isRequired: true, "Where the array is in its parent: $.lines."),
      ConfigKey(
        "key", .oneOf([.string, .list(.string)]), "Fields that tell the children of a parent apart."
      ),
      ConfigKey(
        "keep", .boolean, "Whether the array stays in the parent's row as well; false by default."),
      ConfigKey(
        "flatten", .oneOf([.boolean, .integer(0...16)]), "As the stream's, for this table."),
      arraysKey,
      ConfigKey("columns", .dictionary(.string), "As the stream's, for this table."),
    ]
    if depth < ChildTable.depthMax {
      keys.append(
        ConfigKey("children", children(depth: depth + 1), "Arrays of each child, likewise."))
    }
    return .dictionary(.oneOf([.string, .map(keys)]))
  }

  private static let request: [ConfigKey] = [
    ConfigKey("path", .string, isRequired: true, "The path behind the source's base_url."),
    ConfigKey(
      "method", .choice(["GET", "POST", "get", "post"]),
      "GET; POST where there is a body."),
    ConfigKey(
      "params", .dictionary(.oneOf([.string, .list(.string)])),
      "Parameters of the query string; {from} and {to} stand for the window."),
    ConfigKey("headers", .dictionary(.string), "Headers to send besides those of the source."),
    ConfigKey("body", .any, "A JSON document, or a text to send as it is; {from} and {to} work."),
    ConfigKey(
      "time_format", .string,
      "How {from} and {to} are written: iso (the default), date, unix, unix_ms, or a pattern such as "
        + "'%Y-%m-%d %H:%M:%S'."),
  ]

  private static let paginate: [ConfigKey] = [
    ConfigKey("page", .string, "The parameter that takes the page's number."),
    ConfigKey("start", .integer(0...1_000_000), "The number of the first page; 1 by default."),
    ConfigKey("size", .integer(count), "Records on a page; sent where size_param says how."),
    ConfigKey("size_param", .string, "The parameter that takes the size."),
    ConfigKey("offset", .string, "The parameter that takes the number of records to skip."),
    ConfigKey("limit", .integer(count), "Records in a response; 100 by default."),
    ConfigKey("limit_param", .string, "The parameter that takes the limit; limit by default."),
    ConfigKey("cursor", .string, "Where a response holds the cursor of the next one: $.next."),
    ConfigKey(
      "cursor_header", .string, "The header of a response that holds the cursor of the next one."),
    ConfigKey(
      "after", .string, "The field of the last record that the next response is asked for by: id."),
    ConfigKey("param", .string, "The parameter that takes the cursor, or the field's value."),
    ConfigKey(
      "in", .choice(Pagination.Carrier.allCases.map(\.rawValue)),
      "Where requests carry cursors, numbers and sizes; by default in a JSON body where there is "
        + "one, else in the query."),
    ConfigKey("more", .string, "Where a response says whether there are more: $.has_more."),
    ConfigKey("stop", .string, "Where a response says that it is the last: $.done."),
    ConfigKey("next", .string, "Where a response holds the URL of the next one: $.links.next."),
    ConfigKey("link", .choice(["header"]), "The URL of the next response is in the Link header."),
    ConfigKey("total", .string, "Where a response says how many records there are in all."),
    ConfigKey("pages", .string, "Where a response says how many pages there are: $.total_pages."),
    ConfigKey(
      "parallel", .integer(1...16),
      "Numbered pages to ask for at a time, where it is known how many there are; 1 by default."),
    ConfigKey(
      "cap", .integer(count),
      "The most records that the server gives for one request and its pages; a window that holds "
        + "more is halved."),
    ConfigKey(
      "verify", .boolean,
      "Whether pages are read again until nothing new comes, where shifts cannot be seen; true."),
  ]

  private static let bookmark: [ConfigKey] = [
    ConfigKey("by", .string, "The field of a record that new ones are known by."),
    ConfigKey(
      "kind", .choice(["time", "id"]),
      "What 'by' holds; id for names such as id or order_id, else time."),
    ConfigKey("window", .duration, "How much time one commit covers; everything by default."),
    ConfigKey("start", .string, "Where the first run begins; by default at the beginning."),
    ConfigKey(
      "settle", .duration,
      "How far the window stays behind the server's clock; 5s by default."),
    ConfigKey(
      "history", .duration,
      "How far back the server's records go, where they are not kept for ever."),
    ConfigKey("lookback", .duration, "How far before the window late records are looked for."),
    ConfigKey(
      "overlap", .duration,
      "By how much more is asked for than the window, for servers that treat its edges otherwise; "
        + "the unit of time_format by default, nothing for date."),
    ConfigKey(
      "nulls", .choice(["fail", "drop"]),
      "What to do with records that have no 'by'; fail by default."),
    ConfigKey(
      "cursor", .string,
      "Instead of by: where the last response holds the token for the next run."),
  ]
}
