/* Named shared memory that publishes readers; see slot_directory.h. */
#include "slot_directory.h"
#include "session.h"
#include "transport.h"
#include "unwind.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define PREFIX L"libmailslot-"

enum {
    VERSION = 1,
    PREFIX_LENGTH = sizeof PREFIX / sizeof(wchar_t) - 1,
    SECTION_NAME = PREFIX_LENGTH + 8 + MSI_PATH_MAX, /* `Local\`, and a NUL */
};

/* ---- Messages that wait ---- */

/* Under Wine the count is 1 at most, and only the next size tells whether there is a message.
 * Counts again while the reader moves messages from the queue to the head, so that none is counted
 * twice or not at all. */
mailslot_err msi_count_messages(HANDLE slot, const msi_slot_entry *entry, mailslot_info *info) {
    uint64_t head = atomic_load(&entry->head), before;
    DWORD next, count;
    do {
        before = head;
        if (!GetMailslotInfo(slot, NULL, &next, &count, NULL))
            return msi_fail_windows(MSI_LOOKING, GetLastError());
        head = atomic_load(
            &entry->head); /* again: a message may have moved from the queue to the head */
    } while (head != before);
    size_t queued = next == MAILSLOT_NO_MESSAGE ? 0 : count ? count : 1;
    info->count = queued + (head != MSI_NO_HEAD);
    info->next_size = head != MSI_NO_HEAD ? (size_t)head : queued ? next : MAILSLOT_NEXT_NONE;
    return MAILSLOT_OK;
}

/* ---- Names ---- */

/* Lower case by the system's rules for all letters, as it compares the names of mailslots. A
 * backslash is not allowed in the name of an object (behind `Local\`); '/' is in no slot's name. */
static bool directory_section_name(wchar_t section[SECTION_NAME], const msi_name *name) {
    wchar_t path[MSI_PATH_MAX + 1], lower[MSI_PATH_MAX + 1];
    if (!msi_utf16_from_utf8(path, MSI_PATH_MAX + 1, name->path) ||
        !LCMapStringEx(LOCALE_NAME_INVARIANT, LCMAP_LOWERCASE, path, -1, lower, MSI_PATH_MAX + 1,
                       NULL, NULL, 0))
        return false;
    for (wchar_t *p = lower; *p; p++)
        if (*p == L'\\')
            *p = L'/';
    swprintf(section, SECTION_NAME, L"Local\\" PREFIX L"%ls", lower);
    return true;
}

/* A process id is used again; together with the start time it identifies a process. */
static uint64_t directory_process_start(HANDLE process) {
    FILETIME created, ignored;
    if (!GetProcessTimes(process, &created, &ignored, &ignored, &ignored))
        return 0;
    return (uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime;
}

/* ---- The reader's entry ---- */

static mailslot_err directory_fail_make(void) {
    DWORD code = GetLastError();
    return mailslot_fail(code == ERROR_ACCESS_DENIED       ? MAILSLOT_ERR_DENIED
                         : code == ERROR_NOT_ENOUGH_MEMORY ? MAILSLOT_ERR_NO_MEMORY
                                                           : MAILSLOT_ERR_OS,
                         "cannot tell others of the mailslot: no shared memory; Windows error %lu",
                         code);
}

/* Clear the version first: another process may still map the entry of an earlier reader. */
static void directory_fill_in(msi_slot_entry *entry, const msi_name *name,
                              const mailslot_options *options, HANDLE slot) {
    memset(entry, 0, sizeof *entry);
    entry->size = sizeof *entry;
    entry->pid = GetCurrentProcessId();
    entry->started = directory_process_start(GetCurrentProcess());
    entry->slot = (uint64_t)(uintptr_t)slot;
    entry->max_message = options->max_message;
    atomic_store(&entry->timeout_ms, options->timeout_ms);
    atomic_store(&entry->head, MSI_NO_HEAD);
    memcpy(entry->name, name->path, sizeof entry->name);
    atomic_store(&entry->version, VERSION);
}

mailslot_err msi_slot_directory_add(msi_slot_directory *directory, const msi_name *name,
                                    const mailslot_options *options, HANDLE slot) {
    wchar_t section[SECTION_NAME];
    *directory = (msi_slot_directory){0};
    if (!directory_section_name(section, name))
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                             "bad mailslot name: cannot be converted to lower case");
    directory->section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                            sizeof(msi_slot_entry), section);
    if (!directory->section)
        return directory_fail_make();
    directory->entry =
        MapViewOfFile(directory->section, FILE_MAP_WRITE, 0, 0, sizeof(msi_slot_entry));
    if (!directory->entry) {
        mailslot_err err = directory_fail_make();
        CloseHandle(directory->section);
        return err;
    }
    directory_fill_in(directory->entry, name, options, slot);
    return MAILSLOT_OK;
}

/* Other processes may still map the section: version 0 tells them that the reader is gone. */
void msi_slot_directory_remove(msi_slot_directory *directory) {
    if (!directory->entry)
        return;
    atomic_store(&directory->entry->version, 0);
    UnmapViewOfFile(directory->entry);
    CloseHandle(directory->section);
    directory->entry = NULL;
}

