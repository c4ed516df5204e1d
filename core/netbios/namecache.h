/*
 * A cache of NetBIOS names: each entry holds an owner, the absence of one, or that a thread is
 * asking. A table of fixed size; the caller passes the time in, and locks.
 */
#ifndef MSI_NAMECACHE_H
#define MSI_NAMECACHE_H

#include "nbname.h"

enum {
    MSI_NAMECACHE_SIZE = 128,
    MSI_NAMECACHE_FOUND_S = 60,    /* longest life of an answer, whatever TTL it has */
    MSI_NAMECACHE_NOT_FOUND_S = 2, /* life of an absence: no host answered */
};

/** A name, and a number that differs where other networks or servers are asked. */
typedef struct {
    msi_nbname name;
    uint64_t view;
} msi_namecache_key;

/** The owner of a name: a host or a group. */
typedef struct {
    bool group;
    uint32_t ip; /* of a host; 0 of a group */
} msi_name_owner;

typedef enum {
    MSI_NAMECACHE_UNKNOWN, /* not in the table, or expired */
    MSI_NAMECACHE_ASKING,
    MSI_NAMECACHE_NOT_FOUND,
    MSI_NAMECACHE_FOUND,
} msi_namecache_state;

typedef struct {
    msi_namecache_key key;
    msi_namecache_state state;
    msi_name_owner owner; /* FOUND */
    uint64_t until;       /* NOT_FOUND, FOUND: ns */
} msi_namecache_entry;

typedef struct {
    msi_namecache_entry entries[MSI_NAMECACHE_SIZE]; /* zeros: nothing is known */
} msi_namecache;

/** Returns the state of a name; stores its owner if FOUND, and when it expires if FOUND or
 *  NOT_FOUND. */
msi_namecache_state msi_namecache_look(const msi_namecache *cache, const msi_namecache_key *key,
                                       uint64_t now, msi_name_owner *owner, uint64_t *until);

/** Marks a name that is UNKNOWN as being asked for. It replaces an expired entry, else the one that
 *  expires first. False if every entry is being asked for: the answer will then not be kept. */
bool msi_namecache_ask(msi_namecache *cache, const msi_namecache_key *key, uint64_t now);

/** End the asking. found: with an owner and the TTL of the answer in seconds (0: for ever, RFC 1002
 *  section 6). not_found: the name has no owner. give_up: nothing was learnt, the next caller may
 *  ask. */
void msi_namecache_found(msi_namecache *cache, const msi_namecache_key *key, msi_name_owner owner,
                         uint32_t ttl, uint64_t now);
void msi_namecache_not_found(msi_namecache *cache, const msi_namecache_key *key, uint64_t now);
void msi_namecache_give_up(msi_namecache *cache, const msi_namecache_key *key);

/** Ends all asking with nothing learnt: a forked child has none of the threads that asked. */
void msi_namecache_give_up_all(msi_namecache *cache);

#endif
