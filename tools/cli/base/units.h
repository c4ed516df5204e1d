/* Amounts on the command line: times, spans of time, sizes. */
#ifndef CLI_UNITS_H
#define CLI_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/** Reads a number with at most 9 decimals and ns, us, ms, s, m, h or d behind it; s if nothing is.
 *  False if it is none, or over 292 years. */
bool units_read_span(const char *text, uint64_t *ns);

/** Reads a number of bytes, with K, M, G or T behind it for powers of 1024. False if it is none, or
 *  over 2^63. */
bool units_read_size(const char *text, uint64_t *bytes);

/** A time as --from and --until take it. */
struct time_point {
    bool is_offset; /* from the first message, not from 1970 */
    uint64_t ns;
};

/** Reads a time by RFC 3339 (2026-11-22T18:30:00.5Z), of 1970 to 2554, or a span. A number without
 * a unit is a time too if it cannot be meant as a span: seconds since 1970 from 10^9 on (2001), and
 *  nanoseconds since 1970 from 10^17 on (1973). */
bool units_read_time(const char *text, struct time_point *point);

#endif
