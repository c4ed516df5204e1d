/* Messages and values, encoded and decoded as a slot does it, without one. */
#ifndef MAILSLOT_FUZZ_MESSAGE_H
#define MAILSLOT_FUZZ_MESSAGE_H

#include <codec_memory.h>
#include <mailslot/codec.h>

/** A message as a reader holds it. Start from {0}; end with message_free(). */
struct message {
    unsigned char *data; /* len bytes and a NUL, and nothing behind it: reading on is a crash */
    size_t len;
    mailslot_scratch scratch;
    const void *value; /* NULL unless it decodes */
};

/** Decodes a copy of len bytes within the budget, the default one of a slot if it is 0. Checks that
 *  an error is one that decode may give, says why, and that the budget was kept to. */
mailslot_err message_decode(struct message *message, const mailslot_codec *codec, const void *data,
                            size_t len, size_t budget);

/** Decodes what an encoder made, which has to work. No budget: one is of the message's size, and
 *  an encoder may say in fewer bytes what a hostile message says in many. */
void message_return(struct message *message, const mailslot_codec *codec,
                    const mailslot_sink *encoded);

void message_free(struct message *message);

/** Encodes a value that decode gave, which has to work, into a sink that the caller frees. */
void message_encode(mailslot_sink *sink, const mailslot_codec *codec, const void *value);

/** Whether two sinks hold the same bytes. */
bool message_same(const mailslot_sink *a, const mailslot_sink *b);

/** What every codec owes to a message it accepts: encoding its value gives one that decodes to an
 *  equal value and encodes to the same bytes; the budget it took is enough, and less is TOO_COMPLEX
 *  at worst; a sink too small still counts. */
void message_check(const mailslot_codec *codec, const struct message *message,
                   bool (*equal)(const void *a, const void *b));

#endif
