extension GrokLibrary {
  /// What firewalls and packet filters write: Cisco's ASA and PIX by the numbers of their messages,
  /// netfilter and its front ends, ScreenOS, Junos.
  static let firewalls = #"""
    CISCO_ACTION (?:Built|Teardown|Deny|Denied|denied|permitted|est-allowed|requested|discarded|denied by ACL|dropped by ACL)
    CISCO_REASON (?:Duplicate TCP SYN|Failed to locate egress interface|Invalid transport field|No matching connection|DNS Response|DNS Query|(?:%{WORD} *)+)
    CISCO_DIRECTION (?i:inbound|outbound)
    CISCO_INTERVAL (?:first hit|%{INT}-second interval)
    CISCO_HITCOUNT_INTERVAL hit-cnt %{INT:hit_count} (?:first hit|%{INT:interval}-second interval)
    CISCO_XLATE_TYPE (?:static|dynamic)
    CISCO_IFNAME [^\s:/()]+
    CISCO_SRC_IP_USER %{CISCO_IFNAME:src_interface}:%{IPORHOST:src_ip}(?:\(%{DATA:src_fwuser}\))?
    CISCO_DST_IP_USER %{CISCO_IFNAME:dst_interface}:%{IPORHOST:dst_ip}(?:\(%{DATA:dst_fwuser}\))?
    CISCO_SRC_HOST_PORT_USER %{CISCO_IFNAME:src_interface}:%{IPORHOST:src_ip}(?:/%{INT:src_port})?(?: ?\(%{DATA:src_fwuser}\))?
    CISCO_DST_HOST_PORT_USER %{CISCO_IFNAME:dst_interface}:%{IPORHOST:dst_ip}(?:/%{INT:dst_port})?(?: ?\(%{DATA:dst_fwuser}\))?
    CISCO_HASHES , \[%{DATA:hashcode1}, %{DATA:hashcode2}\]| \[%{DATA:hashcode1}, %{DATA:hashcode2}\]
    CISCOFW104001 \((?:Primary|Secondary)\) Switching to ACTIVE - %{GREEDYDATA:switch_reason}
    CISCOFW104002 \((?:Primary|Secondary)\) Switching to STANDBY - %{GREEDYDATA:switch_reason}
    CISCOFW104003 \((?:Primary|Secondary)\) Switching to FAILED\.
    CISCOFW104004 \((?:Primary|Secondary)\) Switching to OK\.
    CISCOFW105003 \((?:Primary|Secondary)\) Monitoring on interface %{NOTSPACE:interface_name} waiting
    CISCOFW105004 \((?:Primary|Secondary)\) Monitoring on interface %{NOTSPACE:interface_name} normal
    CISCOFW105005 \((?:Primary|Secondary)\) Lost Failover communications with mate on interface %{NOTSPACE:interface_name}
    CISCOFW105008 \((?:Primary|Secondary)\) Testing interface %{NOTSPACE:interface_name}
    CISCOFW105009 \((?:Primary|Secondary)\) Testing on interface %{NOTSPACE:interface_name} (?:Passed|Failed)
    CISCOFW106001 %{CISCO_DIRECTION:direction} %{WORD:protocol} connection %{CISCO_ACTION:action} from %{IP:src_ip}/%{INT:src_port} to %{IP:dst_ip}/%{INT:dst_port} flags %{DATA:tcp_flags} on interface %{NOTSPACE:interface}
    CISCOFW106006_106007_106010 %{CISCO_ACTION:action} %{CISCO_DIRECTION:direction} %{WORD:protocol} (?:from|src) %{IP:src_ip}/%{INT:src_port}(?:\(%{DATA:src_fwuser}\))? (?:to|dst) %{IP:dst_ip}/%{INT:dst_port}(?:\(%{DATA:dst_fwuser}\))? (?:(?:on interface %{NOTSPACE:interface})|(?:due to %{CISCO_REASON:reason}))
    CISCOFW106014 %{CISCO_ACTION:action} %{CISCO_DIRECTION:direction} %{WORD:protocol} src %{CISCO_SRC_IP_USER} dst %{CISCO_DST_IP_USER} ?\(type %{INT:icmp_type}, code %{INT:icmp_code}\)
    CISCOFW106015 %{CISCO_ACTION:action} %{WORD:protocol} \(%{DATA:policy_id}\) from %{IP:src_ip}/%{INT:src_port} to %{IP:dst_ip}/%{INT:dst_port} flags %{DATA:tcp_flags} +on interface %{NOTSPACE:interface}
    CISCOFW106021 %{CISCO_ACTION:action} %{WORD:protocol} reverse path check from %{IP:src_ip} to %{IP:dst_ip} on interface %{NOTSPACE:interface}
    CISCOFW106023 %{CISCO_ACTION:action}(?: protocol)? %{WORD:protocol} src %{CISCO_SRC_HOST_PORT_USER} dst %{CISCO_DST_HOST_PORT_USER}(?: \(type %{INT:icmp_type}, code %{INT:icmp_code}\))? by access-group "?%{DATA:policy_id}"?(?: \[%{DATA:hashcode1}, %{DATA:hashcode2}\])?$
    CISCOFW106100_2_3 access-list %{NOTSPACE:policy_id} %{CISCO_ACTION:action} %{WORD:protocol} for user '?(?<src_fwuser>[^'\s]+)'? %{CISCO_IFNAME:src_interface}/%{IP:src_ip}\(%{INT:src_port}\) -> %{CISCO_IFNAME:dst_interface}/%{IP:dst_ip}\(%{INT:dst_port}\) %{CISCO_HITCOUNT_INTERVAL} \[%{DATA:hashcode1}, %{DATA:hashcode2}\]
    CISCOFW106100 access-list %{NOTSPACE:policy_id} %{CISCO_ACTION:action} %{WORD:protocol} %{CISCO_IFNAME:src_interface}/%{IP:src_ip}\(%{INT:src_port}\)(?:\(%{DATA:src_fwuser}\))? -> %{CISCO_IFNAME:dst_interface}/%{IP:dst_ip}\(%{INT:dst_port}\)(?:\(%{DATA:dst_fwuser}\))? hit-cnt %{INT:hit_count} %{CISCO_INTERVAL:interval} \[%{DATA:hashcode1}, %{DATA:hashcode2}\]
    CISCOFW110002 %{CISCO_REASON:reason} for %{WORD:protocol} from %{CISCO_IFNAME:src_interface}:%{IP:src_ip}/%{INT:src_port} to %{IP:dst_ip}/%{INT:dst_port}
    CISCOFW302010 %{INT:connection_count} in use, %{INT:connection_count_max} most used
    CISCOFW302013_302014_302015_302016 %{CISCO_ACTION:action}(?: %{CISCO_DIRECTION:direction})? %{WORD:protocol} connection %{INT:connection_id} (?:for|from) %{CISCO_IFNAME:src_interface}:%{IP:src_ip}/%{INT:src_port}(?: \(%{IP:src_mapped_ip}/%{INT:src_mapped_port}\))?(?: ?\(%{DATA:src_fwuser}\))? to %{CISCO_IFNAME:dst_interface}:%{IP:dst_ip}/%{INT:dst_port}(?: \(%{IP:dst_mapped_ip}/%{INT:dst_mapped_port}\))?(?: ?\(%{DATA:dst_fwuser}\))?(?: duration %{TIME:duration} bytes %{INT:bytes})?(?: (?<reason>[^(]+?))?(?: \(%{DATA:user}\))?$
    CISCOFW302020_302021 %{CISCO_ACTION:action}(?: %{CISCO_DIRECTION:direction})? %{WORD:protocol} connection(?: %{INT:connection_id})? for faddr %{IP:dst_ip}/%{INT:icmp_seq_num}(?:\(%{DATA:dst_fwuser}\))? gaddr %{IP:src_xlated_ip}/%{INT:icmp_code_xlated} laddr %{IP:src_ip}/%{INT:icmp_code}(?:\(%{DATA:user}\))?(?: type %{INT:icmp_type} code %{INT})?
    CISCOFW304001 (?:%{NOTSPACE:src_user}@)?%{IP:src_ip}(?: ?\(%{DATA:src_fwuser}\))? Accessed URL %{IP:dst_ip}: ?%{GREEDYDATA:dst_url}
    CISCOFW305011 %{CISCO_ACTION:action} %{CISCO_XLATE_TYPE:xlate_type} %{WORD:protocol} translation from %{CISCO_IFNAME:src_interface}:%{IP:src_ip}(?:/%{INT:src_port})?(?:\(%{DATA:src_fwuser}\))? to %{CISCO_IFNAME:src_xlated_interface}:%{IP:src_xlated_ip}/(?<src_xlated_port>\d+)
    CISCOFW313001_313004_313008 %{CISCO_ACTION:action} %{WORD:protocol} type=%{INT:icmp_type}, code=%{INT:icmp_code} from %{IP:src_ip} on interface %{NOTSPACE:interface}(?: to %{IP:dst_ip})?
    CISCOFW313005 %{CISCO_REASON:reason} for %{WORD:protocol} error message: %{WORD:err_protocol} src %{CISCO_IFNAME:err_src_interface}:%{IP:err_src_ip}(?:\(%{DATA:err_src_fwuser}\))? dst %{CISCO_IFNAME:err_dst_interface}:%{IP:err_dst_ip}(?:\(%{DATA:err_dst_fwuser}\))? \(type %{INT:err_icmp_type}, code %{INT:err_icmp_code}\) on %{NOTSPACE:interface} interface\. +Original IP payload: %{WORD:protocol} src %{IP:orig_src_ip}(?:/%{INT:orig_src_port})?(?:\(%{DATA:orig_src_fwuser}\))? dst %{IP:orig_dst_ip}(?:/%{INT:orig_dst_port})?(?:\(%{DATA:orig_dst_fwuser}\))?
    CISCOFW321001 Resource '%{DATA:resource_name}' limit of %{POSINT:resource_limit} reached for %{GREEDYDATA:resource_context}
    CISCOFW402117 %{WORD:protocol}: Received a non-IPSec packet \(protocol= ?%{WORD:orig_protocol}\) from %{IP:src_ip} to %{IP:dst_ip}
    CISCOFW402119 %{WORD:protocol}: Received an %{WORD:orig_protocol} packet \(SPI= ?%{DATA:spi}, sequence number= ?%{DATA:seq_num}\) from %{IP:src_ip} \(user= ?%{DATA:user}\) to %{IP:dst_ip} that failed anti-replay checking
    CISCOFW419001 %{CISCO_ACTION:action} %{WORD:protocol} packet from %{CISCO_IFNAME:src_interface}:%{IP:src_ip}/%{INT:src_port} to %{CISCO_IFNAME:dst_interface}:%{IP:dst_ip}/%{INT:dst_port}, reason: %{GREEDYDATA:reason}
    CISCOFW419002 Received (?<reason>duplicate TCP SYN|Duplicate TCP SYN) from %{CISCO_IFNAME:src_interface}:%{IP:src_ip}/%{INT:src_port} to %{CISCO_IFNAME:dst_interface}:%{IP:dst_ip}/%{INT:dst_port} with different initial sequence number
    CISCOFW500004 %{CISCO_REASON:reason} for protocol=%{WORD:protocol}, from %{IP:src_ip}/%{INT:src_port} to %{IP:dst_ip}/%{INT:dst_port}
    CISCOFW602303_602304 %{WORD:protocol}: An %{CISCO_DIRECTION:direction} %{DATA:tunnel_type} SA \(SPI= ?%{DATA:spi}\) between %{IP:src_ip} and %{IP:dst_ip} \(user= ?%{DATA:user}\) has been %{WORD:action}
    CISCOFW710001_710002_710003_710005_710006 %{WORD:protocol} (?:request|access) %{CISCO_ACTION:action} from %{IP:src_ip}/%{INT:src_port} to %{CISCO_IFNAME:dst_interface}:%{IP:dst_ip}/(?<dst_port>\w+)
    CISCOFW713172 Group = %{DATA:group}, IP = %{IP:src_ip}, Automatic NAT Detection Status: +Remote end +(?<is_remote_natted>is|is not) +behind a NAT device +This +end +(?<is_local_natted>is|is not) +behind a NAT device
    CISCOFW733100 \[ ?%{DATA:drop_type} ?\] drop rate-?%{INT:drop_rate_id} exceeded\. Current burst rate is %{INT:drop_rate_current_burst} per second, max configured rate is %{INT:drop_rate_max_burst}; Current average rate is %{INT:drop_rate_current_avg} per second, max configured rate is %{INT:drop_rate_max_avg}; Cumulative total count is %{INT:drop_total_count}
    IPTABLES_TCP_FLAGS (?:(?:CWR|ECE|URG|ACK|PSH|RST|SYN|FIN) )*(?:CWR|ECE|URG|ACK|PSH|RST|SYN|FIN)\b
    IPTABLES_TCP_PART (?:SEQ=%{INT:tcp_seq} +)?(?:ACK=%{INT:tcp_ack} +)?WINDOW=%{INT:tcp_window} +RES=%{BASE16NUM:tcp_reserved_bits} +%{IPTABLES_TCP_FLAGS:tcp_flags}(?: +URGP=%{INT:tcp_urgent})?
    IPTABLES4_FRAG (?:(?: DF)?(?: MF)?(?: FRAG:%{INT:fragment_offset})?)
    IPTABLES4_PART SRC=%{IPV4:src_ip} +DST=%{IPV4:dst_ip} +LEN=%{INT:length} +TOS=%{BASE16NUM:tos} +PREC=%{BASE16NUM:precedence_bits} +TTL=%{INT:ttl} +ID=%{INT:id}%{IPTABLES4_FRAG:fragment_flags}
    IPTABLES6_PART SRC=%{IPV6:src_ip} +DST=%{IPV6:dst_ip} +LEN=%{INT:length} +TC=%{INT:traffic_class} +HOPLIMIT=%{INT:ttl} +FLOWLBL=%{INT:flow_label}
    IPTABLES IN=%{NOTSPACE:in_device}? +(?:PHYSIN=%{NOTSPACE:physical_in} +)?OUT=%{NOTSPACE:out_device}? +(?:PHYSOUT=%{NOTSPACE:physical_out} +)?(?:MAC=(?<mac>[0-9A-Fa-f:]*) +)?(?:%{IPTABLES4_PART}|%{IPTABLES6_PART}) +PROTO=%{WORD:protocol}(?: +SPT=%{INT:src_port} +DPT=%{INT:dst_port})?(?: +%{IPTABLES_TCP_PART})?
    SHOREWALL (?:%{SYSLOGTIMESTAMP:timestamp} (?:%{WORD:nf_host}|%{IPORHOST:nf_host}) kernel:.*?)?Shorewall:(?:%{WORD:nf_action1})?:(?:%{WORD:nf_action2})?.*?IN=(?:%{NOTSPACE:nf_in_interface})? +OUT=(?:%{NOTSPACE:nf_out_interface})? +(?:MAC=(?<nf_mac>[0-9A-Fa-f:]*) +)?SRC=%{IP:nf_src_ip} +DST=%{IP:nf_dst_ip} .*?LEN=%{INT:nf_len} .*?PROTO=%{WORD:nf_protocol}(?:.*? SPT=%{INT:nf_src_port} +DPT=%{INT:nf_dst_port})?
    SFW2_LOG_PREFIX SFW2-IN(?:ext|int|dmz)-(?:DROP|ACC|REJ)-[A-Z-]*
    SFW2 (?:(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp}) +%{HOSTNAME:nf_host} +)?(?:kernel(?:\[[^\]]*\])?: +)?(?:\[[^\]]*\] +)?%{SFW2_LOG_PREFIX:log_prefix} +IN=(?:%{NOTSPACE:nf_in_interface})? +OUT=(?:%{NOTSPACE:nf_out_interface})? +(?:MAC=(?<nf_mac>[0-9A-Fa-f:]*) +)?SRC=%{IP:nf_src_ip} +DST=%{IP:nf_dst_ip} +%{GREEDYDATA:nf_rest}
    NETSCREENSESSIONLOG (?:%{SYSLOGTIMESTAMP:date} +%{IPORHOST:device} +)?%{NOTSPACE:device_name}: +NetScreen device_id=%{NOTSPACE:device_id} .*?(?:start_time=(?:%{QUOTEDSTRING:start_time}|\\?"%{DATA:start_time}\\?")) +duration=%{INT:duration} +policy_id=%{INT:policy_id} +service=%{DATA:service} +proto=%{INT:proto} +src zone=%{NOTSPACE:src_zone} +dst zone=%{NOTSPACE:dst_zone} +action=%{WORD:action} +sent=%{INT:sent} +rcvd=%{INT:rcvd} +src=%{IPORHOST:src_ip} +dst=%{IPORHOST:dst_ip}(?: +src_port=%{INT:src_port} +dst_port=%{INT:dst_port})?(?: +src-xlated ip=%{IPORHOST:src_xlated_ip} +port=%{INT:src_xlated_port})?(?: +dst-xlated ip=%{IPORHOST:dst_xlated_ip} +port=%{INT:dst_xlated_port})?(?: +session_id=%{INT:session_id})?(?: +reason=%{GREEDYDATA:reason})?
    RT_FLOW_TAG (?:RT_FLOW_SESSION_CREATE|RT_FLOW_SESSION_CLOSE|RT_FLOW_SESSION_DENY)
    RT_FLOW_EVENT %{RT_FLOW_TAG}
    RT_FLOW1 %{RT_FLOW_TAG:event}: session closed (?<close_reason>[^:]+): %{IP:src_ip}/%{INT:src_port}->%{IP:dst_ip}/%{INT:dst_port}(?: 0x\w+)? %{NOTSPACE:service} %{IP:nat_src_ip}/%{INT:nat_src_port}->%{IP:nat_dst_ip}/%{INT:nat_dst_port}(?: 0x\w+)? (?:(?:N/A|source rule|static rule) )?%{NOTSPACE:src_nat_rule_name} (?:(?:N/A|destination rule|static rule) )?%{NOTSPACE:dst_nat_rule_name} %{INT:protocol_id} %{NOTSPACE:policy_name} %{NOTSPACE:from_zone} %{NOTSPACE:to_zone} %{INT:session_id} %{INT:sent_packets}\(%{INT:sent}\) %{INT:received_packets}\(%{INT:received}\) %{INT:elapsed_time}(?: %{GREEDYDATA:rest})?
    RT_FLOW2 %{RT_FLOW_TAG:event}: session created %{IP:src_ip}/%{INT:src_port}->%{IP:dst_ip}/%{INT:dst_port}(?: 0x\w+)? %{NOTSPACE:service} %{IP:nat_src_ip}/%{INT:nat_src_port}->%{IP:nat_dst_ip}/%{INT:nat_dst_port}(?: 0x\w+)? (?:(?:N/A|source rule|static rule) )?%{NOTSPACE:src_nat_rule_name} (?:(?:N/A|destination rule|static rule) )?%{NOTSPACE:dst_nat_rule_name} %{INT:protocol_id} %{NOTSPACE:policy_name} %{NOTSPACE:from_zone} %{NOTSPACE:to_zone} %{INT:session_id}(?: %{GREEDYDATA:rest})?
    RT_FLOW3 %{RT_FLOW_TAG:event}: session denied %{IP:src_ip}/%{INT:src_port}->%{IP:dst_ip}/%{INT:dst_port}(?: 0x\w+)? %{NOTSPACE:service} %{INT:protocol_id}\(\d+\) %{NOTSPACE:policy_name} %{NOTSPACE:from_zone} %{NOTSPACE:to_zone}(?: %{GREEDYDATA:rest})?
    """#
}
