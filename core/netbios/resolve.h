/*
 * Who has a NetBIOS name: asked of WINS servers and by broadcast (query.h), and kept for a while
 * for the whole process (namecache.h). The thin part with sockets, clocks and locks.
 */
#ifndef MSI_RESOLVE_H
#define MSI_RESOLVE_H

#include "namecache.h"
#include "query.h"

/** Who asks, and how. */
typedef struct {
    const msi_config *host;
    const msi_interface *interfaces; /* to broadcast on */
    size_t interface_count;
    const atomic_bool *interrupted; /* becomes true when the asking is to end; may be NULL */
    msi_udp *socket; /* MSI_UDP_NONE; holds the socket while asking, and changes under
                        msi_fork_lock() only, so that a forked child can close it */
} msi_asker;

/** Puts a question about a name (MSI_NS_TYPE_NB) to servers and segments as the host says. */
void msi_question_for(msi_question *question, const msi_asker *asker, const msi_nbname *name);

/** Gets an answer to a question, who sent it, and the ctx given with it; true: that is enough. */
typedef bool msi_answer_fn(void *ctx, const msi_query *query, uint32_t by,
                           const msi_ns_packet *answer);

/**
 * Asks, until an answer is enough or nobody is to be waited for any longer: about a second at most.
 * NO_HOST (no answer was enough; says nothing more), CLOSED (interrupted, within 100 ms),
 * NO_MEMORY, OS (nothing could be sent).
 */
mailslot_err msi_ask(const msi_asker *asker, const msi_question *question, msi_answer_fn *answer,
                     void *ctx);

/** Fails with NO_HOST, saying who was asked for a name. */
mailslot_err msi_nobody_has(const msi_asker *asker, const msi_nbname *name);

/** Fails with NO_HOST, saying that no interface can broadcast, and which were looked for. */
mailslot_err msi_no_interface(const msi_config *host);

/**
 * Stores who has a name, from what the process knows or by asking. Threads that want the same name
 * wait for the one that asks; others do not. NO_HOST, with msi_nobody_has()'s words; CLOSED,
 * NO_MEMORY, OS.
 */
mailslot_err msi_resolve(const msi_asker *asker, const msi_nbname *name, msi_name_owner *owner);

/** For a new process, with msi_fork_lock() held: forgets that its parent was asking. */
void msi_resolve_after_fork(void);

#endif
