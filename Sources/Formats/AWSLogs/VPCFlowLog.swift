public import Records

/// The flow logs of a VPC or a transit gateway, in the default format or one of one's own.
///
/// Columns: one for each field of the header line that files in S3 begin with (`account-id` is
/// `account_id`), of the option `fields`, or of the default format, version 2. `start` and `end`
/// are times (UTC); ports, `protocol`, `version`, `tcp_flags` and the like integers; `packets` and
/// `bytes` bigints; all else text. `-` is null. Values behind the last field come in `extra`, which
/// begins with the first such line.
///
/// - SeeAlso: Amazon VPC User Guide, "Flow log records".
public enum VPCFlowLog: LineFormat {
  public static let name = "vpc_flow"
  public static let needsHead = true

  public static let options = [
    FormatOption(
      "fields", .text,
      "The fields of files without a header line, such as 'version vpc-id srcaddr bytes start'.")
  ]
  public static let shortOption: String? = "fields"

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let style = NamedFieldStyle(
      name: "VPC flow log", delimiter: 0x20, defaultFields: defaultFields, header: header,
      kind: kind, takesExtra: true)
    // Also as the flow log's settings have them: ${version} ${vpc-id}.
    let fields = options.format.text("fields")?.split { " ,${}".contains($0) }.map(String.init)
    let scanner = NamedFieldScanner(style, zone: .utc, fields: fields ?? [])
    return try FieldLineParser(scanner, options, knownSchema: knownSchema)
  }

  private static let defaultFields = [
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport",
    "protocol", "packets", "bytes", "start", "end", "action", "log-status",
  ]

  private static let knownFields = Set(
    defaultFields + [
      "vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr",
      "region", "az-id", "sublocation-type", "sublocation-id", "pkt-src-aws-service",
      "pkt-dst-aws-service", "flow-direction", "traffic-path", "reject-reason", "resource-id",
      "encryption-status", "ecs-cluster-arn", "ecs-cluster-name", "ecs-container-instance-arn",
      "ecs-container-instance-id", "ecs-container-id", "ecs-second-container-id",
      "ecs-service-name", "ecs-task-definition-arn", "ecs-task-arn", "ecs-task-id",
      // Those of transit gateways.
      "resource-type", "tgw-id", "tgw-attachment-id", "tgw-pair-attachment-id",
    ])

  /// A line of names alone, of which one is known: entries have numbers.
  private static func header(_ line: FieldCursor) -> NamedFieldStyle.HeaderLine? {
    guard TimeScan.isLetter(line.byte) else { return nil }
    for index in line.rest {
      let byte = line.bytes[index]
      guard byte == 0x20 || byte == 0x2D || TimeScan.isLetter(byte) else { return nil }
    }
    let names = line.bytes[line.rest].split(separator: 0x20).map {
      String(decoding: $0, as: UTF8.self)
    }
    return names.contains(where: knownFields.contains) ? .fields(names) : nil
  }

  private static func kind(_ column: String) -> FieldKind {
    switch column {
    case "version", "srcport", "dstport", "protocol", "tcp_flags", "traffic_path": .int
    case "packets", "bytes", "packets_lost_no_route", "packets_lost_blackhole",
      "packets_lost_mtu_exceeded", "packets_lost_ttl_expired":
      .bigint
    case "start", "end": .time(.epoch)
    default: .plain
    }
  }
}
