#include "relay/spread.h"
#include "error.h"
#include "platform.h"
#include "relay/connection.h"

#include <pthread.h>
#include <unistd.h>

enum { PATIENCE_MS = 250 };

/* A daemon that does not answer is asked once a second, not with every message. One that hangs up
 * at once is about to die, and another may follow it; or it always does: it is left alone for
 * longer each time. One that is not there is looked for with every message: had it come unnoticed,
 * it would take what it hears from us for another's, and give it to readers who have it from us. */
#define AVOID_LEAST_NS ((uint64_t)10 * MSI_NS_PER_MS)
#define AVOID_MOST_NS  ((uint64_t)1000 * MSI_NS_PER_MS)

static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER; /* one question at a time */
static uint64_t avoided_until, avoid_ns;                   /* under it */

/* Who asks holds both while the descriptor changes; fork() waits only for the second. */
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;
static int connection = -1;

static void before_fork(void) { pthread_mutex_lock(&changing); }

static void after_fork(void) { pthread_mutex_unlock(&changing); }

/* Whoever was asking is not in the child. */
static void after_fork_in_child(void) {
    if (connection >= 0)
        close(connection);
    connection = -1;
    avoided_until = 0;
    pthread_mutex_init(&asking, NULL);
    pthread_mutex_unlock(&changing);
}

static void watch_forks(void) { pthread_atfork(before_fork, after_fork, after_fork_in_child); }

static void hang_up(void) {
    pthread_mutex_lock(&changing);
    close(connection);
    connection = -1;
    pthread_mutex_unlock(&changing);
}

static bool connect_again(void) {
    static pthread_once_t watching = PTHREAD_ONCE_INIT;
    pthread_once(&watching, watch_forks);
    if (msi_now() < avoided_until)
        return false;
    pthread_mutex_lock(&changing);
    bool connected = !msi_relay_connect(&connection);
    pthread_mutex_unlock(&changing);
    return connected;
}

static void avoid(mailslot_err why) {
    if (why != MAILSLOT_ERR_GONE || avoid_ns > AVOID_MOST_NS / 2)
        avoid_ns = AVOID_MOST_NS;
    else
        avoid_ns = avoid_ns ? 2 * avoid_ns : AVOID_LEAST_NS;
    avoided_until = msi_now() + avoid_ns;
}

static mailslot_err ask(const msi_relay_message *question, bool kept) {
    unsigned char packet[MSI_RELAY_ANSWER_MAX];
    msi_relay_message answer;
    mailslot_err err = msi_relay_ask(connection, question, packet, &answer, PATIENCE_MS);
    if (err && !(kept && err == MAILSLOT_ERR_GONE))
        avoid(err);
    if (err) {
        hang_up();
        return err;
    }
    avoid_ns = 0;
    if (answer.type != MSI_RELAY_REPLY)
        return MAILSLOT_ERR_OS;
    return answer.err;
}

/* GONE: a connection kept from before may have lost its daemon meanwhile. */
bool msi_relay_spread(const unsigned char *datagram, size_t len) {
    const msi_relay_message question = {
        .type = MSI_RELAY_SPREAD, .version = MSI_RELAY_VERSION, .data = datagram, .data_len = len};
    pthread_mutex_lock(&asking);
    msi_fail_silently();
    bool kept = connection >= 0;
    mailslot_err err = kept || connect_again() ? ask(&question, kept) : MAILSLOT_ERR_NOT_FOUND;
    if (err == MAILSLOT_ERR_GONE && kept && connect_again())
        err = ask(&question, false);
    msi_fail_aloud();
    pthread_mutex_unlock(&asking);
    return !err;
}
