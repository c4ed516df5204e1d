/* Encodes and decodes record files, as defined by proto/record.proto. Does no input or output. */
#ifndef CLI_RECORD_FILE_H
#define CLI_RECORD_FILE_H

#include "base/buffer.h"

#include <mailslot/mailslot.h>

#include "record.pb-c.h"

typedef Mailslot__Record__Entry record_entry;
typedef Mailslot__Record__Header record_header;
typedef Mailslot__Record__Message record_message;

enum {
    RECORD_MESSAGE_MAX = 64 * 1024 * 1024, /* most bytes of a message */
    RECORD_AROUND_MAX = 128,               /* most bytes that an entry has around those */
    RECORD_CONTENT_MAX = 65 * 1024 * 1024, /* most bytes of an entry behind its length */
    RECORD_ENTRY_MAX = RECORD_CONTENT_MAX + 4,
    RECORD_FORMAT_SIZE = 29, /* bytes of the entry that files begin with */
    RECORD_SLOTS_MAX = 1024,
    RECORD_COMPUTER_MAX = 15, /* of a NetBIOS name */
    RECORD_ADDRESS_MAX = 45,  /* of an IPv6 address */
};

/** The number of slots if the header is damaged. */
#define RECORD_SLOTS_UNKNOWN SIZE_MAX

/* ---- Writing ---- */

/** Appends the entry that files begin with. */
void record_append_format(struct buffer *out);

/** Appends the header's entry; BAD_VALUE: it is too big for one. */
MAILSLOT_MUST_USE mailslot_err record_append_header(struct buffer *out,
                                                    const record_header *header);

/** Appends the entry of a message of the header's slot of that number, of at most
 *  RECORD_MESSAGE_MAX bytes, which came elapsed nanoseconds after the header's begun; 0: not
 *  known. */
void record_append_message(struct buffer *out, uint32_t slot, uint64_t elapsed,
                           const mailslot_record *record);

/* ---- Reading ---- */

enum record_state {
    RECORD_WHOLE,
    RECORD_CUT,    /* it continues beyond the bytes given */
    RECORD_BROKEN, /* not an entry, or its checksum does not match */
};

/** Checks the entry that begins at data, and stores its size in bytes (WHOLE), or the least size
 * that is known to be needed (CUT). */
enum record_state record_look(const void *data, size_t len, size_t *size);

/** How many of len bytes are whole entries. */
size_t record_whole_bytes(const void *data, size_t len);

/** Whether a file that begins with len bytes may be a record file: they match its first entry as
 * far as they go. */
bool record_is_format(const void *data, size_t len);

/** Finds the first whole entry after data[0] of at most 1 MiB; len if there is none. Subtracts the
 * bytes that it checks from *work, and finds no more once that is used up. */
size_t record_find(const void *data, size_t len, uint64_t *work);

/** Decodes a whole entry into memory, which owns *entry until the next call. BAD_MESSAGE: it is not
 * an entry, or has invalid values; TOO_COMPLEX; NO_MEMORY. slots is the number of slots of its
 * header, or RECORD_SLOTS_UNKNOWN. */
MAILSLOT_MUST_USE mailslot_err record_decode(mailslot_record *memory, const void *data, size_t size,
                                             size_t slots, const record_entry **entry);

/** The origin of a decoded message. The computer's name lies in *text, which the caller
 * provides. */
struct record_origin_text {
    char computer[RECORD_COMPUTER_MAX + 1];
};
mailslot_origin record_origin(const record_message *message, struct record_origin_text *text);

#endif
