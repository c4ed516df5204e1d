#include "broadcast.h"
#include "connection.h"
#include "error.h"

#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 250 };

/* A daemon that does not answer is asked once a second, not with every message. One that hangs up
 * at once is about to die, and another may follow it; or it always does: it is left alone for
 * longer each time. One that is not there is looked for with every message: had it come unnoticed,
 * it would take what it hears from us for another's, and give it to readers who have it from us. */
#define AVOID_LEAST_NS ((uint64_t)10 * MSI_NS_PER_MS)
#define AVOID_MOST_NS  ((uint64_t)1000 * MSI_NS_PER_MS)

/* ---- The connection ---- */

static mailslot_err connect_again(msi_broadcaster *spreader) {
    msi_fork_lock();
    mailslot_err err =
        spreader->interrupted ? MAILSLOT_ERR_CLOSED : msi_relay_connect(&spreader->fd);
    msi_fork_unlock();
    return err;
}

/* The daemon ignores what it has not read by then. */
static void hang_up(msi_broadcaster *spreader) {
    msi_fork_lock();
    msi_broadcaster_release(spreader);
    msi_fork_unlock();
}

void msi_broadcaster_interrupt(msi_broadcaster *spreader) {
    msi_fork_lock();
    spreader->interrupted = true;
    if (spreader->fd >= 0)
        shutdown(spreader->fd, SHUT_RDWR);
    msi_fork_unlock();
}

void msi_broadcaster_release(msi_broadcaster *spreader) {
    if (spreader->fd >= 0)
        close(spreader->fd);
    spreader->fd = -1;
}

/* ---- Asking ---- */

/* What has no daemon that lives, or whose daemon has answered, is not heard of again. */
static msi_broadcast_result result_of(mailslot_err err) {
    switch (err) {
    case MAILSLOT_OK:
        return MSI_BROADCAST_TOLD;
    case MAILSLOT_ERR_NOT_FOUND:
    case MAILSLOT_ERR_GONE:
    case MAILSLOT_ERR_INVALID:
        return MSI_BROADCAST_NOT_HERE;
    default:
        return MSI_BROADCAST_UNSURE;
    }
}

static uint64_t longer(uint64_t ns) {
    if (!ns)
        return AVOID_LEAST_NS;
    return ns < AVOID_MOST_NS / 2 ? 2 * ns : AVOID_MOST_NS;
}

static void avoid(msi_broadcaster *spreader, mailslot_err why) {
    uint64_t ns = AVOID_MOST_NS;
    if (why == MAILSLOT_ERR_GONE)
        ns = spreader->hung_up_ns = longer(spreader->hung_up_ns);
    spreader->avoided_until = msi_now() + ns;
    spreader->avoided_as = result_of(why);
}

/* What the daemon says of the message; anything else is no answer, such as that it takes no more
 * connections. */
static mailslot_err answer_of(const msi_relay_message *answer) {
    bool answered = answer->type == MSI_RELAY_REPLY &&
                    (answer->err == MAILSLOT_OK || answer->err == MAILSLOT_ERR_NOT_FOUND ||
                     answer->err == MAILSLOT_ERR_INVALID);
    return answered ? answer->err : MAILSLOT_ERR_OS;
}

/* GONE: a connection kept from before may have lost its daemon meanwhile. */
static mailslot_err ask(msi_broadcaster *spreader, const msi_relay_message *question, bool kept) {
    unsigned char packet[MSI_RELAY_ANSWER_MAX];
    msi_relay_message answer;
    mailslot_err err = msi_relay_ask(spreader->fd, question, packet, &answer, PATIENCE_MS);
    if (!err)
        err = answer_of(&answer);
    bool answered = result_of(err) != MSI_BROADCAST_UNSURE && err != MAILSLOT_ERR_GONE;
    if (answered)
        spreader->hung_up_ns = 0;
    else
        hang_up(spreader);
    if (!answered && !(kept && err == MAILSLOT_ERR_GONE))
        avoid(spreader, err);
    return err;
}

static msi_broadcast_result ask_either(msi_broadcaster *spreader,
                                       const msi_relay_message *question) {
    mailslot_err err = MAILSLOT_ERR_GONE;
    if (spreader->fd >= 0)
        err = ask(spreader, question, true);
    if (err != MAILSLOT_ERR_GONE)
        return result_of(err);
    if (msi_now() < spreader->avoided_until)
        return spreader->avoided_as;
    err = connect_again(spreader);
    return result_of(err ? err : ask(spreader, question, false));
}

msi_broadcast_result msi_broadcast(msi_broadcaster *spreader, const unsigned char *datagram,
                                   size_t len) {
    const msi_relay_message question = {.type = MSI_RELAY_BROADCAST,
                                        .version = MSI_RELAY_VERSION,
                                        .data = datagram,
                                        .data_len = len};
    msi_rundown_lock(&spreader->gate, MSI_OUTSIDE);
    msi_fail_silently();
    msi_broadcast_result result = ask_either(spreader, &question);
    msi_fail_aloud();
    msi_rundown_unlock(&spreader->gate, MSI_OUTSIDE);
    return result;
}
