/*
 * The file of a local slot: its place, creation, and the locks that show which ends are alive.
 *
 * A slot exists as long as its reader holds byte 0 of its file by an open-file-description lock;
 * each writer holds a byte of its own. The kernel drops such a lock when the last descriptor and
 * mapping of that one open() goes, so at the latest when the process dies, and for no other reason.
 *
 *     <dir>/mailslot-<euid>/<key>      <dir> is $MAILSLOT_DIR or /dev/shm
 *
 * The file of a reader that was killed is removed by whoever finds byte 0 free: when the slot is
 * looked at, listed or opened, and by each reader that opens, which looks at a few files.
 *
 * None of this is safe against the same user truncating the file, or against closefrom().
 */
#ifndef MSI_SLOTFILE_H
#define MSI_SLOTFILE_H

#include "queue.h"

#include <limits.h>

/** A slot's file, open and mapped. */
typedef struct {
    int directory, fd; /* directory: where the name is, for the reader; -1 otherwise */
    void *map;
    size_t map_size;
    msi_queue_layout layout;
    size_t capacity, max_message; /* bytes, as the reader gave them */
    bool local_only;              /* likewise */
    char path[MSI_PATH_MAX + 1];  /* the name as the reader gave it */
    char key[MSI_PATH_MAX + 1];
} msi_slotfile;

enum { MSI_READER_BYTE = 0, MSI_FIRST_WRITER_BYTE = 1, MSI_LAST_WRITER_BYTE = 65535 };

/** Makes the file, holds its byte 0 and gives it its name; the file of a dead reader is replaced.
 *  IN_USE, DENIED, DAMAGED (what has the name is not a slot), FULL, NO_MEMORY, UNSUPPORTED (the
 *  file system cannot hold slots), OS. */
mailslot_err msi_slotfile_create(msi_slotfile *file, const msi_name *name,
                                 const mailslot_options *options);

/** Opens the file of a live reader, to write to its queue or only to look. NOT_FOUND, DENIED
 *  (another user has that slot, or the file is not safely ours), DAMAGED, NO_MEMORY, OS. Removes
 *  the file of a dead reader. */
mailslot_err msi_slotfile_open(msi_slotfile *file, const char *key, bool to_write);

/** For the reader: opens its own slot's file once more, to write to it. As msi_slotfile_open(). */
mailslot_err msi_slotfile_open_again(msi_slotfile *file, const msi_slotfile *own);

/** For the reader: removes the name of its file, unless another file has that name by now. */
void msi_slotfile_unlink(const msi_slotfile *file);

/** For the reader: whether its name was taken away, so that no writer finds it any more. */
bool msi_slotfile_was_removed(const msi_slotfile *file);

/** Closes the descriptors, which lets go of every byte held. Async-signal-safe. */
void msi_slotfile_release(msi_slotfile *file);

/** Unmaps the file; its descriptors must be released. */
void msi_slotfile_unmap(msi_slotfile *file);

/** Holds the first free writer's byte. FULL (65,535 writers), OS. */
mailslot_err msi_slotfile_hold_writer_byte(const msi_slotfile *file, uint32_t *byte);

/** Whether another open() holds the byte; an error counts as held. */
bool msi_slotfile_is_held(const msi_slotfile *file, uint32_t byte);

/** Makes chunk number `chunk` of the ring safe to touch; false if there is no memory left. */
bool msi_slotfile_reserve(const msi_slotfile *file, uint32_t chunk);

/** The parts of the mapping. */
msi_queue_shared *msi_slotfile_queue(const msi_slotfile *file);
unsigned char *msi_slotfile_ring(const msi_slotfile *file);

/** State of the reader, for other processes. */
void msi_slotfile_set_timeout(const msi_slotfile *file, int timeout_ms);
int msi_slotfile_timeout(const msi_slotfile *file);
int64_t msi_slotfile_reader_pid(const msi_slotfile *file);

/** Whether mailslotd delivers to the reader the messages that it hears. */
void msi_slotfile_set_registered(const msi_slotfile *file, bool registered, mailslot_err refusal);
bool msi_slotfile_registered(const msi_slotfile *file);

/** Why mailslotd refused the reader; OK: it did not. */
mailslot_err msi_slotfile_refusal(const msi_slotfile *file);

/** Calls each with the key of everything in this user's slot directory that may be a slot; removes
 *  what is left of readers that died half-way. DENIED, OS, or what each returned. */
mailslot_err msi_slotfile_each(mailslot_err (*each)(void *ctx, const char *key), void *ctx);

/* ---- Between slotfile.c and slotdir.c ---- */

/** Opens this user's slot directory; makes it first if asked to. *fd is -1 with NOT_FOUND (there is
 *  none), DENIED (it is not safely ours), FULL, OS. */
mailslot_err msi_slotdir_open(int *fd, bool make);

/** The path of this user's slot directory. OS (MAILSLOT_DIR is too long). */
mailslot_err msi_slotdir_path(char path[PATH_MAX]);

/** Calls each for up to eight files of a slot directory, chosen at random; for all if there are no
 *  more. Of a very large directory only the first 4,096 entries can be chosen. */
void msi_slotdir_sample(int directory, void (*each)(int directory, const char *key));

/** Whether some other user has a file of that key; stores whose. Looks at no more than 256 users'
 *  directories among 4,096 entries, so that no user can make it slow. */
bool msi_slotdir_other_owner(const char *key, unsigned *uid);

#endif
