/*
 * Writers and a reader as threads on one mapping, which is what ThreadSanitizer can see: it knows
 * nothing of two mappings of one file, or of two processes.
 *
 * With the argument "race" a race is planted: before the queue has ordered anything between them,
 * all threads touch a plain variable. ThreadSanitizer must report it, or its silence about the
 * queue would mean nothing.
 */
#include "memory_queue.h"
#include <platform.h>

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { WRITERS = 4, MESSAGES = 20000, CAPACITY = 65536, MAX_LEN = 300 };

typedef struct {
    memory_queue *memory;
    uint32_t holder;
    unsigned refused;
} writer_thread;

static bool plant_race;
static unsigned long unordered;

static void wait_for(atomic_uint *arrived, unsigned number) {
    while (atomic_load_explicit(arrived, memory_order_relaxed) < number)
        usleep(1000);
}

/* One after the other, since ThreadSanitizer can miss what happens at the same instant, and all
 * before anybody goes on, since it remembers only so many steps. Relaxed, so that nothing is
 * ordered. */
static void race_if_planted(uint32_t holder) {
    static atomic_uint arrived;
    if (!plant_race)
        return;
    wait_for(&arrived, holder);
    unordered++;
    atomic_fetch_add_explicit(&arrived, 1, memory_order_relaxed);
    wait_for(&arrived, WRITERS + 1);
}

static size_t length_of(uint32_t holder, unsigned number) {
    return sizeof number + (number * 7 + holder * 13) % (MAX_LEN - sizeof number);
}

static void *write_all(void *arg) {
    writer_thread *self = arg;
    msi_queue queue = memory_queue_view(self->memory, self->holder);
    unsigned char data[MAX_LEN];
    race_if_planted(self->holder);
    for (unsigned i = 0; i < MESSAGES; i++) {
        size_t len = length_of(self->holder, i);
        memset(data, (int)(self->holder + i), len);
        memcpy(data, &i, sizeof i);
        msi_message message = {.len = len, .arrival_ns = msi_now(), .pid = self->holder};
        int timeout_ms = i % 2 ? MAILSLOT_FOREVER : MAILSLOT_NO_WAIT;
        while (msi_queue_put(&queue, &message, data, timeout_ms) == MAILSLOT_ERR_FULL)
            self->refused++;
    }
    return NULL;
}

static bool is_expected(const msi_message *message, const unsigned char *data, unsigned number) {
    size_t len = length_of(message->pid, number);
    if (message->len != len || memcmp(data, &number, sizeof number) != 0)
        return false;
    for (size_t i = sizeof number; i < len; i++)
        if (data[i] != (unsigned char)(message->pid + number))
            return false;
    return true;
}

/* Each writer's messages come in its order, none missing, none twice. */
static int read_all(memory_queue *memory) {
    msi_queue queue = memory_queue_view(memory, 0);
    unsigned next[WRITERS + 1] = {0};
    unsigned char data[MAX_LEN];
    race_if_planted(0);
    for (unsigned taken = 0; taken < WRITERS * MESSAGES;) {
        msi_message message;
        mailslot_err err = msi_queue_take(&queue, data, sizeof data, &message);
        if (err == MAILSLOT_ERR_EMPTY) {
            msi_queue_wait(&queue, MSI_NEVER, true);
            continue;
        }
        if (err || !message.pid || message.pid > WRITERS ||
            !is_expected(&message, data, next[message.pid]++)) {
            fprintf(stderr, "message %u: %s\n", taken, err ? mailslot_detail() : "wrong content");
            return 1;
        }
        taken++;
    }
    return 0;
}

int main(int argc, char **argv) {
    plant_race = argc > 1 && !strcmp(argv[1], "race");
    memory_queue *memory = memory_queue_new(CAPACITY, UINT32_MAX - 20000);
    writer_thread writers[WRITERS];
    pthread_t threads[WRITERS];
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (writer_thread){memory, i + 1, 0};
        pthread_create(&threads[i], NULL, write_all, &writers[i]);
    }
    int status = read_all(memory);
    for (uint32_t i = 0; i < WRITERS && !status; i++) {
        pthread_join(threads[i], NULL);
        printf("writer %u: %d messages, %u refusals\n", i + 1, MESSAGES, writers[i].refused);
    }
    if (!status)
        memory_queue_free(memory);
    return status;
}
