// Conditions on values: one byte a value, 1 where it is met.
#include "decode_kernels.h"
#include <string.h>

// A value that is not a number lies neither within nor outside a range.
#define TM_DEFINE_RANGE_TEST(name, type, wide)                                                   \
  void name(const type *values, size_t count, wide low, wide high, bool outside,                 \
            uint8_t *output) {                                                                   \
    if (outside) {                                                                               \
      for (size_t i = 0; i < count; i++)                                                         \
        output[i] = (uint8_t)((values[i] < low) | (values[i] > high));                           \
    } else {                                                                                     \
      for (size_t i = 0; i < count; i++)                                                         \
        output[i] = (uint8_t)((values[i] >= low) & (values[i] <= high));                         \
    }                                                                                            \
  }

TM_DEFINE_RANGE_TEST(tm_test_range_i32, int32_t, int32_t)
TM_DEFINE_RANGE_TEST(tm_test_range_u32, uint32_t, uint32_t)
TM_DEFINE_RANGE_TEST(tm_test_range_i64, int64_t, int64_t)
TM_DEFINE_RANGE_TEST(tm_test_range_u64, uint64_t, uint64_t)
TM_DEFINE_RANGE_TEST(tm_test_range_f32, float, double)
TM_DEFINE_RANGE_TEST(tm_test_range_f64, double, double)

void tm_test_range_i128(const void *values, size_t count, const void *low, const void *high,
                        bool outside, uint8_t *output) {
  __int128 first, last;
  memcpy(&first, low, 16);
  memcpy(&last, high, 16);
  for (size_t i = 0; i < count; i++) {
    __int128 value;
    memcpy(&value, (const uint8_t *)values + 16 * i, 16);
    output[i] = (uint8_t)(((value >= first) & (value <= last)) ^ outside);
  }
}

static uint8_t test_bytes(const uint8_t *value, size_t length, const uint8_t *operand,
                          size_t operand_length, unsigned orders) {
  int order = memcmp(value, operand, length < operand_length ? length : operand_length);
  if (order == 0) order = (length > operand_length) - (length < operand_length);
  return (uint8_t)(orders >> ((order > 0) - (order < 0) + 1)) & 1;
}

void tm_test_views(const uint8_t *bytes, const uint32_t *views, size_t count,
                   const uint8_t *operand, size_t operand_length, unsigned orders,
                   uint8_t *output) {
  if (orders == TM_EQUAL || orders == (TM_LESS | TM_GREATER)) {
    uint8_t differs = orders != TM_EQUAL;
    for (size_t i = 0; i < count; i++) {
      bool same = views[3 * i + 2] == operand_length &&
                  memcmp(bytes + views[3 * i + 1], operand, operand_length) == 0;
      output[i] = (uint8_t)same ^ differs;
    }
    return;
  }
  for (size_t i = 0; i < count; i++)
    output[i] = test_bytes(bytes + views[3 * i + 1], views[3 * i + 2], operand, operand_length,
                           orders);
}

void tm_test_fixed(const uint8_t *values, size_t width, size_t count, const uint8_t *operand,
                   size_t operand_length, unsigned orders, uint8_t *output) {
  for (size_t i = 0; i < count; i++)
    output[i] = test_bytes(values + i * width, width, operand, operand_length, orders);
}
