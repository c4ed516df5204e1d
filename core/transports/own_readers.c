#include "own_readers.h"
#include "error.h"
#include "platform.h"

/* Attaches for each message: a writer that stays would have to notice each reader that comes and
 * goes, and messages for many are rare. The fork lock is held throughout, since no list has the
 * endpoint from which a forked child could release its copy. */
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
