/*
 * What a library sees of mailslotd, played by a thread of the test: a socket at the daemon's place
 * that keeps account of what it hears and answers as it is told.
 */
#ifndef MAILSLOT_TEST_FAKE_DAEMON_H
#define MAILSLOT_TEST_FAKE_DAEMON_H

#include "test.h"

#include <pthread.h>
#include <relay/protocol.h>
#include <relay/status_codec.h>
#include <stdatomic.h>

enum { FAKE_CONNECTIONS = 32, FAKE_TYPES = 32 };

/** How it takes what it hears. Any of these but ANSWER is a daemon gone wrong. */
enum fake_manner {
    FAKE_ANSWER,   /* by the protocol */
    FAKE_SILENCE,  /* listens, and says nothing */
    FAKE_HANG_UP,  /* ends the connection */
    FAKE_GARBAGE,  /* answers with bytes that are no message */
    FAKE_EMPTY,    /* answers with an empty packet */
    FAKE_HUGE,     /* answers with a packet larger than any message */
    FAKE_QUESTION, /* answers with a question */
    FAKE_DELIVERY, /* answers with a message for a reader, whoever asks */
    FAKE_MANNERS
};

struct fake_daemon {
    _Atomic enum fake_manner manner;
    _Atomic mailslot_err err;             /* what a REPLY says */
    atomic_int err_times;                 /* after so many it says OK; negative: for ever */
    const char *words;                    /* with an error */
    const mailslot_daemon_status *status; /* STATUS_REPORT; NULL: knows no STATUS_QUERY */
    uint32_t limit;                       /* OPENED */

    /* What it heard, by type, and how often it is through with an answer; the last message of each
     * type but its data. */
    atomic_int heard[FAKE_TYPES], answered[FAKE_TYPES];
    msi_relay_message last[FAKE_TYPES]; /* under mutex */
    char last_data[FAKE_TYPES][64];     /* under mutex; the first bytes */
    atomic_int accepted;                /* connections so far */
    atomic_int open;                    /* of these now */
    atomic_int reader; /* the last registered reader's descriptor, or -1; sent to under mutex */

    int listener, connections[FAKE_CONNECTIONS];
    int ends[2]; /* a pipe: written to when it is over */
    pthread_mutex_t mutex;
    pthread_t thread;
};

/** Listens in MAILSLOT_DIR and answers from now on. Set what differs from zero afterwards. */
void fake_start(struct fake_daemon *fake);

/** Whether there is one, and it says something to whatever it hears. */
bool fake_answers(void);

/** Ends it, as by SIGKILL: its connections end, its socket's file stays. */
void fake_kill(struct fake_daemon *fake);

/** Waits until it has answered that many messages of that type in all. */
void fake_await(struct fake_daemon *fake, msi_relay_type type, int count);

/** Waits until so many connections are open. */
void fake_await_open(struct fake_daemon *fake, int count);

/** The last message of that type; text receives the first bytes of its data as a string. */
msi_relay_message fake_last(struct fake_daemon *fake, msi_relay_type type, char text[64]);

/** Sends the reader a message as from user uid, process 1234; false if its socket is full or gone.
 */
bool fake_deliver(struct fake_daemon *fake, uint32_t uid, const void *data, size_t len);

/** Sends the reader a message as from the network. */
bool fake_deliver_remote(struct fake_daemon *fake, const char *computer, const char *address,
                         const void *data, size_t len);

/** Sends the reader any packet. */
bool fake_send(struct fake_daemon *fake, const void *packet, size_t len);

#endif
