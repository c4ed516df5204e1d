/* RFC 3339 time stamps and Protobuf's durations, to and from seconds and nanoseconds. */
#include "timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Numbers in texts ---- */

enum { NANOS_DIGITS = 9, NANOS_PER_SECOND = 1000000000 };

/* Reads exactly `digits` digits. */
static bool read_digits(const char **at, int digits, int *number) {
    *number = 0;
    for (int i = 0; i < digits; i++, ++*at) {
        if (**at < '0' || **at > '9')
            return false;
        *number = *number * 10 + (**at - '0');
    }
    return true;
}

static bool skip_char(const char **at, char c) {
    if (**at != c)
        return false;
    ++*at;
    return true;
}

/* Reads a point and 1 to 9 digits, if there is a point. */
static bool read_fraction(const char **at, int32_t *nanos) {
    *nanos = 0;
    if (!skip_char(at, '.'))
        return true;
    int digits = (int)strspn(*at, "0123456789"), number;
    if (digits < 1 || digits > NANOS_DIGITS || !read_digits(at, digits, &number))
        return false;
    for (; digits < NANOS_DIGITS; digits++)
        number *= 10;
    *nanos = number;
    return true;
}

/* Appends 3, 6 or 9 digits, or none, as the JSON mapping of Protobuf prescribes. */
static void append_fraction(struct buffer *out, int32_t nanos) {
    char text[16];
    if (nanos == 0)
        return;
    snprintf(text, sizeof text, ".%09" PRId32, nanos);
    size_t len = nanos % 1000000 == 0 ? 4 : nanos % 1000 == 0 ? 7 : 10;
    buffer_append(out, text, len);
}

/* ---- Timestamps: RFC 3339, in the years 1 to 9999 as google.protobuf.Timestamp ---- */

#define TIMESTAMP_FIRST INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define TIMESTAMP_LAST  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
enum { DAY_SECONDS = 24 * 60 * 60 };
enum { DAYS_IN_400_YEARS = 146097, DAYS_BEFORE_1970 = 719468 }; /* since March 1 of the year 0 */

struct date {
    int year, month, day;
};

/* Days since 1970 in the proleptic Gregorian calendar. Counted from March, a year has its leap day
 * at the end, and its months have 153 days in each five, which (153 m + 2) / 5 sums up. Algorithm:
 * https://howardhinnant.github.io/date_algorithms.html */
static int64_t days_of(struct date date) {
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int month = (date.month + 9) % 12;
    return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + date.day - 1 -
           DAYS_BEFORE_1970;
}

static struct date date_of(int64_t days) {
    days += DAYS_BEFORE_1970;
    int64_t era = days / DAYS_IN_400_YEARS, left = days % DAYS_IN_400_YEARS;
    /* Leaves out the leap days of 4, 100 and 400 years, so that each year has 365 days. */
    int64_t year = (left - left / 1460 + left / 36524 - left / 146096) / 365;
    int day = (int)(left - (year * 365 + year / 4 - year / 100));
    int month = (day * 5 + 2) / 153;
    struct date date = {.year = (int)(year + era * 400), .month = (month + 2) % 12 + 1};
    date.day = day - (month * 153 + 2) / 5 + 1;
    date.year += date.month <= 2;
    return date;
}

bool timestamp_append(struct buffer *out, int64_t seconds, int32_t nanos) {
    if (seconds < TIMESTAMP_FIRST || seconds > TIMESTAMP_LAST || nanos < 0 ||
        nanos >= NANOS_PER_SECOND)
        return false;
    /* Not negative, also for times before 1970. */
    int second = (int)(((seconds % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS);
    struct date date = date_of((seconds - second) / DAY_SECONDS);
    char text[64];
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month, date.day,
             second / 3600, second / 60 % 60, second % 60);
    buffer_append_text(out, text);
    append_fraction(out, nanos);
    buffer_append_text(out, "Z");
    return true;
}

static bool read_date(const char **at, int64_t *days) {
    struct date date;
    if (!read_digits(at, 4, &date.year) || !skip_char(at, '-') ||
        !read_digits(at, 2, &date.month) || !skip_char(at, '-') || !read_digits(at, 2, &date.day) ||
        date.month < 1 || date.month > 12 || date.year < 1)
        return false;
    *days = days_of(date);
    struct date same = date_of(*days); /* differs for the 31st of a shorter month */
    return same.month == date.month && same.day == date.day;
}

/* Hours and minutes, of which there are fewer than 24 and 60. */
static bool read_minutes(const char **at, int *minutes) {
    int hour, minute;
    if (!read_digits(at, 2, &hour) || !skip_char(at, ':') || !read_digits(at, 2, &minute) ||
        hour > 23 || minute > 59)
        return false;
    *minutes = hour * 60 + minute;
    return true;
}

/* "Z", or how far the time before is ahead of UTC. */
static bool read_zone(const char **at, int *minutes) {
    *minutes = 0;
    if (skip_char(at, 'Z'))
        return true;
    bool behind = **at == '-';
    if (!skip_char(at, behind ? '-' : '+') || !read_minutes(at, minutes))
        return false;
    *minutes = behind ? -*minutes : *minutes;
    return true;
}

bool timestamp_read(const char *text, int64_t *seconds, int32_t *nanos) {
    int64_t days;
    int minutes, second, ahead;
    /* Leap seconds (:60) are refused: Timestamp has none. */
    if (!read_date(&text, &days) || !skip_char(&text, 'T') || !read_minutes(&text, &minutes) ||
        !skip_char(&text, ':') || !read_digits(&text, 2, &second) || second > 59 ||
        !read_fraction(&text, nanos) || !read_zone(&text, &ahead) || *text)
        return false;
    *seconds = days * DAY_SECONDS + (minutes - ahead) * INT64_C(60) + second;
    return *seconds >= TIMESTAMP_FIRST && *seconds <= TIMESTAMP_LAST;
}

/* ---- Durations ---- */

#define DURATION_MAX INT64_C(315576000000) /* 10,000 years of 365.25 days, duration.proto */

bool duration_append(struct buffer *out, int64_t seconds, int32_t nanos) {
    /* duration.proto: both parts have the same sign. */
    if (seconds < -DURATION_MAX || seconds > DURATION_MAX || nanos <= -NANOS_PER_SECOND ||
        nanos >= NANOS_PER_SECOND || (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0))
        return false;
    char text[32];
    snprintf(text, sizeof text, "%s%" PRId64, seconds < 0 || nanos < 0 ? "-" : "",
             seconds < 0 ? -seconds : seconds);
    buffer_append_text(out, text);
    append_fraction(out, nanos < 0 ? -nanos : nanos);
    buffer_append_text(out, "s");
    return true;
}

bool duration_read(const char *text, int64_t *seconds, int32_t *nanos) {
    bool negative = skip_char(&text, '-');
    size_t digits = strspn(text, "0123456789");
    if (digits < 1 || digits > 12)
        return false;
    char *end;
    *seconds = strtoll(text, &end, 10);
    text = end;
    if (!read_fraction(&text, nanos) || strcmp(text, "s") != 0 || *seconds > DURATION_MAX)
        return false;
    *seconds = negative ? -*seconds : *seconds;
    *nanos = negative ? -*nanos : *nanos;
    return true;
}
