extension GrokLibrary {
  /// Words, numbers, names of people, machines and files.
  static let core = #"""
    # Words and text
    WORD \b\w+\b
    NOTSPACE \S+
    SPACE \s*
    DATA .*?
    GREEDYDATA .*
    QUOTEDSTRING (?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|'[^'\\]*+(?:\\.[^'\\]*+)*+'|`[^`\\]*+(?:\\.[^`\\]*+)*+`)
    QS %{QUOTEDSTRING}

    # Numbers
    INT [+-]?\d+
    BASE10NUM (?<![\d.+-])[+-]?(?:\d+(?:\.\d*)?|\.\d+)
    NUMBER %{BASE10NUM}
    BASE16NUM (?<![0-9A-Fa-f])[+-]?(?:0[xX])?[0-9A-Fa-f]+
    BASE16FLOAT \b(?<![0-9A-Fa-f.])[+-]?(?:0[xX])?(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+)\b
    POSINT \b[1-9]\d*\b
    NONNEGINT \b\d+\b

    # People
    USERNAME [\w.-]+
    USER %{USERNAME}
    EMAILLOCALPART [A-Za-z0-9][\w.+=:'#-]*
    EMAILADDRESS %{EMAILLOCALPART}@%{HOSTNAME}
    UUID [0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}
    URN urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:(?:%[0-9A-Fa-f]{2}|[\w()+,.:=@;$!*'/?#-])+

    # Machines
    CISCOMAC (?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}
    WINDOWSMAC (?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}
    COMMONMAC (?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}
    MAC (?:%{COMMONMAC}|%{WINDOWSMAC}|%{CISCOMAC})
    IPV4 (?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?!\d)
    IPV6GROUP [0-9A-Fa-f]{1,4}
    IPV6 (?<![\w:.])(?!(?:[0-9A-Fa-f]*:){9})(?:(?:%{IPV6GROUP}:){6}%{IPV4}|(?:%{IPV6GROUP}:){7}%{IPV6GROUP}|(?:%{IPV6GROUP}(?::%{IPV6GROUP}){0,6})?::(?:(?:%{IPV6GROUP}:){0,5}%{IPV4}|(?:%{IPV6GROUP}(?::%{IPV6GROUP}){0,6})?))(?:%[\w.-]+)?(?![\w:])
    IP (?:%{IPV4}|%{IPV6})
    HOSTNAME \b[0-9A-Za-z_](?:[0-9A-Za-z_-]{0,62})(?:\.[0-9A-Za-z_](?:[0-9A-Za-z_-]{0,62}))*+(?:\.(?!\w))?
    HOST %{HOSTNAME}
    IPORHOST (?:%{IP}|%{HOSTNAME})
    HOSTPORT %{IPORHOST}:%{POSINT}

    # Files and addresses
    UNIXPATH (?:/[\w%!$@:.,+~-]*)+
    WINPATH (?:[A-Za-z]+:|\\)(?:\\[^\\?*]*)+
    PATH (?:%{UNIXPATH}|%{WINPATH})
    TTY /dev/(?:pts/|tty[pq]?)\w*\d+
    URIPROTO [A-Za-z][A-Za-z0-9+.-]*
    URIHOST (?:\[%{IPV6}\]|%{IPORHOST})(?::%{POSINT:port})?
    URIPATH (?:/[\w$.+!*'(){},~:;=@#%&-]*)+
    URIQUERY [\w$.+!*'|(){},~@#%&/=:;?\[\]<>-]*
    URIPARAM \?%{URIQUERY}
    URIPATHPARAM %{URIPATH}(?:%{URIPARAM})?
    URI %{URIPROTO}://(?:%{USER}(?::[^@\s]*)?@)?(?:%{URIHOST})?(?:%{URIPATH}(?:%{URIPARAM})?)?

    LOGLEVEL \b(?i:trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?|alert|panic|fine(?:r|st)?)\b
    """#

  /// Days, times and time stamps.
  static let dates = #"""
    MONTH \b(?:[Jj]an(?:uary?)?|[Ff]eb(?:ruary?)?|[Mm](?:a|ä)r(?:ch|z)?|[Aa]pr(?:il)?|[Mm]a[yi]|[Jj]une?|[Jj]uni?|[Jj]ul[yi]?|[Aa]ug(?:ust)?|[Ss]ep(?:tember)?|[Oo](?:c|k)t(?:ober)?|[Nn]ov(?:ember)?|[Dd]e(?:c|z)(?:ember)?)\b
    MONTHNUM (?:1[0-2]|0?[1-9])
    MONTHNUM2 (?:0[1-9]|1[0-2])
    MONTHDAY (?:3[01]|[12]\d|0?[1-9])
    DAY \b(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)\b
    YEAR (?>\d\d){1,2}
    HOUR (?:2[0-3]|[01]?\d)
    MINUTE [0-5]\d
    SECOND (?:60|[0-5]?\d)(?:[:.,]\d+)?
    TIME (?<!\d)%{HOUR}:%{MINUTE}:%{SECOND}(?!\d)
    DATE_US %{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}
    DATE_EU %{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}
    DATE (?:%{DATE_US}|%{DATE_EU})
    DATESTAMP %{DATE}[- ]%{TIME}
    ISO8601_TIMEZONE (?:Z|[+-]%{HOUR}(?::?%{MINUTE})?)
    ISO8601_SECOND %{SECOND}
    ISO8601_HOUR (?:2[0-4]|[01]\d)
    TIMESTAMP_ISO8601 (?<!\d)\d{4}-%{MONTHNUM}-%{MONTHDAY}[T ]%{ISO8601_HOUR}:?%{MINUTE}(?::?%{SECOND})?\s?%{ISO8601_TIMEZONE}?
    TZ (?:UTC|GMT|Z|[A-Z]{2,4}T|[A-Z]{1,2}ST|[+-]\d\d:?\d\d)
    DATESTAMP_RFC822 %{DAY},? %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}
    DATESTAMP_RFC2822 %{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} (?:%{ISO8601_TIMEZONE}|%{TZ})
    DATESTAMP_OTHER %{DAY} %{MONTH} +%{MONTHDAY} %{TIME} %{TZ} %{YEAR}
    DATESTAMP_EVENTLOG \d{4}%{MONTHNUM2}[0-3]\d[0-2]\d%{MINUTE}[0-5]\d
    HTTPDATE %{MONTHDAY}/%{MONTH}/\d{4}:%{TIME} [+-]\d{4}
    HTTPDERROR_DATE %{DAY} %{MONTH} +%{MONTHDAY} %{TIME} \d{4}
    SYSLOGTIMESTAMP %{MONTH} +%{MONTHDAY} %{TIME}
    SYSLOG5424DATE %{TIMESTAMP_ISO8601}
    CISCOTIMESTAMP %{MONTH} +%{MONTHDAY}(?: \d{4})? %{TIME}
    TOMCAT_DATESTAMP \d{4}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND} %{ISO8601_TIMEZONE}
    CATALINA_DATESTAMP (?:%{MONTH} %{MONTHDAY}, \d{4}|%{MONTHDAY}-%{MONTH}-\d{4}) %{HOUR}:%{MINUTE}:%{SECOND}(?: [AP]M)?
    """#
}
