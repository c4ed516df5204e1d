/* Sorted medians, and percentiles by a histogram. */
#include "stats.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define FINE ((uint64_t)1 << HISTOGRAM_FINE)

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

struct spread spread_of(double *values, unsigned count) {
    if (count == 0)
        return (struct spread){0};
    qsort(values, count, sizeof *values, by_size);
    double median = (values[(count - 1) / 2] + values[count / 2]) / 2;
    return (struct spread){median, values[0], values[count - 1], count};
}

/* Three digits that count, no exponent, and no decimals of a count. */
static const char *number(char text[16], double value) {
    bool whole = value == 0 || (value >= 1 && value == (double)(uint64_t)value);
    int places = whole || value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
    snprintf(text, 16, "%.*f", places, value);
    return text;
}

void spread_text(char *text, size_t size, const struct spread *spread, const char *unit) {
    char median[16];
    char least[16];
    char most[16];
    snprintf(text, size, "%s%s (%s-%s)", number(median, spread->median), unit,
             number(least, spread->least), number(most, spread->most));
}

/* Times below FINE have a place each; above, every doubling has FINE places. */
static size_t place_of(uint64_t ns) {
    if (ns < FINE)
        return (size_t)ns;
    unsigned shift = 63u - HISTOGRAM_FINE - (unsigned)__builtin_clzll(ns);
    return (size_t)(((shift + 1) << HISTOGRAM_FINE) + (ns >> shift) - FINE);
}

/* The middle of the times that share a place. */
static double time_at(size_t place) {
    if (place < FINE)
        return (double)place;
    unsigned shift = (unsigned)(place >> HISTOGRAM_FINE) - 1;
    uint64_t first = (FINE + place % FINE) << shift;
    return (double)first + (double)(((uint64_t)1 << shift) - 1) / 2;
}

void histogram_add(struct histogram *histogram, uint64_t ns) {
    histogram->counts[place_of(ns)]++;
    histogram->total++;
}

double histogram_percentile(const struct histogram *histogram, double share) {
    double wanted = share * (double)histogram->total;
    uint64_t seen = 0;
    for (size_t place = 0; place < HISTOGRAM_SIZES; place++) {
        seen += histogram->counts[place];
        if (seen != 0 && (double)seen >= wanted)
            return time_at(place);
    }
    return 0;
}
