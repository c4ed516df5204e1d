/* The inside of a record, for the code that fills it. */
#ifndef MSI_RECORD_H
#define MSI_RECORD_H

#include "codec_memory.h"
#include "envelope.h"

struct mailslot_record {
    unsigned char *data; /* capacity bytes and one more for a NUL */
    size_t capacity, len;
    const void *value;
    mailslot_scratch scratch;
    msi_message message; /* owns the strings that origin points to */
    mailslot_origin origin;
};

/** Forgets the message, keeps the memory. */
void msi_record_clear(mailslot_record *record);

/** Makes room for a message of len bytes; what the record held is lost. NO_MEMORY. */
mailslot_err msi_record_make_room(mailslot_record *record, size_t len);

/** Completes a record whose data and message a transport has filled. */
void msi_record_fill(mailslot_record *record);

/** Decodes what the record holds; budget as in mailslot_options. BAD_MESSAGE, TOO_COMPLEX,
 *  NO_MEMORY, whatever the codec returned; the detail is silenced, so that a caller may go on to
 *  the next message, and is set by msi_fail_publish(). */
mailslot_err msi_record_decode(mailslot_record *record, const mailslot_codec *codec, size_t budget);

/** After msi_record_decode() failed with err: publishes the detail, with the sender in front of it
 *  where that is known. */
mailslot_err msi_record_fail_naming_sender(const mailslot_record *record, mailslot_err err);

#endif
