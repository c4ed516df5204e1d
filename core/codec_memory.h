/* The memory the framework lends to codecs: sinks to encode into, scratch to decode with. */
#ifndef MSI_CODEC_MEMORY_H
#define MSI_CODEC_MEMORY_H

#include <mailslot/codec.h>

/** A growing buffer that holds at most limit bytes and counts what it would need beyond. It holds
 *  the whole message unless it has dropped something. */
struct mailslot_sink {
    unsigned char *data;
    size_t capacity; /* of data; grows, at most to limit */
    size_t limit;
    size_t len;     /* bytes written so far, kept or not */
    size_t dropped; /* how many of them, up to the last one, were only counted */
};

/** Frees a sink's buffer. */
void msi_sink_free(mailslot_sink *sink);

/** Arena of one record: blocks of malloc, merged into one block when reset, so that messages like
 *  those before need no further allocation. */
struct mailslot_scratch {
    struct msi_scratch_block *blocks; /* newest first */
    size_t budget;                    /* most bytes until the next reset */
    size_t spent;
    mailslot_err error;
};

/** Takes back everything allocated since the last reset and sets a new budget in bytes. */
void msi_scratch_reset(mailslot_scratch *scratch, size_t budget);

/** Frees all memory; the scratch may be used again. */
void msi_scratch_free(mailslot_scratch *scratch);

#endif
