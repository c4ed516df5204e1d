/* Medians, and percentiles of many times without keeping them. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

/* Of several rounds. count 0: nothing was measured. */
struct spread {
    double median, least, most;
    unsigned count;
};

/* Sorts values. */
struct spread spread_of(double *values, unsigned count);

/* "median (minimum-maximum)" with a unit behind the median. */
void spread_text(char *text, size_t size, const struct spread *spread, const char *unit);

#define HISTOGRAM_FINE  7 /* bits: a time is known to within 1 in 128 */
#define HISTOGRAM_SIZES ((64 - HISTOGRAM_FINE + 1) << HISTOGRAM_FINE)

/* Counts of times in ns, finer the shorter they are. All zero to begin with. */
struct histogram {
    uint64_t total;
    uint64_t counts[HISTOGRAM_SIZES];
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* The time that a share of all times (0.5: the median) does not exceed; 0 if there are none. */
double histogram_percentile(const struct histogram *histogram, double share);

#endif
