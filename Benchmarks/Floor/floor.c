// The floor under every MySQL reader: libmariadb streams the rows, which are counted and dropped.
//
//   cc -O2 -o floor floor.c $(mariadb_config --cflags --libs)
//   floor SOCKET|HOST:PORT USER DATABASE QUERY [prepared]        (password in FLOOR_PASSWORD)
//
// The query is sent as text; or, prepared, its rows come in the binary protocol and are fetched
// without being converted.
// Prints one JSON object: rows, bytes of column text, seconds, CPU seconds, and peak RSS.
#include <mariadb/mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int fail(MYSQL *connection, const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, mysql_error(connection));
  return 1;
}

struct counts {
  unsigned long long rows, bytes;
};

static int count_text(MYSQL *connection, const char *query, struct counts *counts) {
  if (mysql_query(connection, query)) return fail(connection, "the query");
  MYSQL_RES *result = mysql_use_result(connection);
  if (!result) return fail(connection, "the result");
  unsigned columns = mysql_num_fields(result);
  while (mysql_fetch_row(result)) {
    unsigned long *lengths = mysql_fetch_lengths(result);
    for (unsigned i = 0; i < columns; i++) counts->bytes += lengths[i];
    counts->rows++;
  }
  if (mysql_errno(connection)) return fail(connection, "reading rows");
  mysql_free_result(result);
  return 0;
}

static int count_prepared(MYSQL *connection, const char *query, struct counts *counts) {
  MYSQL_STMT *statement = mysql_stmt_init(connection);
  if (!statement || mysql_stmt_prepare(statement, query, strlen(query)) ||
      mysql_stmt_execute(statement))
    return fail(connection, "the query");
  int state;
  while ((state = mysql_stmt_fetch(statement)) == 0 || state == MYSQL_DATA_TRUNCATED)
    counts->rows++;
  if (state != MYSQL_NO_DATA) return fail(connection, "reading rows");
  mysql_stmt_close(statement);
  return 0;
}

int main(int count, char **arguments) {
  int is_prepared = count == 6 && !strcmp(arguments[5], "prepared");
  if (count != 5 && !is_prepared) {
    fprintf(stderr, "usage: floor SOCKET|HOST:PORT USER DATABASE QUERY [prepared]\n");
    return 2;
  }
  char *host = NULL, *socket = NULL, *colon = NULL;
  unsigned port = 0;
  if (arguments[1][0] == '/') {
    socket = arguments[1];
  } else {
    host = arguments[1];
    if ((colon = strrchr(host, ':'))) {
      *colon = 0;
      port = (unsigned)atoi(colon + 1);
    }
  }
  MYSQL *connection = mysql_init(NULL);
  if (!connection) return 1;
  mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!mysql_real_connect(connection, host, arguments[2], getenv("FLOOR_PASSWORD"), arguments[3],
                          port, socket, 0))
    return fail(connection, "connecting");

  double start = now();
  struct counts counts = {0, 0};
  if (is_prepared ? count_prepared(connection, arguments[4], &counts)
                  : count_text(connection, arguments[4], &counts))
    return 1;
  double seconds = now() - start;
  mysql_close(connection);

  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec +
               usage.ru_stime.tv_usec / 1e6;
  printf("{\"rows\": %llu, \"text_bytes\": %llu, \"seconds\": %.3f, \"cpu_seconds\": %.3f, "
         "\"peak_rss_mb\": %.1f}\n",
         counts.rows, counts.bytes, seconds, cpu, usage.ru_maxrss / 1024.0);
  return 0;
}
