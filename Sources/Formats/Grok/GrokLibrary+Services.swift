extension GrokLibrary {
  /// What system loggers write, and programs through them.
  static let syslog = #"""
    PROG [\x21-\x5A\x5C\x5E-\x7E]+
    SYSLOGPROG %{PROG:program}(?:\[%{POSINT:pid}\])?
    SYSLOGHOST %{IPORHOST}
    SYSLOGFACILITY <%{NONNEGINT:facility}\.%{NONNEGINT:priority}>
    SYSLOGBASE %{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:
    SYSLOGBASE2 (?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:
    SYSLOGLINE %{SYSLOGBASE2} *%{GREEDYDATA:message}
    SYSLOGPAMSESSION %{SYSLOGBASE} *(?:%{WORD:pam_module}\(%{DATA:pam_caller}\): )?session %{WORD:pam_session_state} for user %{USERNAME:username}(?:\(uid=\d+\))?(?: by %{GREEDYDATA:pam_by})?
    SYSLOG5424PRINTASCII [!-~]+
    SYSLOG5424PRI <%{NONNEGINT:syslog5424_pri}>
    SYSLOG5424SD \[(?:[^\]"\\]++|"(?:[^"\\]++|\\.)*+")*+\]
    SYSLOG5424BASE %{SYSLOG5424PRI}%{NONNEGINT:syslog5424_ver} +(?:-|%{TIMESTAMP_ISO8601:syslog5424_ts}) +(?:-|%{SYSLOG5424PRINTASCII:syslog5424_host}) +(?:-|%{SYSLOG5424PRINTASCII:syslog5424_app}) +(?:-|%{SYSLOG5424PRINTASCII:syslog5424_proc}) +(?:-|%{SYSLOG5424PRINTASCII:syslog5424_msgid}) +(?:-|(?<syslog5424_sd>(?:%{SYSLOG5424SD})+))
    SYSLOG5424LINE %{SYSLOG5424BASE}(?: +%{GREEDYDATA:syslog5424_msg})?
    CRON_ACTION [A-Z][A-Z ]*
    CRONLOG %{SYSLOGBASE} +\(%{USER:user}\) %{CRON_ACTION:action} \(%{DATA:message}\)$
    CISCOTAG [A-Z0-9]+-%{INT}-[A-Z0-9_]+
    CISCO_TAGGED_SYSLOG ^<%{POSINT:syslog_pri}>%{CISCOTIMESTAMP:timestamp}(?: %{SYSLOGHOST:sysloghost})? ?: %%{CISCOTAG:ciscotag}:
    EXIM_MSGID [0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}
    EXIM_FLAGS (?:<=|=>|->|>>|\*>|\*\*|==|<>)
    EXIM_DATE \d{4}-%{MONTHNUM2}-%{MONTHDAY} %{TIME}
    EXIM_PID \[%{POSINT}\]
    """#

  /// Web servers, proxies and what runs behind them.
  static let web = #"""
    HTTPDUSER (?:%{EMAILADDRESS}|%{USER})
    HTTPD_QUOTED [^"\\]*+(?:\\.[^"\\]*+)*+
    HTTPD_REQUEST %{WORD:verb} (?<request>(?:[^ "\\]++|\\.)++)(?: HTTP/%{NUMBER:httpversion})?
    HTTPD_COMMONLOG %{IPORHOST:clientip} (?:-|%{HTTPDUSER:ident}) (?:-|(?<auth>[^\[]+?)) \[%{HTTPDATE:timestamp}\] "(?:%{HTTPD_REQUEST}|-|%{HTTPD_QUOTED:rawrequest})" (?:-|%{INT:response}) (?:-|%{INT:bytes})
    HTTPD_COMBINEDLOG %{HTTPD_COMMONLOG} "(?:-|%{HTTPD_QUOTED:referrer})" "(?:-|%{HTTPD_QUOTED:agent})"
    COMMONAPACHELOG %{HTTPD_COMMONLOG}
    COMBINEDAPACHELOG %{HTTPD_COMBINEDLOG}
    HTTPD20_ERRORLOG \[%{HTTPDERROR_DATE:timestamp}\] \[%{LOGLEVEL:loglevel}\] (?:\[client %{IPORHOST:clientip}(?::%{POSINT:clientport})?\] )?%{GREEDYDATA:message}
    HTTPD24_ERRORLOG \[%{HTTPDERROR_DATE:timestamp}\] \[(?:%{WORD:module})?:%{LOGLEVEL:loglevel}\d?\] \[pid %{POSINT:pid}(?::tid %{NUMBER:tid})?\](?: \(%{INT:proxy_errorcode}\)%{DATA:proxy_message}:)?(?: \[client %{IPORHOST:clientip}(?::%{POSINT:clientport})?\])?(?: (?<errorcode>AH\d+):)? %{GREEDYDATA:message}
    HTTPD_ERRORLOG (?:%{HTTPD24_ERRORLOG}|%{HTTPD20_ERRORLOG})
    SQUID3_STATUS (?:%{NONNEGINT:status_code}|%{HTTPD_QUOTED})
    SQUID3 %{NUMBER:timestamp} +%{NUMBER:duration} %{IPORHOST:client_address} %{WORD:cache_result}/%{NONNEGINT:status_code} %{NUMBER:bytes} %{WORD:request_method} %{NOTSPACE:url} (?:-|%{NOTSPACE:user}) %{WORD:hierarchy_code}/(?:-|%{IPORHOST:server}) (?:-|%{NOTSPACE:content_type})
    HAPROXYTIME %{HOUR}:%{MINUTE}:%{SECOND}
    HAPROXYDATE %{MONTHDAY}/%{MONTH}/\d{4}:%{HAPROXYTIME}(?:\.\d+)?
    HAPROXYCAPTUREDREQUESTHEADERS [^{}]*
    HAPROXYCAPTUREDRESPONSEHEADERS [^{}]*
    HAPROXYCONNECTIONS %{INT:actconn}/%{INT:feconn}/%{INT:beconn}/%{INT:srvconn}/\+?%{INT:retries} %{INT:srv_queue}/%{INT:backend_queue}
    HAPROXYREQUEST (?:<BADREQ>|%{WORD:http_verb}(?: %{URIPROTO:http_proto}://(?:%{USER:http_user}(?::[^@]*)?@)?%{URIHOST:http_host})? (?<http_request>[^" ]+)(?: HTTP/%{NUMBER:http_version})?)
    HAPROXYURI (?:%{URIPROTO:http_proto}://)?(?:%{USER:http_user}(?::[^@]*)?@)?(?:%{URIHOST:http_host})?(?:%{URIPATHPARAM:http_request})?
    HAPROXYHTTPREQUESTLINE %{HAPROXYREQUEST}
    HAPROXYHTTPBASE %{IP:client_ip}:%{INT:client_port} \[%{HAPROXYDATE:accept_date}\] %{NOTSPACE:frontend_name} (?<backend_name>[^\s/]+)/%{NOTSPACE:server_name} %{INT:time_request}/%{INT:time_queue}/%{INT:time_backend_connect}/%{INT:time_backend_response}/\+?%{INT:time_duration} %{INT:http_status_code} \+?%{INT:bytes_read} (?:-|%{NOTSPACE:captured_request_cookie}) (?:-|%{NOTSPACE:captured_response_cookie}) %{NOTSPACE:termination_state} %{HAPROXYCONNECTIONS} (?:\{%{HAPROXYCAPTUREDREQUESTHEADERS:captured_request_headers}\} )?(?:\{%{HAPROXYCAPTUREDRESPONSEHEADERS:captured_response_headers}\} )?"%{HAPROXYREQUEST}"?
    HAPROXYHTTP (?:%{SYSLOGTIMESTAMP:syslog_timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) %{IPORHOST:syslog_server} %{SYSLOGPROG}: %{HAPROXYHTTPBASE}
    HAPROXYTCP (?:%{SYSLOGTIMESTAMP:syslog_timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) %{IPORHOST:syslog_server} %{SYSLOGPROG}: %{IP:client_ip}:%{INT:client_port} \[%{HAPROXYDATE:accept_date}\] %{NOTSPACE:frontend_name} (?<backend_name>[^\s/]+)/%{NOTSPACE:server_name} %{INT:time_queue}/%{INT:time_backend_connect}/\+?%{INT:time_duration} \+?%{INT:bytes_read} %{NOTSPACE:termination_state} %{HAPROXYCONNECTIONS}
    RUUID [0-9A-Fa-f]{32}
    RCONTROLLER (?<controller>[^#]+)#(?<action>\w+)
    RUBY_LOGLEVEL (?:DEBUG|FATAL|ERROR|WARN|INFO|ANY)
    RUBY_LOGGER [DFEWIA], \[%{TIMESTAMP_ISO8601:timestamp} *#%{POSINT:pid}\] *%{RUBY_LOGLEVEL:loglevel} -- +%{DATA:progname}: %{GREEDYDATA:message}
    RAILS3HEAD Started %{WORD:verb} "%{URIPATHPARAM:request}" for %{IPORHOST:clientip} at (?<timestamp>\d{4}-%{MONTHNUM}-%{MONTHDAY} %{TIME} %{ISO8601_TIMEZONE})
    RPROCESSING \s*Processing by %{RCONTROLLER} as (?<format>\S+)(?:\s*Parameters: \{%{DATA:params}\}\s*)?
    RAILS3PROFILE (?:\(Views: %{NUMBER:viewms}ms \| ActiveRecord: %{NUMBER:activerecordms}ms|\(ActiveRecord: %{NUMBER:activerecordms}ms)?
    RAILS3FOOT Completed %{NUMBER:response}%{DATA} in %{NUMBER:totalms}ms(?: %{RAILS3PROFILE}%{GREEDYDATA})?
    RAILS3 (?s)%{RAILS3HEAD}(?:.*?%{RPROCESSING})?(?<context>.*?)(?:%{RAILS3FOOT})?\s*$
    """#

  /// Databases, caches and name servers.
  static let services = #"""
    POSTGRESQL (?:%{TIMESTAMP_ISO8601:timestamp}|%{DATESTAMP:timestamp}) %{TZ} %{DATA:user_id} %{GREEDYDATA:connection_id} %{POSINT:pid}
    REDISTIMESTAMP %{MONTHDAY} %{MONTH}(?: \d{4})? %{TIME}
    REDISLOG \[%{POSINT:pid}\] %{REDISTIMESTAMP:timestamp} \*\s
    REDISMONLOG %{NUMBER:timestamp} \[%{INT:database} (?:%{IP:client}:%{NUMBER:port}|lua|unix:%{DATA:socket})\] "%{WORD:command}"\s?%{GREEDYDATA:params}
    MONGO_LOG %{SYSLOGTIMESTAMP:timestamp} \[%{WORD:component}\] %{GREEDYDATA:message}
    MONGO_WORDDASH \b[\w-]+\b
    MONGO_QUERY \{ .*? \}(?= ntoreturn:)
    MONGO_SLOWQUERY %{WORD} %{MONGO_WORDDASH:database}\.%{MONGO_WORDDASH:collection} %{WORD}: %{MONGO_QUERY:query} %{WORD}:%{NONNEGINT:ntoreturn} %{WORD}:%{NONNEGINT:ntoskip} %{WORD}:%{NONNEGINT:nscanned}.*nreturned:%{NONNEGINT:nreturned}.*? (?<duration>\d+)ms
    MONGO3_SEVERITY \w
    MONGO3_COMPONENT %{WORD}
    MONGO3_LOG %{TIMESTAMP_ISO8601:timestamp} +%{MONGO3_SEVERITY:severity} +(?:-|%{MONGO3_COMPONENT:component}) +(?:\[%{DATA:context}\])? %{GREEDYDATA:message}
    BIND9_TIMESTAMP %{MONTHDAY}[-]%{MONTH}[-]\d{4} %{TIME}
    BIND9_DNSTYPE (?:A|AAAA|CAA|CDNSKEY|CDS|CERT|CNAME|CSYNC|DLV|DNAME|DNSKEY|DS|HINFO|HTTPS|LOC|MX|NAPTR|NS|NSEC|NSEC3|OPENPGPKEY|PTR|RRSIG|RP|SIG|SMIMEA|SOA|SRV|SVCB|TSIG|TXT|URI|ANY|TYPE\d+)
    BIND9_CATEGORY queries
    BIND9_QUERYLOGBASE client(?: @0x[0-9A-Fa-f]+)? %{IP:clientip}#%{POSINT:clientport} \(%{GREEDYDATA:question_name}\): (?:view \S+: )?query: %{GREEDYDATA:query_name} (?<question_class>IN|CH|HS|ANY|CLASS\d+) %{BIND9_DNSTYPE:question_type}(?: %{DATA:flags})? \(%{IP:server}\)
    BIND9_QUERYLOG %{BIND9_TIMESTAMP:timestamp} (?:%{BIND9_CATEGORY:category}: )?(?:%{LOGLEVEL:loglevel}: )?%{BIND9_QUERYLOGBASE}
    BIND9 %{BIND9_QUERYLOG}
    MAVEN_VERSION \d+(?:\.\d+)*(?:[.-](?:RELEASE|SNAPSHOT))?
    """#

  /// Java and its servers.
  static let java = #"""
    JAVACLASS (?:[a-zA-Z$_][\w$]*\.)*[a-zA-Z$_][\w$]*
    JAVAFILE (?:[\w. -]+)
    JAVAMETHOD (?:<(?:cl)?init>|[a-zA-Z$_][\w$]*)
    JAVASTACKTRACEPART \s*at %{JAVACLASS:class}\.%{JAVAMETHOD:method}\(%{JAVAFILE:file}(?::%{NUMBER:line})?\)
    JAVATHREAD (?:[A-Z]{2}-Processor\d+)
    JAVALOGMESSAGE .*
    CATALINALOG %{CATALINA_DATESTAMP:timestamp} (?:%{LOGLEVEL:level} \[%{DATA:thread}\] )?%{JAVACLASS:class}(?:\.%{JAVAMETHOD:method})? %{JAVALOGMESSAGE:logmessage}
    TOMCATLEGACY_DATESTAMP %{TOMCAT_DATESTAMP}
    TOMCATLEGACY_LOG %{TOMCATLEGACY_DATESTAMP:timestamp} \| %{LOGLEVEL:level} \| %{JAVACLASS:class} - %{JAVALOGMESSAGE:logmessage}
    CATALINA7_DATESTAMP %{MONTH} %{MONTHDAY}, \d{4} %{HOUR}:%{MINUTE}:%{SECOND} [AP]M
    CATALINA7_LOG %{CATALINA7_DATESTAMP:timestamp} %{JAVACLASS:class}(?: %{JAVAMETHOD:method})?\s*(?:%{LOGLEVEL:level}: )?%{JAVALOGMESSAGE:logmessage}
    CATALINA8_DATESTAMP %{MONTHDAY}-%{MONTH}-\d{4} %{HOUR}:%{MINUTE}:%{SECOND}
    CATALINA8_LOG %{CATALINA8_DATESTAMP:timestamp} %{LOGLEVEL:level} \[%{DATA:thread}\] %{JAVACLASS:class}\.%{JAVAMETHOD:method} %{JAVALOGMESSAGE:logmessage}
    TOMCAT7_LOG %{CATALINA7_LOG}
    TOMCAT8_LOG %{CATALINA8_LOG}
    TOMCATLOG %{TOMCAT_DATESTAMP:timestamp} \| %{LOGLEVEL:level} \| %{JAVACLASS:class} - %{JAVALOGMESSAGE:logmessage}
    """#

  /// Services of AWS.
  static let cloud = #"""
    S3_REQUEST_LINE (?:-|%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{HTTPD_QUOTED:rawrequest})
    S3_ACCESS_LOG (?:-|%{WORD:owner}) (?:-|%{NOTSPACE:bucket}) \[%{HTTPDATE:timestamp}\] (?:-|%{IP:clientip}) (?:-|%{NOTSPACE:requester}) %{NOTSPACE:request_id} %{NOTSPACE:operation} (?:-|%{NOTSPACE:key}) (?:"%{S3_REQUEST_LINE}"|-) (?:-|%{INT:response}) (?:-|%{NOTSPACE:error_code}) (?:-|%{INT:bytes}) (?:-|%{INT:object_size}) (?:-|%{INT:request_time_ms}) (?:-|%{INT:turnaround_time_ms}) (?:-|"(?:-|%{HTTPD_QUOTED:referrer})") (?:-|"(?:-|%{HTTPD_QUOTED:agent})") (?:-|%{NOTSPACE:version_id})
    ELB_URIPATHPARAM %{URIPATH:path}(?:%{URIPARAM:params})?
    ELB_URI %{URIPROTO:proto}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST:urihost})?(?:%{ELB_URIPATHPARAM})?
    ELB_REQUEST_LINE (?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|- - - ?|%{HTTPD_QUOTED:rawrequest})
    ELB_URIHOST %{IPORHOST:urihost}(?::%{POSINT:port})?
    ELB_URIPATHQUERY %{URIPATH:path}(?:\?%{URIQUERY:params})?
    ELB_V1_HTTP_LOG %{ELB_ACCESS_LOG}
    ELB_ACCESS_LOG %{TIMESTAMP_ISO8601:timestamp} %{NOTSPACE:elb} %{IP:clientip}:%{INT:clientport} (?:-|%{IP:backendip}:%{INT:backendport}) (?:-1|%{NUMBER:request_processing_time}) (?:-1|%{NUMBER:backend_processing_time}) (?:-1|%{NUMBER:response_processing_time}) (?:-|%{INT:response}) (?:-|%{INT:backend_response}) %{INT:received_bytes} %{INT:bytes} "%{ELB_REQUEST_LINE}"(?: "(?:-|%{HTTPD_QUOTED:agent})" (?:-|%{NOTSPACE:ssl_cipher}) (?:-|%{NOTSPACE:ssl_protocol}))?
    CLOUDFRONT_ACCESS_LOG (?<timestamp>\d{4}-%{MONTHNUM}-%{MONTHDAY}\t%{TIME})\t(?:-|%{NOTSPACE:x_edge_location})\t(?:-|%{INT:sc_bytes})\t%{IP:clientip}\t%{WORD:cs_method}\t%{HOSTNAME:cs_host}\t%{NOTSPACE:cs_uri_stem}\t(?:-|%{INT:sc_status})\t(?:-|%{NOTSPACE:referrer})\t(?:-|%{NOTSPACE:agent})\t(?:-|%{NOTSPACE:cs_uri_query})\t(?:-|%{NOTSPACE:cookies})\t%{WORD:x_edge_result_type}\t%{NOTSPACE:x_edge_request_id}\t%{HOSTNAME:x_host_header}\t%{URIPROTO:cs_protocol}\t(?:-|%{INT:cs_bytes})\t%{NUMBER:time_taken}\t(?:-|%{IP:x_forwarded_for})\t(?:-|%{NOTSPACE:ssl_protocol})\t(?:-|%{NOTSPACE:ssl_cipher})\t%{WORD:x_edge_response_result_type}
    """#
}
