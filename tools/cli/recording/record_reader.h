/* A sequential reader of record files that copes with damage and torn ends. */
#ifndef CLI_RECORD_READER_H
#define CLI_RECORD_READER_H

#include "record_file.h"

#include <stdbool.h>

enum record_result {
    RECORD_READ,      /* *entry is the next one: a header or a message */
    RECORD_END,       /* there are no more */
    RECORD_TORN,      /* the file ended within an entry, whose bytes are dropped; END is next */
    RECORD_SKIPPED,   /* damaged bytes were passed over; reader->reason says why */
    RECORD_OTHER,     /* not a record file; END is next */
    RECORD_FAILED,    /* reading failed, as reader->error says; END is next */
    RECORD_NO_MEMORY, /* END is next */
};

/** A part of a file. */
struct record_span {
    uint64_t offset, size;
};

/** Start from {.fd = ...}; end with record_reader_free(), which does not close it. */
struct record_reader {
    int fd;
    /** Called before each read, which may block. May be NULL. */
    void (*before_read)(void *ctx);
    void *ctx;
    struct buffer buffer;
    size_t start;    /* where in the buffer the next entry begins */
    uint64_t offset; /* and where in the file */
    bool ended;      /* nothing follows the buffer */
    bool begun;      /* the format was there */
    size_t slots;    /* of the header that counts, or RECORD_SLOTS_UNKNOWN */
    uint64_t read;   /* bytes of the file */
    uint64_t work;   /* bytes checked in search of entries behind damage */
    int error;       /* the errno that ended it */
    mailslot_record *memory;
    char reason[160]; /* what was wrong with what was skipped */
    bool held;        /* the next result is known already, and is this: */
    enum record_result held_result;
    const record_entry *held_entry;
    struct record_span held_span;
};

/** Reads the next entry, which is valid until the next call. span is the part of the file that the
 * result is about. Memory is bounded by a small multiple of RECORD_ENTRY_MAX. */
enum record_result record_reader_next(struct record_reader *reader, const record_entry **entry,
                                      struct record_span *span);

void record_reader_free(struct record_reader *reader);

#endif
