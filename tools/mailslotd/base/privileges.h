/* Giving up what only the start needs. */
#ifndef MAILSLOTD_PRIVILEGES_H
#define MAILSLOTD_PRIVILEGES_H

#include <mailslot/mailslot.h>
#include <sys/types.h>

struct identity {
    bool change; /* not unless we are root */
    uid_t uid;
    gid_t gid;
};

/** Finds out whom to become. INVALID: no such user, or one with root's rights. */
mailslot_err privileges_find(struct identity *identity, const char *user);

/** Becomes that, and keeps no capability, for good. OS: nothing must go on then. */
mailslot_err privileges_drop(const struct identity *identity);

#endif
