internal import Base
internal import HTTPClient
internal import Storage

/// The calls of S3 to one bucket, as requests. Keys are those of the store.
struct S3Bucket: Sendable {
  let client: AWSClient
  let location: S3Location
  let endpoint: S3Endpoint

  struct Options {
    var query: [(name: String, value: String)] = []
    var headers: [HTTPHeader] = []
    var body: HTTPBody?
    /// Whether a checksum in the headers protects the body, so that over TLS it need not be hashed
    /// for the signature as well.
    var isChecksummed = false
    var responseBytesMax = 8 << 20
    var acceptedStatuses: Set<Int> = []
    var mayFailInSuccess = false
    var retriesConflicts = false
    var countsAttempts = false
    var cancellation: Cancellation?
  }

  func place(_ key: String?) -> String {
    key.map { "s3://\(location.bucket)/\(location.fullKey($0))" } ?? "s3://\(location.bucket)"
  }

  /// - Parameter key: nil for the bucket itself.
  func send(
    _ operation: String, _ method: HTTPMethod, _ key: String?, _ configure: (inout Options) -> Void
  ) throws(AWSError) -> AWSAnswer {
    var options = Options()
    configure(&options)
    let fullKey = key.map(location.fullKey) ?? ""
    let (query, headers, body) = (options.query, options.headers, options.body)
    let responseBytesMax = options.responseBytesMax
    var call = AWSCall(operation, service: "s3", place: place(key)) { [endpoint, location] region in
      let url = endpoint.url(
        region: region, bucket: location.bucket, key: fullKey, query: query)
      var request = HTTPRequest(method, url, headers: headers, body: body)
      request.responseBytesMax = responseBytesMax
      // Completing an upload of many parts may take S3 minutes without a word.
      request.timeouts.stalledSeconds = operation == "CompleteMultipartUpload" ? 300 : 60
      return request
    }
    if options.isChecksummed && endpoint.usesTLS { call.payload = .unsigned }
    call.acceptedStatuses = options.acceptedStatuses
    call.mayFailInSuccess = options.mayFailInSuccess
    call.retriesConflicts = options.retriesConflicts
    call.countsAttempts = options.countsAttempts
    return try client.send(call, cancellation: options.cancellation)
  }

  /// The XML document that an answer must be.
  func document(_ answer: AWSAnswer, _ operation: String) throws(AWSError) -> XMLElement {
    do throws(XMLSyntaxError) {
      return try XMLElement(parsing: answer.response.body)
    } catch {
      throw malformed(operation, "is no XML: \(error)")
    }
  }

  func malformed(_ operation: String, _ what: String) -> AWSError {
    AWSError(
      .malformed, "the answer \(what)",
      remedy: "Check that the endpoint is that of an S3 store, and no proxy stands between.",
      place: "\(operation) \(place(nil))")
  }
}

/// The tags of objects, without the quotes that they are sent in.
enum ETag {
  static func bare(_ text: String?) -> String {
    var text = (text ?? "")[...]
    if text.hasPrefix("W/") { text = text.dropFirst(2) }
    return String(decoding: text.utf8.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
  }

  static func quoted(_ bare: String) -> String { "\"\(bare)\"" }
}
