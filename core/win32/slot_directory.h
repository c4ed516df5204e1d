/*
 * The slots of this session whose readers use this library. Each reader publishes an entry in named
 * shared memory with what Windows does not tell about a mailslot: writers learn the maximum from
 * it, mailslot_stat() and mailslot_list() the rest. The entry is named after the slot and exists as
 * long as its reader has it open.
 *
 * An entry was written by another process, so every field is checked.
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
    uint64_t started;      /* since pids are reused */
    uint64_t slot;         /* its mailslot handle */
    uint64_t max_message;  /* as given; 0: none set */
    atomic_int timeout_ms; /* of the slot */
    _Atomic uint64_t bad_messages;
    _Atomic uint64_t head; /* size of the message that the reader has read ahead, or MSI_NO_HEAD */
    char name[MSI_PATH_MAX + 1]; /* as given */
} msi_slot_entry;

typedef struct {
    HANDLE section;
    msi_slot_entry *entry;
} msi_slot_directory;

/** Publishes the entry of a slot that this process has just created. NO_MEMORY, DENIED, OS. */
mailslot_err msi_slot_directory_add(msi_slot_directory *directory, const msi_name *name,
                                    const mailslot_options *options, HANDLE slot);

/** Removes it; directory->entry may be NULL. */
void msi_slot_directory_remove(msi_slot_directory *directory);

/** Stores the reader's maximum in bytes, 0 for none; false if there is no entry. */
bool msi_slot_directory_maximum(const msi_name *name, size_t *max_message);

/** As mailslot_stat(). NOT_FOUND (there is no entry), UNSUPPORTED (of another build). */
mailslot_err msi_slot_directory_look(const msi_name *name, mailslot_info *info);

/** As mailslot_list(), for all entries of this session. */
mailslot_err msi_slot_directory_list(mailslot_err (*each)(void *ctx, const char *name,
                                                          const mailslot_info *info),
                                     void *ctx);

/** Fills in next_size and count from the mailslot handle and the entry's head. */
mailslot_err msi_count_messages(HANDLE slot, const msi_slot_entry *entry, mailslot_info *info);

#endif
