/*
 * The reader's end. The system has no way to wait for a message but to read it, so a thread that
 * waits reads into a buffer of the library's own, one thread at a time, and what came is the head
 * of the queue until somebody takes it. Who takes reads for himself where nobody waits.
 *
 * A read that waits is an overlapped one on Windows. Wine waits inside ReadFile() all the same, as
 * long as the mailslot's timeout says; hence a timeout of a slice, and slices.
 */
#ifndef MSI_WIN32_READER_H
#define MSI_WIN32_READER_H

#include "slot_directory.h"
#include "transport.h"

typedef struct {
    HANDLE slot;
    msi_slot_entry *entry; /* tells others of the head */
    HANDLE ready;          /* reset by hand: there is a head */
    HANDLE interrupted;    /* reset by hand: for ever */
    HANDLE read_ended;     /* of the read's OVERLAPPED */
    OVERLAPPED read;
    SRWLOCK lock;               /* over all that follows */
    CONDITION_VARIABLE changed; /* of head, reading, closing */
    unsigned char *buf;         /* room bytes; belongs to the read while there is one */
    size_t room, limit, head;   /* bytes: of buf, of the largest message, of the head if any */
    bool reading, pending;      /* a thread waits in a read; the system has said so */
    bool closing;
    DWORD native_timeout;
} msi_win32_reader;

/** Begins to read a mailslot this process has made. Messages of more than limit bytes are dropped;
 *  SIZE_MAX for no limit. OS. */
mailslot_err msi_win32_reader_open(msi_win32_reader *reader, HANDLE slot, msi_slot_entry *entry,
                                   size_t limit);

/** Frees all but slot and notice; nobody may be waiting. */
void msi_win32_reader_close(msi_win32_reader *reader);

/** As a transport's take, wait and interrupt. */
mailslot_err msi_win32_reader_take(msi_win32_reader *reader, void *buf, size_t cap,
                                   msi_message *message);
void msi_win32_reader_wait(msi_win32_reader *reader, uint64_t deadline);
void msi_win32_reader_interrupt(msi_win32_reader *reader);

/** Fills in next_size and count. OS. */
mailslot_err msi_win32_reader_count(msi_win32_reader *reader, mailslot_info *info);

/** Waits until there is no head; false if interrupted. */
bool msi_win32_reader_wait_taken(msi_win32_reader *reader);

#endif
