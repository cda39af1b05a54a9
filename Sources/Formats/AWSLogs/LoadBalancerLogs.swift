public import Records

/// The access logs of a Classic Load Balancer.
///
/// Columns: `time`, `elb`, `client_ip`, `client_port`, `backend_ip`, `backend_port`, the three
/// processing times (seconds; -1 as written), `elb_status_code`, `backend_status_code`,
/// `received_bytes`, `sent_bytes`, `method`, `url`, `protocol` (and `request` where it does not
/// split), `user_agent`, `ssl_cipher`, `ssl_protocol`; what comes behind them in `extra`, which
/// begins with the first such line. `-` is null.
///
/// - SeeAlso: Elastic Load Balancing, Classic, "Access log entries".
public enum ClassicLoadBalancerLog: LineFormat {
  public static let name = "elb"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let scanner = WordFieldScanner("Classic Load Balancer log", fields, requiredCount: 12)
    return try FieldLineParser(scanner, options, knownSchema: knownSchema)
  }

  private static let fields = [
    WordField("time", .iso), WordField("elb"), WordField("client", .address),
    WordField("backend", .address), WordField("request_processing_time", .double),
    WordField("backend_processing_time", .double), WordField("response_processing_time", .double),
    WordField("elb_status_code", .int), WordField("backend_status_code", .int),
    WordField("received_bytes", .bigint), WordField("sent_bytes", .bigint),
    WordField("request", .request(target: "url")), WordField("user_agent"),
    WordField("ssl_cipher"), WordField("ssl_protocol"),
  ]
}

/// The access logs of an Application Load Balancer.
///
/// Columns: the published fields in their order, `client` and `target` as `_ip` and `_port`, the
/// request as `method`, `url`, `protocol` (and `request` where it does not split), up to
/// `request_transform_status`; what comes behind them in `extra`, which begins with the first such
/// line. Fields that older lines lack, and `-`, are null.
///
/// - SeeAlso: Elastic Load Balancing, Application, "Access log entries".
public enum ApplicationLoadBalancerLog: LineFormat {
  public static let name = "alb"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let scanner = WordFieldScanner("Application Load Balancer log", fields, requiredCount: 16)
    return try FieldLineParser(scanner, options, knownSchema: knownSchema)
  }

  private static let fields = [
    WordField("type"), WordField("time", .iso), WordField("elb"), WordField("client", .address),
    WordField("target", .address), WordField("request_processing_time", .double),
    WordField("target_processing_time", .double), WordField("response_processing_time", .double),
    WordField("elb_status_code", .int), WordField("target_status_code", .int),
    WordField("received_bytes", .bigint), WordField("sent_bytes", .bigint),
    WordField("request", .request(target: "url")), WordField("user_agent"),
    WordField("ssl_cipher"), WordField("ssl_protocol"), WordField("target_group_arn"),
    WordField("trace_id"), WordField("domain_name"), WordField("chosen_cert_arn"),
    WordField("matched_rule_priority", .int), WordField("request_creation_time", .iso),
    WordField("actions_executed"), WordField("redirect_url"), WordField("error_reason"),
    WordField("target_port_list"), WordField("target_status_code_list"),
    WordField("classification"), WordField("classification_reason"), WordField("conn_trace_id"),
    WordField("transformed_host"), WordField("transformed_uri"),
    WordField("request_transform_status"),
  ]
}

/// The access logs of a Network Load Balancer, which are about TLS connections.
///
/// Columns: the published fields in their order, `client` and `destination` as `_ip` and `_port`;
/// what comes behind them in `extra`, which begins with the first such line. `-` is null.
///
/// - SeeAlso: Elastic Load Balancing, Network, "Access log entries".
public enum NetworkLoadBalancerLog: LineFormat {
  public static let name = "nlb"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let scanner = WordFieldScanner("Network Load Balancer log", fields, requiredCount: 16)
    return try FieldLineParser(scanner, options, knownSchema: knownSchema)
  }

  private static let fields = [
    WordField("type"), WordField("version"), WordField("time", .iso), WordField("elb"),
    WordField("listener"), WordField("client", .address), WordField("destination", .address),
    WordField("connection_time", .bigint), WordField("tls_handshake_time", .bigint),
    WordField("received_bytes", .bigint), WordField("sent_bytes", .bigint),
    WordField("incoming_tls_alert"), WordField("chosen_cert_arn"), WordField("chosen_cert_serial"),
    WordField("tls_cipher"), WordField("tls_protocol_version"), WordField("tls_named_group"),
    WordField("domain_name"), WordField("alpn_fe_protocol"), WordField("alpn_be_protocol"),
    WordField("alpn_client_preference_list"), WordField("tls_connection_creation_time", .iso),
  ]
}
