/* Hands datagrams to mailslotd before they are broadcast; see broadcast.h. */
#include "broadcast.h"
#include "connection.h"
#include "error.h"

#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 250 };

/* How long a daemon that failed is not asked again. One that does not answer: a second. One that
 * hangs up at once may be about to be replaced, or may always do so: 10 ms at first, twice as
 * long each time. But always connect if no daemon was there: one that started unnoticed would
 * take our broadcast for another computer's, and deliver it to readers that have it from us. */
#define AVOID_LEAST_NS ((uint64_t)10 * MSI_NS_PER_MS)
#define AVOID_MOST_NS  ((uint64_t)1000 * MSI_NS_PER_MS)

/* ---- The connection ---- */

/* `interrupted` and `fd` change under the fork lock only, so an interrupt either finds the
 * connection or prevents it. */
static mailslot_err broadcast_connect(msi_broadcaster *broadcaster, uint64_t deadline) {
    msi_fork_lock();
    mailslot_err err = broadcaster->interrupted ? MAILSLOT_ERR_CLOSED
                                                : msi_relay_connect(&broadcaster->fd, deadline,
                                                                    &broadcaster->interrupted);
    msi_fork_unlock();
    return err;
}

/* Requests that the daemon has not read by then are lost. */
static void broadcast_hang_up(msi_broadcaster *broadcaster) {
    msi_fork_lock();
    msi_broadcaster_release(broadcaster);
    msi_fork_unlock();
}

void msi_broadcaster_interrupt(msi_broadcaster *broadcaster) {
    msi_fork_lock();
    broadcaster->interrupted = true;
    if (broadcaster->fd >= 0)
        shutdown(broadcaster->fd, SHUT_RDWR);
    msi_fork_unlock();
}

void msi_broadcaster_release(msi_broadcaster *broadcaster) {
    if (broadcaster->fd >= 0)
        close(broadcaster->fd);
    broadcaster->fd = -1;
}

/* ---- Asking ---- */

/* NOT_HERE if the daemon cannot deliver the datagram when it hears the broadcast: it has
 * answered, or there is none. */
static msi_broadcast_result broadcast_result(mailslot_err err) {
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

static uint64_t broadcast_longer_pause(uint64_t ns) {
    if (!ns)
        return AVOID_LEAST_NS;
    return ns < AVOID_MOST_NS / 2 ? 2 * ns : AVOID_MOST_NS;
}

static void broadcast_avoid_daemon(msi_broadcaster *broadcaster, mailslot_err why) {
    uint64_t ns = AVOID_MOST_NS;
    if (why == MAILSLOT_ERR_GONE)
        ns = broadcaster->hung_up_ns = broadcast_longer_pause(broadcaster->hung_up_ns);
    broadcaster->avoided_until = msi_now() + ns;
    broadcaster->avoided_as = broadcast_result(why);
}

/* Errors about the message are answers; any other, such as too many connections, is none. */
static mailslot_err broadcast_check_answer(const msi_relay_message *answer) {
    bool answered = answer->type == MSI_RELAY_REPLY &&
                    (answer->err == MAILSLOT_OK || answer->err == MAILSLOT_ERR_NOT_FOUND ||
                     answer->err == MAILSLOT_ERR_INVALID);
    return answered ? answer->err : MAILSLOT_ERR_OS;
}

/* GONE on a kept connection: the daemon has ended since, a new one may run. */
static mailslot_err broadcast_ask(msi_broadcaster *broadcaster, const msi_relay_message *question,
                                  bool kept, uint64_t deadline) {
    unsigned char packet[MSI_RELAY_ANSWER_MAX];
    msi_relay_message answer;
    mailslot_err err = msi_relay_ask(broadcaster->fd, question, packet, &answer, deadline);
    if (!err)
        err = broadcast_check_answer(&answer);
    bool answered = broadcast_result(err) != MSI_BROADCAST_UNSURE && err != MAILSLOT_ERR_GONE;
    if (answered)
        broadcaster->hung_up_ns = 0;
    else
        broadcast_hang_up(broadcaster);
    if (!answered && !(kept && err == MAILSLOT_ERR_GONE))
        broadcast_avoid_daemon(broadcaster, err);
    return err;
}

/* Asks over the kept connection first. If there is none, or it has ended (GONE), connects once,
 * unless the daemon is being avoided. */
static msi_broadcast_result broadcast_ask_connected(msi_broadcaster *broadcaster,
                                                    const msi_relay_message *question) {
    uint64_t deadline = msi_deadline(PATIENCE_MS);
    mailslot_err err = MAILSLOT_ERR_GONE;
    if (broadcaster->fd >= 0)
        err = broadcast_ask(broadcaster, question, true, deadline);
    if (err != MAILSLOT_ERR_GONE)
        return broadcast_result(err);
    if (msi_now() < broadcaster->avoided_until)
        return broadcaster->avoided_as;
    err = broadcast_connect(broadcaster, deadline);
    return broadcast_result(err ? err : broadcast_ask(broadcaster, question, false, deadline));
}

/* Failures are silent: the put that calls this goes on without the daemon. */
msi_broadcast_result msi_broadcast(msi_broadcaster *broadcaster, const unsigned char *datagram,
                                   size_t len) {
    const msi_relay_message question = {.type = MSI_RELAY_BROADCAST,
                                        .version = MSI_RELAY_VERSION,
                                        .data = datagram,
                                        .data_len = len};
    msi_rundown_lock(&broadcaster->gate, MSI_OUTSIDE);
    msi_fail_silently();
    msi_broadcast_result result = broadcast_ask_connected(broadcaster, &question);
    msi_fail_aloud();
    msi_rundown_unlock(&broadcaster->gate, MSI_OUTSIDE);
    return result;
}
