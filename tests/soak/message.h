/* The slots of the soak, one for each codec and manner of reading, and what is put into them. */
#ifndef SOAK_MESSAGE_H
#define SOAK_MESSAGE_H

#include <mailslot/codec.h>

/** Payloads from IDENTITY bytes on begin with their stream and number; shorter ones are known by
 *  who sent them. */
enum { IDENTITY = 24, PAYLOAD_MOST = 1 << 20 };

struct kind {
    const char *name;
    const mailslot_codec *(*codec)(void);
    size_t max_message, capacity; /* as in mailslot_options */
    size_t most;                  /* bytes of the largest payload */
    bool any_byte;                /* payloads hold more than text */
    mailslot_err (*put)(mailslot *slot, const char *payload, size_t len);
    mailslot_bytes (*payload)(const void *value);
};

/** Slots 0 to RESIDENTS - 1 have a resident reader, those up to SLOTS one that comes and goes. */
enum { RESIDENTS = 5, PASSING_READERS = 3, SLOTS = RESIDENTS + PASSING_READERS };
extern const struct {
    const char *name;
    const struct kind *kind;
} soak_slots[SLOTS];

/** How many messages a stream has. */
uint32_t stream_length(uint64_t stream);

/** The payload of a stream's message, in a buffer of this process: valid until the next call, and
 *  followed by a NUL. */
mailslot_bytes payload_of(const struct kind *kind, uint64_t stream, uint32_t number);

/** Reads the identity of a payload of at least IDENTITY bytes; false if it has none. */
bool payload_read(mailslot_bytes payload, uint64_t *stream, uint32_t *number);

/** Puts one byte more than the slot takes, which must be refused. */
void put_too_much(const struct kind *kind, mailslot *slot);

/** Mixes two numbers into one. */
uint64_t mix(uint64_t a, uint64_t b);

#endif
