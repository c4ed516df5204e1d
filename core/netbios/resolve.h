/*
 * Resolves NetBIOS names by WINS servers and broadcast (query.h), and caches the results for the
 * process (namecache.h). Adds the sockets, the clock and the locks to those two pure parts.
 */
#ifndef MSI_RESOLVE_H
#define MSI_RESOLVE_H

#include "namecache.h"
#include "query.h"

/** The parameters of asking. */
typedef struct {
    const msi_config *host;
    const msi_interface *interfaces; /* to broadcast on */
    size_t interface_count;
    const atomic_bool *interrupted; /* set to end the asking early; may be NULL */
    msi_udp *socket; /* MSI_UDP_NONE; holds the socket while asking, and changes under
                        msi_fork_lock() only, so that a forked child can close it */
} msi_asker;

/** Puts a question about a name (MSI_NS_TYPE_NB) to servers and segments as the host says. */
void msi_resolve_question_init(msi_question *question, const msi_asker *asker,
                               const msi_nbname *name);

/** Called with each answer, its sender's address and the caller's ctx. Returns true to stop. */
typedef bool msi_answer_fn(void *ctx, const msi_query *query, uint32_t by,
                           const msi_ns_packet *answer);

/**
 * Asks until `answer` returns true or no more answers are expected: about a second at most.
 * NO_HOST (`answer` never returned true; without a detail), CLOSED (interrupted, within 100 ms),
 * NO_MEMORY, OS (nothing could be sent).
 */
mailslot_err msi_ask(const msi_asker *asker, const msi_question *question, msi_answer_fn *answer,
                     void *ctx);

/** Fails with NO_HOST and a detail that lists the servers and segments that were asked. */
mailslot_err msi_resolve_fail_no_owner(const msi_asker *asker, const msi_nbname *name);

/** Fails with NO_HOST and a detail: no interface, of those configured, can broadcast, or has an
 * IPv4 address at all. */
mailslot_err msi_resolve_fail_no_interface(const msi_config *host, bool has_address);

/**
 * Stores the owner of a name, from the cache or by asking. Of several threads that need the same
 * name one asks and the others wait for it. NO_HOST, with the detail of
 * msi_resolve_fail_no_owner(); CLOSED, NO_MEMORY, OS.
 */
mailslot_err msi_resolve(const msi_asker *asker, const msi_nbname *name, msi_name_owner *owner);

/** For a new process, with msi_fork_lock() held: forgets that its parent was asking. */
void msi_resolve_after_fork(void);

#endif
