/* The limit for the codec row: one pass over newline-separated codes, doing what packages/codec/src/read-codes.ts does.
   usage: scan FILE PASSES; prints the lines per second of the timed passes, then how many lines were accepted in one of them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint8_t value[256];
static const char PREFIX[] = "1.2.156.3088.";
enum { PREFIX_LENGTH = 13, NONE = 64 };

struct columns {
  uint8_t *accepted, *versions;
  uint32_t *starts, *ends, *providers, *requesters;
  double *ontologies, *instances;
};

static inline const uint8_t *number(const uint8_t *p, uint64_t *out) {
  uint64_t n = 0;
  for (uint8_t v; (v = value[*p]) < NONE; p++) n = n * 36 + v;
  *out = n;
  return p;
}

static const uint8_t *read_line(const uint8_t *line, struct columns *c, size_t row) {
  uint64_t n;
  const uint8_t *p = line + PREFIX_LENGTH, *q;
  if (memcmp(line, PREFIX, PREFIX_LENGTH) != 0) return NULL;
  uint8_t version = value[*p];
  if (version == 0 || version == NONE || p[1] != '.') return NULL;
  c->versions[row] = version;
  p += 2;
  q = number(p, &n);
  if (q == p || q - p > 6 || *p == '0' || *q != '.') return NULL;
  c->providers[row] = (uint32_t)n;
  p = q + 1;
  q = number(p, &n);
  if (q == p || q - p > 6 || *p == '0' || *q != '.') return NULL;
  c->requesters[row] = (uint32_t)n;
  p = q + 1;
  q = number(p, &n);
  if (q == p || q - p > 9 || *p == '0' || *q != '.') return NULL;
  c->ontologies[row] = (double)n;
  p = q + 1;
  q = number(p, &n);
  if (q == p || q - p > 9 || (*p == '0' && q - p > 1) || *q != '\n') return NULL;
  c->instances[row] = (double)n;
  return q;
}

static size_t scan(const uint8_t *bytes, size_t length, struct columns *c) {
  const uint8_t *at = bytes, *end = bytes + length;
  size_t row = 0;
  for (; at < end; row++) {
    const uint8_t *stop = read_line(at, c, row);
    c->starts[row] = (uint32_t)(at - bytes);
    c->accepted[row] = stop != NULL;
    if (stop == NULL)
      for (stop = at; *stop != '\n'; stop++) {}
    c->ends[row] = (uint32_t)(stop - bytes);
    at = stop + 1;
  }
  return row;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  memset(value, NONE, sizeof value);
  for (int i = 0; i < 10; i++) value['0' + i] = (uint8_t)i;
  for (int i = 0; i < 26; i++) value['A' + i] = value['a' + i] = (uint8_t)(10 + i);
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL) return 2;
  fseek(file, 0, SEEK_END);
  size_t length = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = calloc(length + 64, 1);
  if (fread(bytes, 1, length, file) != length || length == 0 || bytes[length - 1] != '\n') return 2;
  size_t lines = 0;
  for (size_t i = 0; i < length; i++) lines += bytes[i] == '\n';
  struct columns c = {
    calloc(lines, 1), calloc(lines, 1), calloc(lines, 4), calloc(lines, 4),
    calloc(lines, 4), calloc(lines, 4), calloc(lines, 8), calloc(lines, 8),
  };
  int passes = atoi(argv[2]);
  for (int i = 0; i < 3; i++) scan(bytes, length, &c);
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (int i = 0; i < passes; i++) {
    if (scan(bytes, length, &c) != lines) return 1;
    __asm__ volatile("" ::: "memory");
  }
  clock_gettime(CLOCK_MONOTONIC, &to);
  double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
  size_t accepted = 0;
  for (size_t i = 0; i < lines; i++) accepted += c.accepted[i];
  printf("%.0f %zu\n", (double)lines * passes / seconds, accepted);
  return 0;
}
