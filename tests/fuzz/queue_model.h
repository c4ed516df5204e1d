/* What a queue in sound memory does: first in, first out, within its capacity. */
#ifndef MAILSLOT_FUZZ_QUEUE_MODEL_H
#define MAILSLOT_FUZZ_QUEUE_MODEL_H

#include <local/queue.h>

enum { MODEL_MOST = 4096 };

/** A message, by what it was put with; its bytes follow from its number. */
struct model_message {
    uint32_t number, len, units;
    uint64_t arrival_ns;
    size_t computer_len, address_len;
    bool remote;
};

struct queue_model {
    struct model_message messages[MODEL_MOST];
    size_t taken, put; /* messages[taken] to messages[put - 1] wait */
    uint32_t used;     /* units */
    uint64_t refused;
};

/** Makes the next message: its envelope, and its len bytes, which the caller frees. */
unsigned char *model_make(struct queue_model *model, size_t len, bool remote, uint64_t arrival_ns,
                          msi_message *message);

/** Whether there is room for the message that was made last. */
bool model_has_room(const struct queue_model *model, const msi_queue_layout *layout);

/** The message that was made last is in the queue. */
void model_put(struct queue_model *model);

/** The oldest message; NULL if none waits. */
const struct model_message *model_oldest(const struct queue_model *model);

/** Checks that the oldest message was taken as it was put, and takes it out. */
void model_take(struct queue_model *model, const msi_message *message, const unsigned char *data);

/** Checks what was seen of the queue. */
void model_check(const struct queue_model *model, const mailslot_info *info);

#endif
