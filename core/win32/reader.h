/*
 * A reader's end. The only way to wait for a message is to read it. So a thread that waits reads
 * into a buffer of the library's own, one thread at a time; the message in it is the head of the
 * queue until a get takes it. If no thread waits, a get reads itself.
 *
 * On Windows a read that waits is overlapped. Wine blocks inside ReadFile() all the same, for as
 * long as the mailslot's timeout, so the timeout is a short slice and the read is repeated.
 */
#ifndef MSI_WIN32_READER_H
#define MSI_WIN32_READER_H

#include "slot_directory.h"
#include "transport.h"

typedef struct {
    HANDLE slot;
    msi_slot_entry *entry; /* publishes the head */
    HANDLE ready;          /* manual reset: there is a head */
    HANDLE interrupted;    /* manual reset, never reset */
    HANDLE read_ended;     /* the event in read */
    OVERLAPPED read;
    SRWLOCK lock;               /* guards all that follows */
    CONDITION_VARIABLE changed; /* when head, reading or closing changes */
    unsigned char *buf;         /* room bytes; owned by the read while there is one */
    size_t room, limit, head;   /* bytes: of buf, of the largest message, of the head if any */
    bool reading, pending;      /* a thread waits in a read; the read is overlapped */
    bool closing;
    DWORD native_timeout;
} msi_win32_reader;

/** Prepares to read a mailslot that this process created. Messages of more than limit bytes are
 *  dropped; SIZE_MAX: none. OS. */
mailslot_err msi_win32_reader_open(msi_win32_reader *reader, HANDLE slot, msi_slot_entry *entry,
                                   size_t limit);

/** Frees all but slot and entry; no thread may be waiting. */
void msi_win32_reader_close(msi_win32_reader *reader);

/** As a transport's take, wait and interrupt. */
mailslot_err msi_win32_reader_take(msi_win32_reader *reader, void *buf, size_t cap,
                                   msi_message *message);
void msi_win32_reader_wait(msi_win32_reader *reader, uint64_t deadline);
void msi_win32_reader_interrupt(msi_win32_reader *reader);

/** Fills in next_size and count. OS. */
mailslot_err msi_win32_reader_count(msi_win32_reader *reader, mailslot_info *info);

/** Waits until the head has been taken; false if interrupted. */
bool msi_win32_reader_wait_taken(msi_win32_reader *reader);

#endif
