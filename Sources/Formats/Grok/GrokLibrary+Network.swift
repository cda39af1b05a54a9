extension GrokLibrary {
  /// Exim's main log.
  static let mail = #"""
    EXIM_QT (?:(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?)
    EXIM_EXCLUDE_TERMS (?:Message is frozen|(?:Start|End) queue run| Warning: | retry time not reached | no (?:IP address|host name) found for (?:IP address|host) | unexpected disconnection while reading SMTP command | no immediate delivery: |another process is handling this message)
    EXIM_REMOTE_HOST (?:H=(?:%{IPORHOST:remote_hostname} )?(?:\(%{DATA:remote_heloname}\) )?\[%{IP:remote_host}\](?::%{POSINT:remote_port})?)
    EXIM_INTERFACE I=\[%{IP:exim_interface}\](?::%{NUMBER:exim_interface_port})?
    EXIM_PROTOCOL P=%{NOTSPACE:protocol}
    EXIM_MSG_SIZE S=%{NUMBER:exim_msg_size}
    EXIM_HEADER_ID id=%{NOTSPACE:exim_header_id}
    EXIM_QUOTED_CONTENT (?:\\.|[^\\"])*
    EXIM_SUBJECT T="%{EXIM_QUOTED_CONTENT:exim_subject}"
    EXIM_UNKNOWN_FIELD [A-Za-z0-9]{1,4}=(?:%{QUOTEDSTRING}|%{NOTSPACE})
    EXIM_NAMED_FIELDS (?: +(?:%{EXIM_REMOTE_HOST}|%{EXIM_INTERFACE}|%{EXIM_PROTOCOL}|%{EXIM_MSG_SIZE}|%{EXIM_HEADER_ID}|%{EXIM_SUBJECT}|%{EXIM_UNKNOWN_FIELD}))*
    EXIM_MESSAGE_ARRIVAL %{EXIM_DATE:timestamp} (?:%{EXIM_PID:pid} )?%{EXIM_MSGID:exim_msgid} (?<exim_flags><=) (?<exim_sender_email>\S+)(?: +\[%{IP}\])?%{EXIM_NAMED_FIELDS}(?: +from <?%{DATA:exim_sender_original}>?)?(?: +for %{GREEDYDATA:exim_recipient_email})?$
    EXIM %{EXIM_MESSAGE_ARRIVAL}
    """#

  /// Zeek's logs (Bro's, before it was named so), in their default fields with tabs between them. A
  /// `-` that stands for nothing is null.
  static let zeek = #"""
    ZEEK_BOOL [TF]
    ZEEK_DATA [^\t]+
    ZEEK_NOTHING (?:-|\(empty\))
    ZEEK_ENDPOINTS %{NUMBER:ts}\t%{NOTSPACE:uid}\t%{IP:orig_h}\t%{INT:orig_p}\t%{IP:resp_h}\t%{INT:resp_p}
    ZEEK_HTTP %{ZEEK_ENDPOINTS}\t%{INT:trans_depth}\t(?:-|%{WORD:method})\t(?:-|%{ZEEK_DATA:domain})\t(?:-|%{ZEEK_DATA:uri})\t(?:-|%{ZEEK_DATA:referrer})\t(?:(?:-|%{NUMBER:http_version})\t)?(?:-|%{ZEEK_DATA:user_agent})\t(?:(?:-|%{ZEEK_DATA:origin})\t)?(?:-|%{INT:request_body_len})\t(?:-|%{INT:response_body_len})\t(?:-|%{INT:status_code})\t(?:-|%{ZEEK_DATA:status_msg})\t(?:-|%{INT:info_code})\t(?:-|%{ZEEK_DATA:info_msg})\t(?:%{ZEEK_NOTHING}|%{ZEEK_DATA:bro_tags})\t(?:-|%{ZEEK_DATA:username})\t(?:-|%{ZEEK_DATA:password})\t(?:-|%{ZEEK_DATA:proxied})\t(?:-|%{ZEEK_DATA:orig_fuids})\t(?:(?:-|%{ZEEK_DATA:orig_filenames})\t)?(?:-|%{ZEEK_DATA:orig_mime_types})\t(?:-|%{ZEEK_DATA:resp_fuids})\t(?:(?:-|%{ZEEK_DATA:resp_filenames})\t)?(?:-|%{ZEEK_DATA:resp_mime_types})
    ZEEK_DNS %{ZEEK_ENDPOINTS}\t%{WORD:proto}\t(?:-|%{INT:trans_id})\t(?:(?:-|%{NUMBER:rtt})\t)?(?:-|%{ZEEK_DATA:query})\t(?:-|%{INT:qclass})\t(?:-|%{ZEEK_DATA:qclass_name})\t(?:-|%{INT:qtype})\t(?:-|%{ZEEK_DATA:qtype_name})\t(?:-|%{INT:rcode})\t(?:-|%{ZEEK_DATA:rcode_name})\t(?:-|%{ZEEK_BOOL:AA})\t(?:-|%{ZEEK_BOOL:TC})\t(?:-|%{ZEEK_BOOL:RD})\t(?:-|%{ZEEK_BOOL:RA})\t(?:-|%{NONNEGINT:Z})\t(?:-|%{ZEEK_DATA:answers})\t(?:-|%{ZEEK_DATA:TTLs})\t(?:-|%{ZEEK_BOOL:rejected})
    ZEEK_CONN %{ZEEK_ENDPOINTS}\t%{WORD:proto}\t(?:-|%{ZEEK_DATA:service})\t(?:-|%{NUMBER:duration})\t(?:-|%{INT:orig_bytes})\t(?:-|%{INT:resp_bytes})\t(?:-|%{ZEEK_DATA:conn_state})\t(?:-|%{ZEEK_BOOL:local_orig})\t(?:(?:-|%{ZEEK_BOOL:local_resp})\t)?(?:-|%{INT:missed_bytes})\t(?:-|%{ZEEK_DATA:history})\t(?:-|%{INT:orig_pkts})\t(?:-|%{INT:orig_ip_bytes})\t(?:-|%{INT:resp_pkts})\t(?:-|%{INT:resp_ip_bytes})\t(?:%{ZEEK_NOTHING}|%{ZEEK_DATA:tunnel_parents})
    ZEEK_FILES_TX_HOSTS (?:-|%{ZEEK_DATA:tx_hosts})
    ZEEK_FILES_RX_HOSTS (?:-|%{ZEEK_DATA:rx_hosts})
    ZEEK_FILES %{NUMBER:ts}\t%{NOTSPACE:fuid}\t%{ZEEK_FILES_TX_HOSTS}\t%{ZEEK_FILES_RX_HOSTS}\t(?:-|%{ZEEK_DATA:conn_uids})\t(?:-|%{ZEEK_DATA:source})\t(?:-|%{INT:depth})\t(?:%{ZEEK_NOTHING}|%{ZEEK_DATA:analyzers})\t(?:-|%{ZEEK_DATA:mime_type})\t(?:-|%{ZEEK_DATA:filename})\t(?:-|%{NUMBER:duration})\t(?:-|%{ZEEK_BOOL:local_orig})\t(?:-|%{ZEEK_BOOL:is_orig})\t(?:-|%{INT:seen_bytes})\t(?:-|%{INT:total_bytes})\t(?:-|%{INT:missing_bytes})\t(?:-|%{INT:overflow_bytes})\t(?:-|%{ZEEK_BOOL:timedout})\t(?:-|%{ZEEK_DATA:parent_fuid})\t(?:-|%{ZEEK_DATA:md5})\t(?:-|%{ZEEK_DATA:sha1})\t(?:-|%{ZEEK_DATA:sha256})\t(?:-|%{ZEEK_DATA:extracted})
    ZEEK_X509 %{NUMBER:ts}\t%{NOTSPACE:id}\t(?:-|%{INT:certificate_version})\t(?:-|%{ZEEK_DATA:certificate_serial})\t(?:-|%{ZEEK_DATA:certificate_subject})\t(?:-|%{ZEEK_DATA:certificate_issuer})\t(?:-|%{NUMBER:certificate_not_valid_before})\t(?:-|%{NUMBER:certificate_not_valid_after})\t(?:-|%{ZEEK_DATA:certificate_key_alg})\t(?:-|%{ZEEK_DATA:certificate_sig_alg})\t(?:-|%{ZEEK_DATA:certificate_key_type})\t(?:-|%{INT:certificate_key_length})\t(?:-|%{ZEEK_DATA:certificate_exponent})\t(?:-|%{ZEEK_DATA:certificate_curve})\t(?:-|%{ZEEK_DATA:san_dns})\t(?:-|%{ZEEK_DATA:san_uri})\t(?:-|%{ZEEK_DATA:san_email})\t(?:-|%{ZEEK_DATA:san_ip})\t(?:-|%{ZEEK_BOOL:basic_constraints_ca})\t(?:-|%{INT:basic_constraints_path_len})
    BRO_BOOL %{ZEEK_BOOL}
    BRO_DATA %{ZEEK_DATA}
    BRO_HTTP %{ZEEK_HTTP}
    BRO_DNS %{ZEEK_DNS}
    BRO_CONN %{ZEEK_CONN}
    BRO_FILES %{ZEEK_FILES}
    """#
}
