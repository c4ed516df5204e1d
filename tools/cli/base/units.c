/* Spans, sizes and points of time as users type them. */
#include "units.h"

#include "timestamp.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_SECOND UINT64_C(1000000000)

/* Reads a number, and moves *text behind it. 18 digits fit in 64 bits; a fraction is returned in
 * billionths. */
static bool read_number(const char **text, uint64_t *whole, uint64_t *nanos) {
    const char *at = *text;
    size_t digits = strspn(at, "0123456789");
    *whole = *nanos = 0;
    if (digits < 1 || digits > 18)
        return false;
    for (; digits; digits--)
        *whole = *whole * 10 + (uint64_t)(*at++ - '0');
    if (*at == '.') {
        digits = strspn(++at, "0123456789");
        if (digits < 1 || digits > 9)
            return false;
        for (uint64_t one = NS_PER_SECOND / 10; digits; digits--, one /= 10)
            *nanos += one * (uint64_t)(*at++ - '0');
    }
    *text = at;
    return true;
}

bool units_read_span(const char *text, uint64_t *ns) {
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"", NS_PER_SECOND},
                 {"ns", 1},
                 {"us", 1000},
                 {"ms", 1000000},
                 {"s", NS_PER_SECOND},
                 {"m", NS_PER_SECOND * 60},
                 {"h", NS_PER_SECOND * 3600},
                 {"d", NS_PER_SECOND * 86400}};
    uint64_t whole, nanos;
    if (!read_number(&text, &whole, &nanos))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t unit = units[i].ns;
        if (strcmp(text, units[i].name) != 0)
            continue;
        /* Leaves room for the fraction. */
        if (whole > INT64_MAX / unit - 1)
            return false;
        /* In two steps: neither overflows, and nothing is rounded but below 1 ns. */
        *ns = whole * unit + unit / NS_PER_SECOND * nanos +
              unit % NS_PER_SECOND * nanos / NS_PER_SECOND;
        return true;
    }
    return false;
}

bool units_read_size(const char *text, uint64_t *bytes) {
    static const char units[] = "KMGT";
    uint64_t nanos;
    const char *begin = text;
    if (!read_number(&text, bytes, &nanos) || memchr(begin, '.', (size_t)(text - begin)))
        return false;
    if (!*text)
        return true;
    const char *unit = strchr(units, *text);
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    /* One letter only, and no overflow by the shift. */
    if (!unit || text[1] || *bytes > (UINT64_MAX >> 1) >> shift)
        return false;
    *bytes <<= shift;
    return true;
}

/* A plain number from here on is a time since 1970: in seconds it is one after 2001, as `date +%s`
 * prints it, and no span of a recording, which would be one of 31 years; in nanoseconds, as
 * time_ns of --meta, it is one after 1973, and more seconds than a span can have. */
#define EPOCH_SECONDS_LEAST UINT64_C(1000000000)
#define EPOCH_NS_LEAST      UINT64_C(100000000000000000)

static bool read_epoch_ns(const char *text, uint64_t *ns) {
    if (strspn(text, "0123456789") != strlen(text))
        return false;
    errno = 0;
    *ns = strtoull(text, NULL, 10);
    return errno == 0 && *ns >= EPOCH_NS_LEAST;
}

static bool read_epoch(const char *text, uint64_t *ns) {
    uint64_t seconds, nanos;
    if (read_epoch_ns(text, ns))
        return true;
    if (!read_number(&text, &seconds, &nanos) || *text || seconds < EPOCH_SECONDS_LEAST ||
        seconds > UINT64_MAX / NS_PER_SECOND - 1)
        return false;
    *ns = seconds * NS_PER_SECOND + nanos;
    return true;
}

bool units_read_time(const char *text, struct time_point *point) {
    int64_t seconds;
    int32_t nanos;
    point->is_offset = false;
    if (read_epoch(text, &point->ns))
        return true;
    point->is_offset = units_read_span(text, &point->ns);
    if (point->is_offset)
        return true;
    if (!timestamp_read(text, &seconds, &nanos) || seconds < 0 ||
        (uint64_t)seconds > UINT64_MAX / NS_PER_SECOND - 1)
        return false;
    point->ns = (uint64_t)seconds * NS_PER_SECOND + (uint64_t)nanos;
    return true;
}
