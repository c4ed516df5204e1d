/* Delivers a message for a group to this computer's own reader as well; see own_readers.h. Both
 * platforms' remote transports call it, each with its transport of local names. */
#include "own_readers.h"
#include "error.h"
#include "platform.h"

/* Attaches for each message: a writer that stays attached would have to notice each reader that
 * comes and goes, and messages for a group are rare. Failures are silent, as for any reader that
 * a broadcast misses. The fork lock is held throughout: the endpoint is in no list, so a child
 * forked meanwhile could not release its copy. */
void msi_own_readers_put(const msi_transport *local, bool (*has_it)(const msi_endpoint *writer),
                         const msi_name *name, const void *data, size_t len) {
    msi_fork_lock();
    msi_fail_silently();
    msi_endpoint *writer;
    size_t limit;
    if (!local->open_writer(&writer, name, NULL, &limit)) {
        if (len <= limit && !(has_it && has_it(writer)))
            (void)!local->put(writer, data, len, MAILSLOT_NO_WAIT);
        local->close(writer);
    }
    msi_fail_aloud();
    msi_fork_unlock();
}
