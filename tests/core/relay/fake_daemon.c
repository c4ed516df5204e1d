#include "fake_daemon.h"
#include "clock.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

static const int no_connection = -1;

static struct fake_daemon *_Atomic playing;

/* ---- Saying ---- */

static bool say(int fd, const msi_relay_message *message) {
    unsigned char head[MSI_RELAY_HEAD_MAX];
    struct iovec parts[2] = {{head, msi_relay_encode_head(message, head)},
                             {(void *)(uintptr_t)message->data, message->data_len}};
    const struct msghdr packet = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(fd, &packet, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static void reply(struct fake_daemon *fake, int fd) {
    msi_relay_message message = {.type = MSI_RELAY_REPLY};
    if (fake->err && fake->err_times != 0) {
        fake->err_times--;
        message.err = fake->err;
        message.data = fake->words;
        message.data_len = fake->words ? strlen(fake->words) : 0;
    }
    say(fd, &message);
}

static void answer_well(struct fake_daemon *fake, int fd, msi_relay_type question) {
    msi_relay_message message = {.type = MSI_RELAY_OPENED, .limit = fake->limit, .uid = 1000};
    unsigned char bytes[MSI_STATUS_ENCODED_MAX];
    if (question == MSI_RELAY_STATUS_QUERY && !fake->status) {
        shutdown(fd, SHUT_RDWR); /* as mailslotd 0.1 does */
    } else if (question == MSI_RELAY_STATUS_QUERY && !fake->err) {
        message.type = MSI_RELAY_STATUS_REPORT;
        message.data = bytes;
        message.data_len = msi_status_encode(fake->status, bytes);
        say(fd, &message);
    } else if (question == MSI_RELAY_OPEN && !fake->err) {
        say(fd, &message);
    } else {
        reply(fake, fd);
    }
}

static void answer_badly(int fd, enum fake_manner manner) {
    static const char bytes[MSI_RELAY_PACKET_MAX + 1];
    static const msi_relay_message question = {.type = MSI_RELAY_STATUS,
                                               .version = MSI_RELAY_VERSION};
    static const msi_relay_message delivery = {
        .type = MSI_RELAY_DELIVER, .data = "x", .data_len = 1};
    switch (manner) {
    case FAKE_HANG_UP:
        shutdown(fd, SHUT_RDWR);
        break;
    case FAKE_GARBAGE:
        send(fd, "\377garbage", 8, MSG_DONTWAIT | MSG_NOSIGNAL);
        break;
    case FAKE_EMPTY:
        send(fd, bytes, 0, MSG_DONTWAIT | MSG_NOSIGNAL);
        break;
    case FAKE_HUGE:
        send(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
        break;
    case FAKE_QUESTION:
        say(fd, &question);
        break;
    case FAKE_DELIVERY:
        say(fd, &delivery);
        break;
    default:
        break; /* silence */
    }
}

bool fake_send(struct fake_daemon *fake, const void *packet, size_t len) {
    pthread_mutex_lock(&fake->mutex);
    ssize_t sent = send(fake->reader, packet, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    pthread_mutex_unlock(&fake->mutex);
    return sent == (ssize_t)len;
}

static bool say_to_reader(struct fake_daemon *fake, const msi_relay_message *message) {
    pthread_mutex_lock(&fake->mutex);
    bool said = say(fake->reader, message);
    pthread_mutex_unlock(&fake->mutex);
    return said;
}

bool fake_deliver(struct fake_daemon *fake, uint32_t uid, const void *data, size_t len) {
    const msi_relay_message message = {.type = MSI_RELAY_DELIVER,
                                       .envelope = {.arrival_ns = 5, .pid = 1234, .uid = uid},
                                       .data = data,
                                       .data_len = len};
    return say_to_reader(fake, &message);
}

bool fake_deliver_remote(struct fake_daemon *fake, const char *computer, const char *address,
                         const void *data, size_t len) {
    msi_relay_message message = {.type = MSI_RELAY_DELIVER,
                                 .envelope = {.arrival_ns = 7, .remote = true},
                                 .data = data,
                                 .data_len = len};
    snprintf(message.envelope.computer, sizeof message.envelope.computer, "%s", computer);
    snprintf(message.envelope.address, sizeof message.envelope.address, "%s", address);
    return say_to_reader(fake, &message);
}

/* ---- Hearing ---- */

static void note(struct fake_daemon *fake, const msi_relay_message *message) {
    unsigned type = message->type;
    size_t len = message->data_len < 63 ? message->data_len : 63;
    pthread_mutex_lock(&fake->mutex);
    fake->last[type] = *message;
    memset(fake->last_data[type], 0, sizeof fake->last_data[type]);
    if (len)
        memcpy(fake->last_data[type], message->data, len);
    pthread_mutex_unlock(&fake->mutex);
}

static void hear(struct fake_daemon *fake, int fd, const unsigned char *packet, size_t len) {
    msi_relay_message message;
    check(msi_relay_decode(&message, packet, len));
    note(fake, &message);
    fake->heard[message.type]++;
    if (message.type == MSI_RELAY_REGISTER)
        fake->reader = fd;
    if (fake->manner == FAKE_ANSWER)
        answer_well(fake, fd, message.type);
    else
        answer_badly(fd, fake->manner);
    fake->answered[message.type]++;
}

static void drop(struct fake_daemon *fake, int *connection) {
    pthread_mutex_lock(&fake->mutex);
    if (fake->reader == *connection)
        fake->reader = no_connection;
    close(*connection);
    pthread_mutex_unlock(&fake->mutex);
    *connection = no_connection;
    fake->open--;
}

static void serve(struct fake_daemon *fake, int *connection) {
    static unsigned char packet[MSI_RELAY_PACKET_MAX];
    ssize_t len = recv(*connection, packet, sizeof packet, MSG_DONTWAIT);
    if (len > 0)
        hear(fake, *connection, packet, (size_t)len);
    else
        drop(fake, connection);
}

static void accept_one(struct fake_daemon *fake) {
    int *place = fake->connections;
    while (*place != no_connection)
        place++;
    *place = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
    check(*place >= 0 && place < fake->connections + FAKE_CONNECTIONS - 1);
    fake->accepted++;
    fake->open++;
}

static void *run(void *ctx) {
    struct fake_daemon *fake = ctx;
    struct pollfd polled[FAKE_CONNECTIONS + 2] = {{fake->ends[0], POLLIN, 0},
                                                  {fake->listener, POLLIN, 0}};
    for (;;) {
        for (int i = 0; i < FAKE_CONNECTIONS; i++)
            polled[i + 2] = (struct pollfd){fake->connections[i], POLLIN, 0};
        if (poll(polled, FAKE_CONNECTIONS + 2, -1) < 0)
            continue;
        if (polled[0].revents)
            return NULL;
        for (int i = 0; i < FAKE_CONNECTIONS; i++)
            if (polled[i + 2].revents)
                serve(fake, &fake->connections[i]);
        if (polled[1].revents)
            accept_one(fake);
    }
}

/* ---- From beginning to end ---- */

static int listen_there(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    check(msi_relay_path(address.sun_path));
    unlink(address.sun_path);
    check(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    check(listen(listener, FAKE_CONNECTIONS) == 0);
    return listener;
}

void fake_start(struct fake_daemon *fake) {
    memset(fake, 0, sizeof *fake);
    fake->limit = MSI_RELAY_DATA_MAX;
    fake->err_times = -1;
    fake->reader = no_connection;
    for (int i = 0; i < FAKE_CONNECTIONS; i++)
        fake->connections[i] = no_connection;
    pthread_mutex_init(&fake->mutex, NULL);
    fake->listener = listen_there();
    check(pipe(fake->ends) == 0);
    check(pthread_create(&fake->thread, NULL, run, fake) == 0);
    playing = fake;
}

bool fake_answers(void) {
    const struct fake_daemon *fake = playing;
    return fake && fake->manner != FAKE_SILENCE;
}

void fake_kill(struct fake_daemon *fake) {
    playing = NULL;
    check(write(fake->ends[1], "", 1) == 1);
    pthread_join(fake->thread, NULL);
    close(fake->listener);
    for (int i = 0; i < FAKE_CONNECTIONS; i++)
        if (fake->connections[i] != no_connection)
            drop(fake, &fake->connections[i]);
    close(fake->ends[0]);
    close(fake->ends[1]);
    pthread_mutex_destroy(&fake->mutex);
}

void fake_await(struct fake_daemon *fake, msi_relay_type type, int count) {
    check_within(SOON_MS, fake->answered[type] >= count);
}

void fake_await_open(struct fake_daemon *fake, int count) {
    check_within(SOON_MS, fake->open == count);
}

msi_relay_message fake_last(struct fake_daemon *fake, msi_relay_type type, char text[64]) {
    pthread_mutex_lock(&fake->mutex);
    msi_relay_message message = fake->last[type];
    if (text)
        memcpy(text, fake->last_data[type], 64);
    pthread_mutex_unlock(&fake->mutex);
    message.data = NULL;
    return message;
}
