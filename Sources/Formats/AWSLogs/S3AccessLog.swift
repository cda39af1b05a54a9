public import Records

/// The server access logs of S3.
///
/// Columns: the published fields in their order: `bucket_owner`, `bucket`, `time` (UTC),
/// `remote_ip`, `requester`, `request_id`, `operation`, `key` (URL-encoded, as written), the request
/// as `method`, `path`, `protocol` (and `request` where it does not split), `http_status`,
/// `error_code`, `bytes_sent`, `object_size`, `total_time` and `turn_around_time` (ms), `referer`,
/// `user_agent`, `version_id`, `host_id`, `signature_version`, `cipher_suite`,
/// `authentication_type`, `host_header`, `tls_version`, `access_point_arn`, `acl_required`,
/// `source_region`; what comes behind them in `extra`, which begins with the first such line. Fields that older lines
/// lack, and `-`, are null.
///
/// - SeeAlso: Amazon S3 User Guide, "Amazon S3 server access log format".
public enum S3AccessLog: LineFormat {
  public static let name = "s3_access"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let scanner = WordFieldScanner("S3 access log", fields, requiredCount: 17)
    return try FieldLineParser(scanner, options, knownSchema: knownSchema)
  }

  private static let fields = [
    WordField("bucket_owner"), WordField("bucket"), WordField("time", .time(.common)),
    WordField("remote_ip"), WordField("requester"), WordField("request_id"),
    WordField("operation"), WordField("key"), WordField("request", .request(target: "path")),
    WordField("http_status", .int), WordField("error_code"), WordField("bytes_sent", .bigint),
    WordField("object_size", .bigint), WordField("total_time", .bigint),
    WordField("turn_around_time", .bigint), WordField("referer"), WordField("user_agent"),
    WordField("version_id"), WordField("host_id"), WordField("signature_version"),
    WordField("cipher_suite"), WordField("authentication_type"), WordField("host_header"),
    WordField("tls_version"), WordField("access_point_arn"), WordField("acl_required"),
    WordField("source_region"),
  ]
}
