/*
 * What the fuzz targets have in common. A target is one file with LLVMFuzzerTestOneInput(), which
 * libFuzzer calls with inputs it makes up, and driver.c with those that lie in corpus/.
 */
#ifndef MAILSLOT_FUZZ_H
#define MAILSLOT_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline _Noreturn void fuzz_fail(const char *what, const char *file, int line) {
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

/** A property: whatever the input, this holds. */
#define require(holds) ((holds) ? (void)0 : fuzz_fail(#holds, __FILE__, __LINE__))

static inline void *fuzz_memory(size_t size) {
    void *memory = malloc(size ? size : 1);
    if (!memory)
        fuzz_fail("there is memory", __FILE__, __LINE__);
    return memory;
}

/* ---- Inputs taken apart, from the front; past the end they are zeros ---- */

struct input {
    const uint8_t *at;
    size_t left;
};

/** Takes at most len bytes, which lie at the result. */
static inline const uint8_t *take_bytes(struct input *input, size_t len, size_t *got) {
    const uint8_t *bytes = input->at;
    *got = len < input->left ? len : input->left;
    input->at += *got;
    input->left -= *got;
    return bytes;
}

/** Takes a number of `bytes` bytes, the least significant first. */
static inline uint64_t take_number(struct input *input, size_t bytes) {
    uint64_t number = 0;
    size_t got;
    const uint8_t *at = take_bytes(input, bytes, &got);
    for (size_t i = 0; i < got; i++)
        number |= (uint64_t)at[i] << (8 * i);
    return number;
}

#endif
