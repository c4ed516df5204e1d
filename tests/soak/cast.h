/* Who plays in the soak: starts the processes, kills and replaces those who come and go. */
#ifndef SOAK_CAST_H
#define SOAK_CAST_H

#include "message.h"
#include "soak.h"

struct cast {
    struct dice dice;
    pid_t resident_reader, resident_writers[RESIDENT_WRITERS];
    struct passing {
        pid_t pid;       /* 0: none at the moment */
        bool killed;     /* by us */
        int64_t when_ms; /* to be killed, or to be replaced; 0: ends by itself */
    } writers[PASSING_WRITERS], readers[PASSING_READERS];
    unsigned long kills;
};

/** Starts everybody. */
void cast_start(struct cast *cast, uint64_t seed);

/** Kills and replaces those whose time has come. Fails if somebody ended as nobody should. */
void cast_turn(struct cast *cast);

/** Lets the writers finish their streams and the readers take what is left. */
void cast_end(struct cast *cast);

#endif
