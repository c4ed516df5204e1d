/* Linked with --wrap=msi_relay_ask: a writer has the tests' patience with a daemon that will
 * answer, since a busy machine may not run the thread that plays it for longer than the library's.
 * That is a second, and what silent daemons still get. */
#include "child.h"
#include "fake_daemon.h"

#include <platform.h>
#include <relay/connection.h>

mailslot_err __real_msi_relay_ask(int fd, const msi_relay_message *question, unsigned char *packet,
                                  msi_relay_message *answer, uint64_t deadline);
mailslot_err __wrap_msi_relay_ask(int fd, const msi_relay_message *question, unsigned char *packet,
                                  msi_relay_message *answer, uint64_t deadline);
mailslot_err __wrap_msi_relay_ask(int fd, const msi_relay_message *question, unsigned char *packet,
                                  msi_relay_message *answer, uint64_t deadline) {
    if (fake_answers())
        deadline = msi_deadline(PEER_PATIENCE_S * 1000);
    return __real_msi_relay_ask(fd, question, packet, answer, deadline);
}
