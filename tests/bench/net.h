/*
 * What mailslot_netbench measures: cells, each run in every round in processes of its own, on the
 * loopback and on ports that nobody needs rights for. Everything else about a cell stands in the
 * file of its kind.
 */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include "machine.h"
#include "stats.h"

#include <netbios/smb_mailslot.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define NET_CELLS      5
#define NET_VALUES     6
#define NET_ROUNDS_MAX 1000
#define NET_SILENCE_S  5        /* after which what has not come will not */
#define NET_TARGET     "TARGET" /* the computer that is written to */

/* What is sent wrong on purpose, to show that the checks notice. */
enum net_plant { NET_PLANT_NONE, NET_PLANT_TORN, NET_PLANT_LOST, NET_PLANT_REPEATED };

struct net_settings {
    double seconds; /* of each cell but the storm */
    unsigned rounds;
    unsigned storm; /* datagrams */
    unsigned storm_readers;
    enum net_plant plant;
    char mailslotd[4096]; /* the program */
    char dir[64];         /* private, of this run */
    const struct machine *machine;
};

/* One cell in one round; shared with the process that measures it. */
struct net_outcome {
    bool measured;
    bool absent; /* cannot be measured here, for the reason given */
    double values[NET_VALUES];
    uint64_t messages; /* that arrived and were checked */
    uint64_t lost;     /* dropped by the kernel or for a full reader, and counted there */
    uint64_t wrong;    /* torn, repeated, or lost without a trace */
    char reason[200];  /* if it is not measured */
};

struct net_cell {
    const char *title;
    void (*measure)(const struct net_cell *cell, const struct net_settings *settings,
                    struct net_outcome *outcome);
    size_t size; /* bytes of each message */
    bool needs_mailslotd;
};

extern const struct net_cell net_cells[NET_CELLS];

/* The values of each kind of cell. */
enum { THROUGH_MAILSLOTD, THROUGH_RELAY, THROUGH_PAIR };  /* messages a second */
enum { SEND_PUT, SEND_SENDTO, SEND_ENCODE, SEND_DECODE }; /* ns */
enum { STORM_RESIDENT, STORM_PEAK, STORM_DELIVERED, STORM_MALFORMED, STORM_DROPPED, STORM_FULL };

void net_through(const struct net_cell *cell, const struct net_settings *settings,
                 struct net_outcome *outcome);
void net_send(const struct net_cell *cell, const struct net_settings *settings,
              struct net_outcome *outcome);
void net_storm(const struct net_cell *cell, const struct net_settings *settings,
               struct net_outcome *outcome);

/* Runs a cell in a process group of its own, and ends whatever is left of that. False if SIGINT or
 * SIGTERM came; they and SIGCHLD must be blocked. */
bool net_run(const struct net_cell *cell, const struct net_settings *settings,
             struct net_outcome *outcome);

/* Ends the process of a cell, which could not do what the words say; with the reason of errno if
 * that is not 0. */
_Noreturn void net_give_up(const char *what, int error);

/* Ends it because this computer lacks what it takes, which is no failure. */
_Noreturn void net_cannot(const char *why);

/* ---- What all cells do ------------------------------------------------------------------- */

/* Prints the table. outcomes: rounds of NET_CELLS. */
void net_report(FILE *out, const struct net_settings *settings, const struct net_outcome *outcomes);

/* The datagram that carries a message to a mailslot of NET_TARGET; returns its bytes. */
size_t net_datagram(unsigned char out[MSI_DATAGRAM_MAX], const char *path, const void *data,
                    size_t len, uint64_t id);

/* A UDP socket on the loopback, at a port that was free, which waits a second at most. */
int net_udp_socket(uint16_t *port);

/* A UDP socket that is connected to a port. */
int net_udp_connect(uint16_t port);

/* Has a socket queue as much as mailslotd's do, if the system lets it. */
void net_enlarge_queue(int fd);

/* Has this process, and those it starts, run on the first CPU, or on all others; if there is only
 * one, there. */
void net_run_on_first(const struct machine *machine);
void net_run_on_others(const struct machine *machine);

/* Stops a child, and lets it go on. */
void net_stop(pid_t child);
void net_continue(pid_t child);

/* Sleeps for a little while; gives up, in the words given, if 30 s have gone by since begin. */
void net_wait(uint64_t begin, const char *what);

#endif
