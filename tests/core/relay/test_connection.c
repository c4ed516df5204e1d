/* Connecting to a daemon whose queue of connections is full, and the refusal of one that closes at
 * once. */
#include "clock.h"
#include "slotdir.h"
#include "thread.h"

#include <errno.h>
#include <platform.h>
#include <relay/connection.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listener, waiting[16];
static size_t waiting_count;

static int open_socket(void) {
    return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static struct sockaddr_un daemon_address(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    check(msi_relay_path(address.sun_path));
    return address;
}

static void listen_briefly(void) {
    struct sockaddr_un address = daemon_address();
    listener = open_socket();
    check(!bind(listener, (struct sockaddr *)&address, sizeof address) && !listen(listener, 0));
}

static void fill_queue(void) {
    struct sockaddr_un address = daemon_address();
    int result = 0;
    for (waiting_count = 0; !result; waiting_count++) {
        waiting[waiting_count] = open_socket();
        result = connect(waiting[waiting_count], (struct sockaddr *)&address, sizeof address);
    }
    check_int(EAGAIN, errno);
}

static void stop_listening(void) {
    while (waiting_count)
        close(waiting[--waiting_count]);
    close(listener);
}

static bool interrupted;

/* For blocker: connects with the tests' patience. */
static mailslot_err connect_in_time(mailslot *slot) {
    int fd;
    (void)slot;
    msi_fork_lock();
    mailslot_err err = msi_relay_connect(&fd, msi_deadline(SOON_MS), &interrupted);
    msi_fork_unlock();
    if (!err)
        close(fd);
    return err;
}

static void a_full_queue_is_waited_for_without_the_lock(void **state) {
    (void)state;
    struct blocker connector = {.call = connect_in_time};
    listen_briefly();
    fill_queue();
    blocker_start(&connector);
    msi_fork_lock(); /* free although the other thread waits */
    check(!connector.done);
    msi_fork_unlock();
    close(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
    check_ok(blocker_join(&connector));
    stop_listening();
}

static void waiting_for_a_full_queue_can_be_interrupted(void **state) {
    (void)state;
    struct blocker connector = {.call = connect_in_time};
    listen_briefly();
    fill_queue();
    blocker_start(&connector);
    msi_fork_lock();
    interrupted = true;
    msi_fork_unlock();
    check_err(MAILSLOT_ERR_CLOSED, blocker_join(&connector));
    interrupted = false;
    stop_listening();
}

static void without_patience_a_full_queue_is_an_error(void **state) {
    (void)state;
    int fd;
    listen_briefly();
    fill_queue();
    msi_fork_lock();
    check_err(MAILSLOT_ERR_OS, msi_relay_connect(&fd, 0, NULL));
    msi_fork_unlock();
    check_detail("too many connections");
    check_int(-1, fd);
    stop_listening();
}

/* mailslotd's refusal of a connection whose request it has not read. */
static void a_refusal_is_received_although_the_request_was_not_read(void **state) {
    (void)state;
    const msi_relay_message question = {.type = MSI_RELAY_STATUS_QUERY,
                                        .version = MSI_RELAY_VERSION},
                            refusal = {.type = MSI_RELAY_REPLY,
                                       .err = MAILSLOT_ERR_FULL,
                                       .data = "no room",
                                       .data_len = 7};
    unsigned char packet[MSI_RELAY_ANSWER_MAX];
    msi_relay_message answer;
    int ends[2];
    check(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
    check_ok(msi_relay_send(ends[0], &question));
    check_ok(msi_relay_send(ends[1], &refusal));
    close(ends[1]);
    check_ok(msi_relay_receive(ends[0], packet, sizeof packet, &answer, msi_deadline(SOON_MS)));
    check_int(MAILSLOT_ERR_FULL, answer.err);
    close(ends[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(a_full_queue_is_waited_for_without_the_lock),
        slot_test(waiting_for_a_full_queue_can_be_interrupted),
        slot_test(without_patience_a_full_queue_is_an_error),
        slot_test(a_refusal_is_received_although_the_request_was_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
