/* Fills messages from their writer and number, and checks them. */
#include "message.h"

#include <string.h>

/* Messages are windows on one long pattern: cheap to make and to compare. */
static uint64_t pattern[MESSAGE_MAX / 8 + 512];

uint64_t message_mix(uint64_t a, uint64_t b) {
    uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b + 1;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

__attribute__((constructor)) static void fill_pattern(void) {
    for (size_t i = 0; i < sizeof pattern / sizeof *pattern; i++)
        pattern[i] = message_mix(i, 0);
}

size_t message_size(uint32_t writer, uint32_t number) {
    static const size_t most[] = {64, 4 << 10, 64 << 10, MESSAGE_MAX};
    uint64_t random = message_mix(writer, number);
    return MESSAGE_MIN + (size_t)(random >> 2) % (most[random % 4] - MESSAGE_MIN + 1);
}

static const unsigned char *content(uint32_t writer, uint32_t number) {
    size_t offset = (size_t)(message_mix(number, writer) % (sizeof pattern - MESSAGE_MAX));
    return (const unsigned char *)pattern + offset;
}

void message_fill(unsigned char *bytes, size_t len, uint32_t writer, uint32_t number) {
    memcpy(bytes, &writer, 4);
    memcpy(bytes + 4, &number, 4);
    memcpy(bytes + MESSAGE_MIN, content(writer, number), len - MESSAGE_MIN);
}

void message_read(const unsigned char *bytes, uint32_t *writer, uint32_t *number) {
    memcpy(writer, bytes, 4);
    memcpy(number, bytes + 4, 4);
}

bool message_is(const unsigned char *bytes, size_t len, uint32_t writer, uint32_t number) {
    uint32_t who, which;
    message_read(bytes, &who, &which);
    return who == writer && which == number &&
           memcmp(bytes + MESSAGE_MIN, content(writer, number), len - MESSAGE_MIN) == 0;
}
