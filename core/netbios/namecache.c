/* The table behind namecache.h. A linear search is enough: it has few entries, and a writer
 * looks a name up about once a second, not once a message. */
#include "namecache.h"
#include "deadline.h"

#include <stddef.h>

/* An entry that was given up keeps its old key: look at the state too. */
static bool namecache_is_for(const msi_namecache_entry *entry, const msi_namecache_key *key) {
    return entry->state != MSI_NAMECACHE_UNKNOWN && entry->key.view == key->view &&
           msi_nbname_equal(&entry->key.name, &key->name);
}

static const msi_namecache_entry *namecache_find(const msi_namecache *cache,
                                                 const msi_namecache_key *key) {
    for (size_t i = 0; i < MSI_NAMECACHE_SIZE; i++)
        if (namecache_is_for(&cache->entries[i], key))
            return &cache->entries[i];
    return NULL;
}

/* ASKING has no time limit: only the thread that asks ends it, or a second one would ask as
 * well. */
static bool namecache_is_over(const msi_namecache_entry *entry, uint64_t now) {
    return entry->state == MSI_NAMECACHE_UNKNOWN ||
           (entry->state != MSI_NAMECACHE_ASKING && now >= entry->until);
}

msi_namecache_state msi_namecache_look(const msi_namecache *cache, const msi_namecache_key *key,
                                       uint64_t now, msi_name_owner *owner, uint64_t *until) {
    const msi_namecache_entry *entry = namecache_find(cache, key);
    if (!entry || namecache_is_over(entry, now))
        return MSI_NAMECACHE_UNKNOWN;
    *owner = entry->owner;
    *until = entry->until;
    return entry->state;
}

/* The order of eviction: expired entries, then those that expire first. */
static uint64_t namecache_worth(const msi_namecache_entry *entry, uint64_t now) {
    return namecache_is_over(entry, now) ? 0 : entry->until;
}

/* The name's old entry, else the one that expires first among those that are not being asked.
 * NULL if every entry is being asked: such an entry must stay until its thread ends the asking. */
static msi_namecache_entry *namecache_place_for(msi_namecache *cache, const msi_namecache_key *key,
                                                uint64_t now) {
    msi_namecache_entry *least = NULL;
    for (size_t i = 0; i < MSI_NAMECACHE_SIZE; i++) {
        msi_namecache_entry *entry = &cache->entries[i];
        if (namecache_is_for(entry, key))
            return entry;
        if (entry->state != MSI_NAMECACHE_ASKING &&
            (!least || namecache_worth(entry, now) < namecache_worth(least, now)))
            least = entry;
    }
    return least;
}

bool msi_namecache_ask(msi_namecache *cache, const msi_namecache_key *key, uint64_t now) {
    msi_namecache_entry *entry = namecache_place_for(cache, key, now);
    if (!entry)
        return false;
    *entry = (msi_namecache_entry){.key = *key, .state = MSI_NAMECACHE_ASKING};
    return true;
}

/* An answer that had no room while it was asked for is not kept. */
static void namecache_end_asking(msi_namecache *cache, const msi_namecache_key *key,
                                 const msi_namecache_entry *with) {
    for (size_t i = 0; i < MSI_NAMECACHE_SIZE; i++)
        if (namecache_is_for(&cache->entries[i], key) &&
            cache->entries[i].state == MSI_NAMECACHE_ASKING)
            cache->entries[i] = *with;
}

/* A TTL of 0 means for ever (RFC 1002 section 6), but addresses change unannounced: cap every
 * TTL. */
void msi_namecache_found(msi_namecache *cache, const msi_namecache_key *key, msi_name_owner owner,
                         uint32_t ttl, uint64_t now) {
    uint64_t life = ttl && ttl < MSI_NAMECACHE_FOUND_S ? ttl : MSI_NAMECACHE_FOUND_S;
    namecache_end_asking(
        cache, key,
        &(msi_namecache_entry){*key, MSI_NAMECACHE_FOUND, owner, now + life * MSI_NS_PER_S});
}

/* Brief, since the host may be starting; long enough that a loop of puts does not ask each time. */
void msi_namecache_not_found(msi_namecache *cache, const msi_namecache_key *key, uint64_t now) {
    uint64_t until = now + (uint64_t)MSI_NAMECACHE_NOT_FOUND_S * MSI_NS_PER_S;
    namecache_end_asking(
        cache, key,
        &(msi_namecache_entry){.key = *key, .state = MSI_NAMECACHE_NOT_FOUND, .until = until});
}

void msi_namecache_give_up(msi_namecache *cache, const msi_namecache_key *key) {
    namecache_end_asking(cache, key, &(msi_namecache_entry){.state = MSI_NAMECACHE_UNKNOWN});
}

void msi_namecache_give_up_all(msi_namecache *cache) {
    for (size_t i = 0; i < MSI_NAMECACHE_SIZE; i++)
        if (cache->entries[i].state == MSI_NAMECACHE_ASKING)
            cache->entries[i].state = MSI_NAMECACHE_UNKNOWN;
}