/* ---- Other processes' entries ---- */

static const msi_slot_entry *directory_map(const wchar_t *section) {
    HANDLE mapping = OpenFileMappingW(FILE_MAP_READ, FALSE, section);
    const msi_slot_entry *entry =
        mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, sizeof *entry) : NULL;
    if (mapping)
        CloseHandle(mapping);
    return entry;
}

/* Any process of the session can make an object of such a name: the size is checked as well. */
static bool directory_is_ours(const msi_slot_entry *entry) {
    return atomic_load(&entry->version) == VERSION && entry->size == sizeof *entry;
}

bool msi_slot_directory_maximum(const msi_name *name, size_t *max_message) {
    wchar_t section[SECTION_NAME];
    const msi_slot_entry *entry =
        directory_section_name(section, name) ? directory_map(section) : NULL;
    bool known = entry && directory_is_ours(entry);
    if (known)
        *max_message = (size_t)entry->max_message;
    if (entry)
        UnmapViewOfFile(entry);
    return known;
}

static mailslot_err directory_fail_not_found(void) {
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no such mailslot");
}

/* Duplicates the reader's handle, since only the reader's end can be queried. NOT_FOUND if the
 * process is not the one that made the entry. */
static mailslot_err directory_borrow_slot(const msi_slot_entry *entry, HANDLE *slot) {
    HANDLE reader =
        OpenProcess(PROCESS_DUP_HANDLE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, entry->pid);
    if (!reader && GetLastError() == ERROR_ACCESS_DENIED)
        return msi_fail_windows(MSI_LOOKING, ERROR_ACCESS_DENIED);
    bool alive = reader && directory_process_start(reader) == entry->started;
    bool borrowed =
        alive && DuplicateHandle(reader, (HANDLE)(uintptr_t)entry->slot, GetCurrentProcess(), slot,
                                 0, FALSE, DUPLICATE_SAME_ACCESS);
    if (reader)
        CloseHandle(reader);
    return borrowed ? MAILSLOT_OK : directory_fail_not_found();
}

/* Check the entry again at the end: the reader may have closed the slot, and its handle may
 * belong to another file since. */
static mailslot_err directory_inspect_entry(const msi_slot_entry *entry, mailslot_info *info) {
    *info = (mailslot_info)MAILSLOT_INFO_INIT;
    info->max_message = (size_t)entry->max_message;
    info->timeout_ms = atomic_load(&entry->timeout_ms);
    info->reader_pid = entry->pid;
    info->bad_messages = atomic_load(&entry->bad_messages);
    HANDLE slot;
    mailslot_err err = directory_borrow_slot(entry, &slot);
    if (err)
        return err;
    err = msi_count_messages(slot, entry, info);
    CloseHandle(slot);
    return !err && directory_is_ours(entry) ? MAILSLOT_OK : directory_fail_not_found();
}

mailslot_err msi_slot_directory_look(const msi_name *name, mailslot_info *info) {
    wchar_t section[SECTION_NAME];
    const msi_slot_entry *entry =
        directory_section_name(section, name) ? directory_map(section) : NULL;
    if (!entry)
        return directory_fail_not_found();
    mailslot_err err = directory_is_ours(entry)
                           ? directory_inspect_entry(entry, info)
                           : mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                                           "its reader uses another build of libmailslot");
    UnmapViewOfFile(entry);
    return err;
}

/* Skip slots that vanish meanwhile, and objects that merely have such a name. Copy the name
 * before it is checked: its process can change it at any time. */
static mailslot_err directory_list_one(const wchar_t *object,
                                       mailslot_err (*each)(void *ctx, const char *name,
                                                            const mailslot_info *info),
                                       void *ctx) {
    wchar_t section[SECTION_NAME];
    if (swprintf(section, SECTION_NAME, L"Local\\%ls", object) < 0)
        return MAILSLOT_OK;
    const msi_slot_entry *entry = directory_map(section);
    if (!entry)
        return MAILSLOT_OK;
    mailslot_info info;
    char name[sizeof entry->name];
    memcpy(name, entry->name, sizeof name);
    bool told = memchr(name, 0, sizeof name) && directory_is_ours(entry) &&
                !directory_inspect_entry(entry, &info);
    UnmapViewOfFile(entry);
    return told ? each(ctx, name, &info) : MAILSLOT_OK;
}

static void directory_free_objects(wchar_t **objects) {
    free(*objects);
    *objects = NULL;
}

mailslot_err msi_slot_directory_list(mailslot_err (*each)(void *ctx, const char *name,
                                                          const mailslot_info *info),
                                     void *ctx) {
    MSI_ON_UNWIND(directory_free_objects) wchar_t *objects = NULL;
    mailslot_err err = msi_session_objects(PREFIX, &objects);
    for (const wchar_t *object = objects; !err && *object; object += wcslen(object) + 1)
        err = directory_list_one(object, each, ctx);
    directory_free_objects(&objects);
    return err;
}
