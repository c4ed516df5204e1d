/*
 * A simulated segment: hosts with the real node each, on a network that delays, reorders, repeats
 * and loses packets and can be cut in two. Time is simulated, and everything follows from a seed.
 *
 * Names are numbers. Whatever concerns a name is delivered to each host that wants it; of those
 * that do not, and so must ignore it, one in `strangers` gets it too, chosen at random each time.
 */
#ifndef MAILSLOT_TEST_NETBIOS_SEGMENT_H
#define MAILSLOT_TEST_NETBIOS_SEGMENT_H

#include <node/node.h>

enum { SEGMENT_PARTS = 2 };

struct segment_options {
    size_t hosts, names;
    uint32_t seed;
    unsigned strangers;      /* 1: everybody hears everything */
    unsigned lost, repeated; /* of 1000 packets, each receiver by itself */
    unsigned delay_ms;       /* at most; at random for each packet and receiver */
};

struct segment_counts {
    uint64_t broadcasts, unicasts; /* sent */
    uint64_t overlaps;             /* how often a unique name got a second owner */
};

struct segment;

struct segment *segment_new(const struct segment_options *options);
void segment_free(struct segment *segment);

/** A number below bound. */
uint32_t segment_random(struct segment *segment, uint32_t bound);

/** Lets a host want a name, when it boots. A name is a group for all or for nobody. */
void segment_want(struct segment *segment, size_t host, size_t name, bool group);

/** Boots a host at a time from now; switches it off, without a word or with a release. */
void segment_boot(struct segment *segment, size_t host, uint64_t in_ms);
void segment_switch_off(struct segment *segment, size_t host, bool politely);

/** Puts a host into a part of the segment; at first all are in part 0. */
void segment_move(struct segment *segment, size_t host, unsigned part);

/** From now on, that many of 1000 packets are lost. */
void segment_lose(struct segment *segment, unsigned lost);

void segment_run(struct segment *segment, uint64_t ms);

/** Of those that want a name and are on, in a part: how many, how many hold it, and one that does.
 */
size_t segment_wanting(const struct segment *segment, size_t name, unsigned part);
size_t segment_holding(const struct segment *segment, size_t name, unsigned part);
size_t segment_holder(const struct segment *segment, size_t name, unsigned part);

/** How often a name was lost after all, or its claim refused. */
uint64_t segment_conflicts(const struct segment *segment, size_t name);

struct segment_counts segment_counts(const struct segment *segment);

#endif
