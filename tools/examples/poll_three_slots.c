/*
 * poll_three_slots SLOT SLOT SLOT: reads three mailslots of text in one loop and prints each
 * message after its slot's name, until it is interrupted. The descriptor that mailslot_waitable()
 * returns works with poll(), select() and event loops, together with sockets and pipes.
 */
#include <mailslot/codec.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { SLOTS = 3 };

static mailslot_err open_reader(mailslot **slot, const char *name, struct pollfd *waitable) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    waitable->events = POLLIN;
    mailslot_err err = mailslot_open(slot, name, &options);
    return err ? err : mailslot_waitable(*slot, &waitable->fd);
}

/* A waitable may be ready without a message, and stays ready until a get returns EMPTY. */
static mailslot_err drain_slot(mailslot *slot, const char *name, mailslot_record *record) {
    mailslot_err err;
    while (!(err = mailslot_get_nowait(slot, record)))
        printf("%s: %s\n", name, (const char *)mailslot_record_value(record));
    fflush(stdout);
    return err == MAILSLOT_ERR_EMPTY ? MAILSLOT_OK : err;
}

static mailslot_err serve_slots(mailslot **slots, char **names, struct pollfd *waitables) {
    mailslot_record *record;
    mailslot_err err = mailslot_record_new(&record);
    while (!err) {
        int ready = poll(waitables, SLOTS, -1);
        if (ready < 0 && errno != EINTR)
            err = mailslot_fail(MAILSLOT_ERR_OS, "poll: %s", strerror(errno));
        for (int i = 0; !err && ready > 0 && i < SLOTS; i++)
            if (waitables[i].revents)
                err = drain_slot(slots[i], names[i], record);
    }
    mailslot_record_free(record);
    return err;
}

int main(int argc, char **argv) {
    if (argc != 1 + SLOTS) {
        fprintf(stderr, "usage: poll_three_slots SLOT SLOT SLOT\n");
        return 2;
    }
    mailslot *slots[SLOTS] = {NULL};
    struct pollfd waitables[SLOTS] = {{0}};
    mailslot_err err = MAILSLOT_OK;
    for (int i = 0; !err && i < SLOTS; i++)
        err = open_reader(&slots[i], argv[1 + i], &waitables[i]);
    if (!err)
        err = serve_slots(slots, argv + 1, waitables);
    fprintf(stderr, "poll_three_slots: %s\n", mailslot_detail());
    for (int i = 0; i < SLOTS; i++)
        mailslot_close(slots[i]);
    return 1;
}
