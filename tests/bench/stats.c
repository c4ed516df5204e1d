#include "stats.h"

#include <stdlib.h>

#define FINE ((uint64_t)1 << HISTOGRAM_FINE)

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

struct spread spread_of(double *values, unsigned count) {
    if (count == 0) {
        return (struct spread){0};
    }
    qsort(values, count, sizeof *values, by_size);
    double median = (values[(count - 1) / 2] + values[count / 2]) / 2;
    return (struct spread){median, values[0], values[count - 1], count};
}

/* Times below FINE have a place each; above, every doubling has FINE places. */
static size_t place_of(uint64_t ns) {
    if (ns < FINE) {
        return (size_t)ns;
    }
    unsigned shift = 63u - HISTOGRAM_FINE - (unsigned)__builtin_clzll(ns);
    return (size_t)(((shift + 1) << HISTOGRAM_FINE) + (ns >> shift) - FINE);
}

/* The middle of the times that share a place. */
static double time_at(size_t place) {
    if (place < FINE) {
        return (double)place;
    }
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
        if (seen != 0 && (double)seen >= wanted) {
            return time_at(place);
        }
    }
    return 0;
}
