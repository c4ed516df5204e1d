/*
 * JSON to the letter (RFC 8259). json-c builds our values, but its parser, strict mode included,
 * lets pass NaN, -01, 1., {'a':1}, raw newlines in strings and UTF-8 that is none, replaces what it
 * cannot represent (integers beyond 64 bits, lone surrogates) and keeps the last of two members of
 * one name. None of that may become a message, so texts come through here first.
 */
#ifndef CLI_JSON_CHECK_H
#define CLI_JSON_CHECK_H

#include "base/buffer.h"

#include <mailslot/mailslot.h>

/**
 * Checks that the len bytes at text, which a NUL follows, are one JSON value and nothing else, that
 * numbers lie within what double holds, and that no object has two members of one name. Otherwise
 * BAD_VALUE, with a detail that says what is wrong at which byte.
 *
 * If the text has integers that json-c would alter, -0 and those beyond int64 and uint64, appends
 * to rewritten the text and its NUL with VALUE_NOT_INT64_MARK behind each of them. rewritten is to
 * be freed in any case.
 */
MAILSLOT_MUST_USE mailslot_err json_check(const char *text, size_t len, struct buffer *rewritten);

#endif
