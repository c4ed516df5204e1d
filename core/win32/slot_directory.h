/*
 * A reader's notice board: named shared memory that tells what Windows does not tell of a mailslot
 * from outside. Writers learn the maximum from it, mailslot_stat() and mailslot_list() the rest.
 * It is named after the slot and lives as long as its reader holds it; slots of programs that do
 * not use this library have none.
 *
 * Everything read from a board is another process's word and is checked.
 */
#ifndef MSI_SLOT_DIRECTORY_H
#define MSI_SLOT_DIRECTORY_H

#include "win32.h"

#include <stdatomic.h>

#define MSI_NO_HEAD UINT64_MAX

typedef struct {
    atomic_uint version;   /* set last */
    uint32_t size;         /* sizeof(msi_slot_entry): differs between 32- and 64-bit processes */
    uint32_t pid;          /* of the reader */
    uint64_t started;      /* when that process began, since pids come back */
    uint64_t slot;         /* its handle of the mailslot */
    uint64_t max_message;  /* as given; 0: none set */
    atomic_int timeout_ms; /* of the slot */
    _Atomic uint64_t bad_messages;
    _Atomic uint64_t head; /* bytes of the message that the library holds back, or MSI_NO_HEAD */
    char name[MSI_PATH_MAX + 1]; /* as given */
} msi_slot_entry;

typedef struct {
    HANDLE section;
    msi_slot_entry *entry;
} msi_slot_directory;

/** Puts up the board of a slot that this process has just made. NO_MEMORY, DENIED, OS. */
mailslot_err msi_slot_directory_add(msi_slot_directory *directory, const msi_name *name,
                                    const mailslot_options *options, HANDLE slot);

/** Takes it down; board->notice may be NULL. */
void msi_slot_directory_remove(msi_slot_directory *directory);

/** The reader's maximum in bytes, 0 for none, and whether there is a board at all. */
bool msi_slot_directory_maximum(const msi_name *name, size_t *max_message);

/** As mailslot_stat(). NOT_FOUND (there is no such board), UNSUPPORTED (of another version). */
mailslot_err msi_slot_directory_look(const msi_name *name, mailslot_info *info);

/** As mailslot_list(), over all boards of this session. */
mailslot_err msi_slot_directory_list(mailslot_err (*each)(void *ctx, const char *name,
                                                          const mailslot_info *info),
                                     void *ctx);

/** Fills in next_size and count from the mailslot's handle and the head. */
mailslot_err msi_count_messages(HANDLE slot, const msi_slot_entry *entry, mailslot_info *info);

#endif
