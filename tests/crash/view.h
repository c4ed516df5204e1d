/* The inside of a live slot, for tests that must know who holds the lock, or put it into a state
 * that only a death leaves behind. Everything else goes through the public interface. */
#ifndef CRASH_VIEW_H
#define CRASH_VIEW_H

#include "test.h"

#include "local/slotfile.h"

/* The lock's word, as core/local/lock.c lays it out. */
#define VIEW_OWNER       UINT64_C(0xffff)
#define VIEW_WAITERS     (UINT64_C(1) << 16)
#define VIEW_ASLEEP      (UINT64_C(1) << 17)
#define VIEW_ACQUISITION (UINT64_C(1) << 18)

struct view {
    msi_slotfile file;
    msi_queue_shared *shared;
};

/** Maps the live slot of that name, which is its own key. */
static inline void view_open(struct view *view, const char *name) {
    check_ok(msi_slotfile_open(&view->file, name, true));
    view->shared = msi_slotfile_queue(&view->file);
}

static inline void view_close(struct view *view) {
    msi_slotfile_release(&view->file);
    msi_slotfile_unmap(&view->file);
}

static inline uint64_t view_lock(const struct view *view) {
    return atomic_load(&view->shared->lock);
}

/** Whether the lock's word names an owner that no process is any more. */
static inline bool view_owner_is_dead(const struct view *view, uint64_t word) {
    uint32_t owner = (uint32_t)(word & VIEW_OWNER);
    return owner != 0 && !msi_slotfile_is_held(&view->file, owner);
}

/** Makes the lock look as if the writer with that byte had died holding it. */
static inline void view_orphan_lock(struct view *view, uint32_t owner) {
    atomic_store(&view->shared->lock, VIEW_ACQUISITION * 7 | owner);
}

/** How many messages were ever put. */
static inline uint32_t view_count_put(const struct view *view) {
    return msi_count(atomic_load(&view->shared->tail));
}

#endif
