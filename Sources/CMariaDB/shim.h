#ifndef TIDEMARK_CMARIADB_SHIM_H
#define TIDEMARK_CMARIADB_SHIM_H

#include <mariadb/mysql.h>
#include <mariadb/ma_pvio.h>
#include <mariadb/errmsg.h>

#include <errno.h>
#include <poll.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

// What libmariadb has read ahead of the packets that it has handed out, or -1 where it cannot be
// known: then rows must be read through libmariadb.
//
// Its read-ahead cache is part of the interface of its transport plugins (ma_pvio.h).
static inline long tm_mysql_take_ahead(MYSQL *connection, uint8_t *output, size_t capacity) {
  MARIADB_PVIO *transport = connection->net.pvio;
  if (!transport || transport->ctls || mysql_get_ssl_cipher(connection)) return -1;
  if (connection->net.compress) return -1;
  if (transport->type != PVIO_TYPE_UNIXSOCKET && transport->type != PVIO_TYPE_SOCKET) return -1;
  uint8_t *cache = transport->cache, *position = transport->cache_pos;
  if (!cache) return 0;
  if (transport->cache_size > PVIO_READ_AHEAD_CACHE_SIZE || position < cache ||
      position > cache + PVIO_READ_AHEAD_CACHE_SIZE)
    return -1;
  uint8_t *end = cache + transport->cache_size;
  if (position >= end) return 0;
  size_t count = (size_t)(end - position);
  if (count > capacity) return -1;
  memcpy(output, position, count);
  transport->cache_pos = end;
  return (long)count;
}

// Reads what there is, waiting for at least one byte. 0 at the end, -errno where it failed,
// -ETIMEDOUT where nothing came for so long.
static inline long tm_socket_read(int socket, uint8_t *output, size_t capacity, int seconds) {
  int milliseconds = seconds > INT_MAX / 1000 ? INT_MAX : seconds * 1000;
  for (;;) {
    ssize_t count = recv(socket, output, capacity, MSG_DONTWAIT);
    if (count >= 0) return (long)count;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return -(long)errno;
    struct pollfd waiting = {.fd = socket, .events = POLLIN};
    int ready = poll(&waiting, 1, milliseconds);
    if (ready == 0) return -(long)ETIMEDOUT;
    if (ready < 0 && errno != EINTR) return -(long)errno;
  }
}

// A server whose machine is gone without a word is noticed within three minutes, idle or not.
static inline void tm_socket_keep_alive(int socket) {
  int on = 1, idle = 60, interval = 20, count = 6;
  unsigned int unanswered = 180 * 1000;
  if (setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0) {
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered, sizeof unanswered);
  }
}

// Ends both directions of a socket, so that who waits on it wakes up.
static inline void tm_socket_shutdown(int socket) { (void)shutdown(socket, SHUT_RDWR); }

// Says that the result which was read past libmariadb has been read to its end.
static inline void tm_mysql_result_is_read(MYSQL *connection) {
  connection->status = MYSQL_STATUS_READY;
}

// One packet of a result through libmariadb; its payload is at *payload until the next call.
// packet_error as the length where it failed.
static inline unsigned long tm_mysql_read_packet(MYSQL *connection, const uint8_t **payload) {
  unsigned long length = mysql_net_read_packet(connection);
  *payload = connection->net.read_pos;
  return length;
}

static inline bool tm_mysql_packet_failed(unsigned long length) {
  return length == packet_error;
}

// Whether the server says that a text column holds JSON.
static inline bool tm_mysql_field_is_json(const MYSQL_FIELD *field) {
  if (field->type == MYSQL_TYPE_JSON) return true;
  MARIADB_CONST_STRING format = {0};
  if (mariadb_field_attr(&format, field, MARIADB_FIELD_ATTR_FORMAT_NAME)) return false;
  return format.length == 4 && memcmp(format.str, "json", 4) == 0;
}

// What the server's people see of this connection, in performance_schema's
// session_connect_attrs.
static inline void tm_mysql_attribute(MYSQL *connection, const char *name, const char *value) {
  mysql_optionsv(connection, MYSQL_OPT_CONNECT_ATTR_ADD, name, value);
}

static inline void tm_mysql_use_tcp(MYSQL *connection) {
  unsigned int protocol = MYSQL_PROTOCOL_TCP;
  mysql_optionsv(connection, MYSQL_OPT_PROTOCOL, &protocol);
}

static inline void tm_mysql_require_tls(MYSQL *connection, bool enforce, bool verify) {
  my_bool on = 1, check = verify;
  if (enforce) mysql_optionsv(connection, MYSQL_OPT_SSL_ENFORCE, &on);
  mysql_optionsv(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &check);
}

#endif
