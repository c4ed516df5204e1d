/* Processes that hold slots open, so that a host has as many as wanted. */
#ifndef BENCH_HOLDERS_H
#define BENCH_HOLDERS_H

struct holders;

/* Returns when count slots are open; NULL, having told peer_fail() why, if that cannot be. */
struct holders *holders_start(unsigned count);

/* Closes them. */
void holders_end(struct holders *holders);

#endif
