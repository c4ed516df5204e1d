#include "message.h"
#include "fuzz.h"

enum { LEAST_BUDGET = 64 * 1024, BUDGET_PER_BYTE = 64 };

mailslot_err message_decode(struct message *message, const mailslot_codec *codec, const void *data,
                            size_t len, size_t budget) {
    size_t usual = len * BUDGET_PER_BYTE > LEAST_BUDGET ? len * BUDGET_PER_BYTE : LEAST_BUDGET;
    *message = (struct message){.data = fuzz_memory(len + 1), .len = len};
    if (len)
        memcpy(message->data, data, len);
    message->data[len] = 0;
    msi_scratch_reset(&message->scratch, budget ? budget : usual);
    mailslot_err err = codec->decode(codec, &message->scratch, (mailslot_bytes){message->data, len},
                                     &message->value);
    require(message->scratch.spent <= message->scratch.budget);
    if (err) {
        require(err == MAILSLOT_ERR_BAD_MESSAGE || err == MAILSLOT_ERR_TOO_COMPLEX);
        require(*mailslot_detail());
        message->value = NULL;
    }
    return err;
}

void message_return(struct message *message, const mailslot_codec *codec,
                    const mailslot_sink *encoded) {
    require(message_decode(message, codec, encoded->data, encoded->len, SIZE_MAX) == MAILSLOT_OK);
}

void message_free(struct message *message) {
    msi_scratch_free(&message->scratch);
    free(message->data);
    *message = (struct message){0};
}

void message_encode(mailslot_sink *sink, const mailslot_codec *codec, const void *value) {
    *sink = (mailslot_sink){.limit = SIZE_MAX};
    require(codec->encode(codec, value, sink) == MAILSLOT_OK);
}

bool message_same(const mailslot_sink *a, const mailslot_sink *b) {
    return a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0);
}

static void check_budget(const mailslot_codec *codec, const struct message *message) {
    struct message again;
    size_t spent = message->scratch.spent;
    if (!spent)
        return;
    require(message_decode(&again, codec, message->data, message->len, spent) == MAILSLOT_OK);
    require(again.scratch.spent == spent);
    message_free(&again);
    if (spent == 1)
        return;
    mailslot_err err = message_decode(&again, codec, message->data, message->len, spent - 1);
    require(err == MAILSLOT_OK || err == MAILSLOT_ERR_TOO_COMPLEX);
    message_free(&again);
}

static void check_small_sink(const mailslot_codec *codec, const struct message *message,
                             size_t len) {
    mailslot_sink sink = {.limit = len / 2};
    require(codec->encode(codec, message->value, &sink) == MAILSLOT_OK);
    require(sink.len == len && sink.capacity <= sink.limit);
    msi_sink_free(&sink);
}

void message_check(const mailslot_codec *codec, const struct message *message,
                   bool (*equal)(const void *a, const void *b)) {
    struct message second;
    mailslot_sink first_bytes, second_bytes;
    message_encode(&first_bytes, codec, message->value);
    message_return(&second, codec, &first_bytes);
    require(equal(message->value, second.value));
    message_encode(&second_bytes, codec, second.value);
    require(message_same(&first_bytes, &second_bytes));
    check_budget(codec, message);
    check_small_sink(codec, message, first_bytes.len);
    message_free(&second);
    msi_sink_free(&first_bytes);
    msi_sink_free(&second_bytes);
}
