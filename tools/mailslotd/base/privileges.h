/* Gives up the rights that only the start needs. */
#ifndef MAILSLOTD_PRIVILEGES_H
#define MAILSLOTD_PRIVILEGES_H

#include <mailslot/mailslot.h>
#include <sys/types.h>

struct identity {
    bool change; /* false: not started as root */
    uid_t uid;
    gid_t gid;
};

/** Looks up the user to become. INVALID (no such user, or root). */
mailslot_err privileges_find(struct identity *identity, const char *user);

/** Becomes that user and drops all capabilities, for good. OS: the caller must exit. */
mailslot_err privileges_drop(const struct identity *identity);

#endif
