/* The users that have connections, and how many each has. */
#ifndef MAILSLOTD_USERS_H
#define MAILSLOTD_USERS_H

#include <stdint.h>
#include <sys/types.h>

struct user {
    struct user *next;
    uid_t uid;
    uint32_t connections;
    int entry; /* in the status that is being made; -1: none */
};

struct users {
    struct user *first; /* the one that connected last is first */
};

/** The user of a uid; NULL: it has no connection. */
struct user *users_find(struct users *users, uid_t uid);

/** Counts one connection more; NULL: no memory. */
struct user *users_enter(struct users *users, uid_t uid);

/** Counts one connection less; frees the user with the last one. */
void users_leave(struct users *users, struct user *user);

#endif
