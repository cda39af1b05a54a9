/// A pattern, a line of it, with `⇥` for tabs, and fields that come of it.
let grokLines = #"""
  CISCOFW104001
  (Secondary) Switching to ACTIVE - Service card in other unit has failed
    switch_reason = Service card in other unit has failed

  CISCOFW104003
  (Primary) Switching to FAILED.

  CISCOFW105005
  (Primary) Lost Failover communications with mate on interface dmz
    interface_name = dmz

  CISCOFW105009
  (Primary) Testing on interface inside Passed
    interface_name = inside

  CISCOFW106001
  Inbound TCP connection denied from 192.0.2.91/7651 to 198.51.100.11/80 flags SYN ACK on interface outside
    direction = Inbound
    action = denied
    src_ip = 192.0.2.91
    dst_port = 80
    tcp_flags = SYN ACK
    interface = outside

  CISCOFW106006_106007_106010
  Deny inbound UDP from 192.0.2.12/3237 to 198.51.100.13/53 on interface outside
    protocol = UDP
    src_port = 3237
    interface = outside

  CISCOFW106006_106007_106010
  Deny inbound UDP from 192.0.2.12/3237 to 198.51.100.13/53 due to DNS Query
    reason = DNS Query

  CISCOFW106014
  Deny inbound icmp src outside:192.0.2.1 dst inside:10.0.0.8 (type 8, code 0)
    src_interface = outside
    dst_ip = 10.0.0.8
    icmp_type = 8

  CISCOFW106015
  Deny TCP (no connection) from 192.168.150.65/2278 to 64.101.128.83/80 flags RST  on interface inside
    policy_id = no connection
    tcp_flags = RST
    interface = inside

  CISCOFW106021
  Deny TCP reverse path check from 192.0.2.7 to 10.1.1.1 on interface outside
    src_ip = 192.0.2.7

  CISCOFW106023
  Deny tcp src dmz:192.0.2.3/44 dst outside:198.51.100.9/80 by access-group "acl_dmz" [0xe3aab522, 0x0]
    src_interface = dmz
    dst_port = 80
    policy_id = acl_dmz
    hashcode1 = 0xe3aab522

  CISCOFW106100_2_3
  access-list acl permitted tcp for user 'alice' inside/10.0.0.1(3452) -> outside/192.0.2.1(80) hit-cnt 1 300-second interval [0x91c26a3, 0x0]
    src_fwuser = alice
    hit_count = 1
    interval = 300
    dst_port = 80

  CISCOFW106100
  access-list inside permitted tcp inside/10.10.123.45(51763) -> outside/192.168.67.89(80) hit-cnt 1 first hit [0x62c4905, 0x0]
    policy_id = inside
    action = permitted
    src_port = 51763
    interval = first hit

  CISCOFW110002
  Failed to locate egress interface for UDP from outside:203.0.113.2/1985 to 224.0.0.2/1985
    reason = Failed to locate egress interface
    dst_ip = 224.0.0.2

  CISCOFW302010
  0 in use, 36 most used
    connection_count_max = 36

  CISCOFW302013_302014_302015_302016
  Built inbound TCP connection 447235 for outside:192.0.2.10/12312 (192.0.2.10/12312) to dmz:10.0.0.20/25 (198.51.100.1/25)
    connection_id = 447235
    direction = inbound
    src_mapped_port = 12312
    dst_mapped_ip = 198.51.100.1

  CISCOFW302013_302014_302015_302016
  Teardown TCP connection 63297 for outside:192.0.2.7/443 to inside:10.0.0.9/61234 duration 0:00:30 bytes 4096 TCP FINs
    duration = 0:00:30
    bytes = 4096
    reason = TCP FINs

  CISCOFW302020_302021
  Built inbound ICMP connection for faddr 10.0.0.1/512 gaddr 192.0.2.2/0 laddr 10.0.0.2/0
    dst_ip = 10.0.0.1
    src_xlated_ip = 192.0.2.2

  CISCOFW304001
  10.0.0.5 Accessed URL 198.51.100.8:http://example.com/x
    src_ip = 10.0.0.5
    dst_url = http://example.com/x

  CISCOFW305011
  Built dynamic TCP translation from inside:192.168.1.33/56789 to outside:203.0.113.4/11111
    xlate_type = dynamic
    src_xlated_port = 11111

  CISCOFW313001_313004_313008
  Denied ICMP type=3, code=3 from 192.0.2.5 on interface outside
    icmp_type = 3
    src_ip = 192.0.2.5

  CISCOFW313005
  No matching connection for ICMP error message: icmp src fw111:10.192.33.100 dst in:192.0.2.2 (type 3, code 3) on fw111 interface.  Original IP payload: udp src 192.0.2.2/53 dst 10.192.33.100/10872.
    reason = No matching connection
    interface = fw111
    orig_dst_port = 10872

  CISCOFW321001
  Resource 'conns' limit of 100000 reached for system
    resource_name = conns
    resource_limit = 100000

  CISCOFW402117
  IPSEC: Received a non-IPSec packet (protocol= ICMP) from 192.0.2.1 to 198.51.100.2
    orig_protocol = ICMP

  CISCOFW402119
  IPSEC: Received an ESP packet (SPI= 0xAB12CD34, sequence number= 0x9F) from 192.0.2.1 (user= bob) to 198.51.100.2 that failed anti-replay checking
    spi = 0xAB12CD34
    user = bob

  CISCOFW419002
  Received duplicate TCP SYN from admin:10.0.0.53/3474 to outside:192.0.2.2/80 with different initial sequence number
    src_interface = admin

  CISCOFW500004
  Invalid transport field for protocol=UDP, from 192.0.2.4/1234 to 198.51.100.7/0
    reason = Invalid transport field
    dst_port = 0

  CISCOFW602303_602304
  IPSEC: An outbound LAN-to-LAN SA (SPI= 0xF81283) between 192.0.2.1 and 198.51.100.2 (user= admin) has been created
    tunnel_type = LAN-to-LAN
    action = created

  CISCOFW710001_710002_710003_710005_710006
  UDP request discarded from 192.0.2.8/68 to outside:255.255.255.255/67
    action = discarded
    dst_port = 67

  CISCOFW710001_710002_710003_710005_710006
  TCP access denied by ACL from 192.0.2.8/68 to outside:198.51.100.3/ssh
    action = denied by ACL
    dst_port = ssh

  CISCOFW713172
  Group = G1, IP = 192.0.2.9, Automatic NAT Detection Status:     Remote end is not behind a NAT device     This   end is behind a NAT device
    group = G1
    is_remote_natted = is not
    is_local_natted = is

  CISCOFW733100
  [ Scanning] drop rate-1 exceeded. Current burst rate is 4 per second, max configured rate is 10; Current average rate is 9 per second, max configured rate is 5; Cumulative total count is 5419
    drop_type = Scanning
    drop_total_count = 5419

  IPTABLES
  IN=eth0 OUT= MAC=52:54:00:12:34:56:00:16:3e:aa:bb:cc:08:00 SRC=192.0.2.4 DST=10.0.0.1 LEN=60 TOS=0x00 PREC=0x00 TTL=51 ID=4242 DF PROTO=TCP SPT=51234 DPT=22 WINDOW=64240 RES=0x00 SYN URGP=0
    in_device = eth0
    src_ip = 192.0.2.4
    dst_port = 22
    tcp_flags = SYN
    tcp_window = 64240
    ttl = 51

  IPTABLES
  IN= OUT=eth1 SRC=2001:0db8:0000:0000:0000:0000:0000:0001 DST=ff02:0000:0000:0000:0000:0000:0000:0002 LEN=56 TC=0 HOPLIMIT=255 FLOWLBL=0 PROTO=UDP SPT=546 DPT=547 LEN=16
    out_device = eth1
    protocol = UDP
    dst_port = 547

  SHOREWALL
  Nov 21 10:00:00 gw kernel: [1.5] Shorewall:net2all:DROP:IN=eth0 OUT= MAC=00:11 SRC=192.0.2.1 DST=192.0.2.2 LEN=40 TOS=0x00 PREC=0x00 TTL=240 ID=1 PROTO=TCP SPT=4 DPT=23 WINDOW=1 RES=0x00 SYN URGP=0
    nf_action1 = net2all
    nf_action2 = DROP
    nf_dst_port = 23

  SFW2
  Nov 21 10:00:00 gw kernel: [ 12.5] SFW2-INext-DROP-DEFLT IN=eth0 OUT= MAC=00:11 SRC=192.0.2.1 DST=192.0.2.2 LEN=40 PROTO=TCP
    log_prefix = SFW2-INext-DROP-DEFLT
    nf_src_ip = 192.0.2.1

  NETSCREENSESSIONLOG
  Jun  2 14:53:31 fire00 ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): start_time="2016-06-02 14:53:30" duration=1 policy_id=11 service=https proto=6 src zone=Trust dst zone=Untrust action=Permit sent=10 rcvd=20 src=10.0.0.1 dst=192.0.2.1 src_port=1 dst_port=443 src-xlated ip=192.0.2.9 port=5 dst-xlated ip=192.0.2.1 port=443 session_id=7 reason=Close - TCP FIN
    service = https
    action = Permit
    src_xlated_ip = 192.0.2.9
    reason = Close - TCP FIN

  RT_FLOW1
  RT_FLOW_SESSION_CLOSE: session closed TCP FIN: 10.0.0.1/1234->192.0.2.2/80 junos-http 198.51.100.1/1234->192.0.2.2/80 r1 None 6 allow trust untrust 4711 5(410) 4(2900) 2
    close_reason = TCP FIN
    nat_src_ip = 198.51.100.1
    policy_name = allow
    sent = 410
    elapsed_time = 2

  RT_FLOW2
  RT_FLOW_SESSION_CREATE: session created 10.0.0.1/1234->192.0.2.2/80 junos-http 10.0.0.1/1234->192.0.2.2/80 None None 6 allow trust untrust 4711
    service = junos-http
    session_id = 4711

  RT_FLOW3
  RT_FLOW_SESSION_DENY: session denied 10.0.0.1/1234->192.0.2.2/23 junos-telnet 6(0) deny-all trust untrust
    policy_name = deny-all
    to_zone = untrust

  NAGIOSLOGLINE
  [1427925600] CURRENT SERVICE STATE: web1;SSH;OK;HARD;1;SSH OK - OpenSSH_5.3
    nagios_epoch = 1427925600
    nagios_hostname = web1
    nagios_service = SSH
    nagios_message = SSH OK - OpenSSH_5.3

  NAGIOSLOGLINE
  [1427925689] SERVICE NOTIFICATION: admin;db;Load;CRITICAL;by-email;(Service Check Timed Out)
    nagios_type = SERVICE NOTIFICATION
    nagios_contact = by-email

  NAGIOSLOGLINE
  [1427925622] HOST ALERT: db;DOWN;SOFT;1;PING CRITICAL
    nagios_statelevel = SOFT
    nagios_attempt = 1

  NAGIOSLOGLINE
  [1429748415] SERVICE ALERT: web1;Disk;WARNING;HARD;4;DISK 91%
    nagios_state = WARNING
    nagios_attempt = 4

  NAGIOSLOGLINE
  [1429748415] SERVICE EVENT HANDLER: web1;Disk;WARNING;HARD;4;clean-up
    nagios_event_handler_name = clean-up

  NAGIOSLOGLINE
  [1429748415] EXTERNAL COMMAND: SCHEDULE_HOST_DOWNTIME;web1;1434300600;1434304200;1;0;3600;alice;reboot
    nagios_command = SCHEDULE_HOST_DOWNTIME
    author = alice
    comment = reboot

  NAGIOSLOGLINE
  [1429748415] EXTERNAL COMMAND: PROCESS_SERVICE_CHECK_RESULT;web1;job;0;fine
    nagios_check_result = fine

  NAGIOSLOGLINE
  [1429748415] EXTERNAL COMMAND: DISABLE_SVC_CHECK;web1;job
    nagios_service = job

  NAGIOSLOGLINE
  [1429748415] TIMEPERIOD TRANSITION: 24X7;-1;1
    nagios_service = 24X7

  NAGIOSLOGLINE
  [1429748415] Warning: the check of 'x' was late
    nagios_message = the check of 'x' was late

  MCOLLECTIVE
  I, [2010-12-29T15:47:59.300712 #6151]  INFO -- : pluginmanager.rb:80
    pid = 6151
    event_level = INFO

  MCOLLECTIVEAUDIT
  2010-12-29T11:15:32.321744+0000: reqid=319

  BACULA_LOGLINE
  09-Nov 01:45 backup-dir JobId 122: Using Device "Disk1"
    hostname = backup-dir
    jobid = 122
    device = Disk1

  BACULA_LOGLINE
  09-Nov 01:45 backup-dir JobId 122: Start Backup JobId 122, Job=web.2026-11-09_01.45.00_03
    job = web.2026-11-09_01.45.00_03

  BACULA_LOGLINE
  09-Nov 01:45 backup-sd JobId 122: Job write elapsed time = 00:10:01, Transfer rate = 7.215 M Bytes/second
    elapsed = 00:10:01

  BACULA_LOGLINE
  09-Nov-2026 01:45 backup-sd JobId 122: Volume "Vol-0001" previously written, moving to end of data.
    volume = Vol-0001

  BACULA_LOGLINE
  09-Nov 01:45 backup-dir JobId 122: Fatal error: JobId 9 already running. Duplicate job not allowed.
    duplicate = 9

  BACULA_LOGLINE
  09-Nov 01:45 web-fd JobId 122:      /proc is a different filesystem. Will not descend from / into it.
    hostname = web-fd

  BACULA_LOGLINE
  09-Nov 01:45 backup-sd JobId 122: End of medium on Volume "V1" Bytes=53,687,041,536 Blocks=832,202 at 09-Nov-2026 02:10.
    bytes = 53,687,041,536

  EXIM
  2014-08-10 11:18:46 1XGPwk-0001Kg-9r <= joe@example.com H=mail.example.com [192.0.2.30] P=esmtps X=TLSv1.2:DHE:256 S=6307 id=20140810@example.com T="hello \"you\"" for al@example.org bo@example.org
    exim_msgid = 1XGPwk-0001Kg-9r
    exim_sender_email = joe@example.com
    remote_hostname = mail.example.com
    remote_host = 192.0.2.30
    protocol = esmtps
    exim_msg_size = 6307
    exim_recipient_email = al@example.org bo@example.org

  EXIM
  2014-08-10 11:18:46 [1640] 1XGPwk-0001Kg-9r <= joe@example.com H=(client) [192.0.2.30]:587 P=esmtpa S=1
    remote_heloname = client
    remote_port = 587

  ZEEK_CONN
  1541001600.5⇥CNJBX5FQdL62VUUP1⇥10.0.0.2⇥45325⇥192.0.2.1⇥53⇥udp⇥dns⇥0.000602⇥29⇥45⇥SF⇥-⇥-⇥0⇥Dd⇥1⇥57⇥1⇥73⇥(empty)
    service = dns
    conn_state = SF
    resp_ip_bytes = 73
    history = Dd

  BRO_CONN
  1541001600.5⇥CNJBX5FQdL62VUUP1⇥10.0.0.2⇥45325⇥192.0.2.1⇥53⇥udp⇥-⇥-⇥-⇥-⇥S0⇥-⇥0⇥D⇥1⇥57⇥0⇥0⇥(empty)
    conn_state = S0

  ZEEK_DNS
  1541001600.5⇥C1⇥10.0.0.2⇥45325⇥192.0.2.1⇥53⇥udp⇥15695⇥0.0002⇥www.example.com⇥1⇥C_INTERNET⇥1⇥A⇥0⇥NOERROR⇥F⇥F⇥T⇥T⇥0⇥192.0.2.80⇥300.000000⇥F
    query = www.example.com
    rcode_name = NOERROR
    rejected = F

  ZEEK_HTTP
  1541001600.5⇥C1⇥10.0.0.2⇥51234⇥192.0.2.1⇥80⇥1⇥GET⇥example.com⇥/x?y⇥-⇥1.1⇥curl/7.58⇥-⇥0⇥17⇥200⇥OK⇥-⇥-⇥(empty)⇥-⇥-⇥-⇥-⇥-⇥-⇥FEEsZS1⇥-⇥text/json
    method = GET
    status_code = 200
    user_agent = curl/7.58
    resp_fuids = FEEsZS1

  ZEEK_FILES
  1541001600.5⇥F1⇥192.0.2.1⇥10.0.0.2⇥C1⇥HTTP⇥0⇥MD5,SHA1⇥text/plain⇥-⇥0.0⇥-⇥F⇥17⇥17⇥0⇥0⇥F⇥-⇥d41d8⇥-⇥-⇥-
    fuid = F1
    md5 = d41d8
    mime_type = text/plain

  ZEEK_X509
  1541001600.5⇥F1⇥3⇥0C⇥CN=example.com⇥CN=ca⇥1541001600.0⇥1572537600.0⇥rsaEncryption⇥sha256WithRSAEncryption⇥rsa⇥2048⇥65537⇥-⇥example.com⇥-⇥-⇥-⇥F⇥-
    certificate_subject = CN=example.com
    certificate_key_length = 2048

  RAILS3
  Started GET "/x?y=1" for 127.0.0.1 at 2015-08-05 11:37:01 +0200
    verb = GET

  CATALINA7_LOG
  Jan 9, 2014 7:13:13 AM org.apache.catalina.startup.HostConfig deployDirectory INFO: Deploying
    class = org.apache.catalina.startup.HostConfig
    method = deployDirectory
    level = INFO

  TOMCAT8_LOG
  31-Jul-2020 16:40:38.505 INFO [localhost-1] org.apache.catalina.core.StandardContext.reload Reloading
    thread = localhost-1
    method = reload

  ELB_V1_HTTP_LOG
  2015-05-13T23:39:43.945958Z my-lb 192.0.2.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -
    backendport = 80
  """#
