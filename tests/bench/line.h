/* How long a cache line takes from one CPU to another. On virtual machines this changes from second
 * to second, by an order of magnitude, as the host moves their CPUs about; it explains figures that
 * differ between rounds. */
#ifndef BENCH_LINE_H
#define BENCH_LINE_H

/* In ns one way, measured in about a millisecond; 0 if it cannot be. */
double line_measure(unsigned cpu, unsigned other);

#endif
