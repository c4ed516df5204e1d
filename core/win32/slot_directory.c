#include "slot_directory.h"
#include "session.h"
#include "transport.h"

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

/* Under Wine only the next size tells whether there is a message; its count stops at one. */
mailslot_err msi_count_messages(HANDLE slot, const msi_slot_entry *notice, mailslot_info *info) {
    uint64_t head = atomic_load(&notice->head), before;
    DWORD next, count;
    do {
        before = head;
        if (!GetMailslotInfo(slot, NULL, &next, &count, NULL))
            return msi_fail_windows(MSI_LOOKING, GetLastError());
        head = atomic_load(&notice->head); /* else a message went from the queue to it unseen */
    } while (head != before);
    size_t queued = next == MAILSLOT_NO_MESSAGE ? 0 : count ? count : 1;
    info->count = queued + (head != MSI_NO_HEAD);
    info->next_size = head != MSI_NO_HEAD ? (size_t)head : queued ? next : MAILSLOT_NEXT_NONE;
    return MAILSLOT_OK;
}

/* ---- Names ---- */

/* As the system compares names of mailslots: without case, whatever the letters. */
static bool section_name(wchar_t section[SECTION_NAME], const msi_name *name) {
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

static uint64_t start_of(HANDLE process) {
    FILETIME created, ignored;
    if (!GetProcessTimes(process, &created, &ignored, &ignored, &ignored))
        return 0;
    return (uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime;
}

/* ---- The reader's side ---- */

static mailslot_err no_board(void) {
    DWORD code = GetLastError();
    return mailslot_fail(code == ERROR_ACCESS_DENIED       ? MAILSLOT_ERR_DENIED
                         : code == ERROR_NOT_ENOUGH_MEMORY ? MAILSLOT_ERR_NO_MEMORY
                                                           : MAILSLOT_ERR_OS,
                         "cannot tell others of the mailslot: no shared memory; Windows error %lu",
                         code);
}

/* What a predecessor's board says counts no more, should somebody still hold it. */
static void fill_in(msi_slot_entry *notice, const msi_name *name, const mailslot_options *options,
                    HANDLE slot) {
    memset(notice, 0, sizeof *notice);
    notice->size = sizeof *notice;
    notice->pid = GetCurrentProcessId();
    notice->started = start_of(GetCurrentProcess());
    notice->slot = (uint64_t)(uintptr_t)slot;
    notice->max_message = options->max_message;
    atomic_store(&notice->timeout_ms, options->timeout_ms);
    atomic_store(&notice->head, MSI_NO_HEAD);
    memcpy(notice->name, name->path, sizeof notice->name);
    atomic_store(&notice->version, VERSION);
}

mailslot_err msi_slot_directory_add(msi_slot_directory *board, const msi_name *name,
                                    const mailslot_options *options, HANDLE slot) {
    wchar_t section[SECTION_NAME];
    *board = (msi_slot_directory){0};
    if (!section_name(section, name))
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME, "bad mailslot name: no lower case for it");
    board->section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                        sizeof(msi_slot_entry), section);
    if (!board->section)
        return no_board();
    board->notice = MapViewOfFile(board->section, FILE_MAP_WRITE, 0, 0, sizeof(msi_slot_entry));
    if (!board->notice) {
        mailslot_err err = no_board();
        CloseHandle(board->section);
        return err;
    }
    fill_in(board->notice, name, options, slot);
    return MAILSLOT_OK;
}

void msi_slot_directory_remove(msi_slot_directory *board) {
    if (!board->notice)
        return;
    atomic_store(&board->notice->version, 0);
    UnmapViewOfFile(board->notice);
    CloseHandle(board->section);
    board->notice = NULL;
}

/* ---- Everybody else's side ---- */

static const msi_slot_entry *view_of(const wchar_t *section) {
    HANDLE mapping = OpenFileMappingW(FILE_MAP_READ, FALSE, section);
    const msi_slot_entry *notice =
        mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, sizeof *notice) : NULL;
    if (mapping)
        CloseHandle(mapping);
    return notice;
}

static bool is_ours(const msi_slot_entry *notice) {
    return atomic_load(&notice->version) == VERSION && notice->size == sizeof *notice;
}

bool msi_slot_directory_maximum(const msi_name *name, size_t *max_message) {
    wchar_t section[SECTION_NAME];
    const msi_slot_entry *notice = section_name(section, name) ? view_of(section) : NULL;
    bool known = notice && is_ours(notice);
    if (known)
        *max_message = (size_t)notice->max_message;
    if (notice)
        UnmapViewOfFile(notice);
    return known;
}

static mailslot_err not_found(void) {
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no such mailslot");
}

/* The reader's handle of the mailslot, in this process: only that one can be asked. */
static mailslot_err borrow_slot(const msi_slot_entry *notice, HANDLE *slot) {
    HANDLE reader =
        OpenProcess(PROCESS_DUP_HANDLE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, notice->pid);
    if (!reader && GetLastError() == ERROR_ACCESS_DENIED)
        return msi_fail_windows(MSI_LOOKING, ERROR_ACCESS_DENIED);
    bool alive = reader && start_of(reader) == notice->started;
    bool borrowed =
        alive && DuplicateHandle(reader, (HANDLE)(uintptr_t)notice->slot, GetCurrentProcess(), slot,
                                 0, FALSE, DUPLICATE_SAME_ACCESS);
    if (reader)
        CloseHandle(reader);
    return borrowed ? MAILSLOT_OK : not_found();
}

static mailslot_err look_at(const msi_slot_entry *notice, mailslot_info *info) {
    *info = (mailslot_info)MAILSLOT_INFO_INIT;
    info->max_message = (size_t)notice->max_message;
    info->timeout_ms = atomic_load(&notice->timeout_ms);
    info->reader_pid = notice->pid;
    info->bad_messages = atomic_load(&notice->bad_messages);
    HANDLE slot;
    mailslot_err err = borrow_slot(notice, &slot);
    if (err)
        return err;
    err = msi_count_messages(slot, notice, info);
    CloseHandle(slot);
    return !err && is_ours(notice) ? MAILSLOT_OK : not_found();
}

mailslot_err msi_slot_directory_look(const msi_name *name, mailslot_info *info) {
    wchar_t section[SECTION_NAME];
    const msi_slot_entry *notice = section_name(section, name) ? view_of(section) : NULL;
    if (!notice)
        return not_found();
    mailslot_err err = is_ours(notice)
                           ? look_at(notice, info)
                           : mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                                           "its reader uses another build of libmailslot");
    UnmapViewOfFile(notice);
    return err;
}

/* Slots that vanish meanwhile, and whatever else is called like a board, are left out. */
static mailslot_err
list_one(const wchar_t *object,
         mailslot_err (*each)(void *ctx, const char *name, const mailslot_info *info), void *ctx) {
    wchar_t section[SECTION_NAME];
    if (swprintf(section, SECTION_NAME, L"Local\\%ls", object) < 0)
        return MAILSLOT_OK;
    const msi_slot_entry *notice = view_of(section);
    if (!notice)
        return MAILSLOT_OK;
    mailslot_info info;
    char name[sizeof notice->name];
    memcpy(name, notice->name, sizeof name);
    bool told = memchr(name, 0, sizeof name) && is_ours(notice) && !look_at(notice, &info);
    UnmapViewOfFile(notice);
    return told ? each(ctx, name, &info) : MAILSLOT_OK;
}

mailslot_err msi_slot_directory_list(mailslot_err (*each)(void *ctx, const char *name,
                                                          const mailslot_info *info),
                                     void *ctx) {
    wchar_t *objects;
    mailslot_err err = msi_session_objects(PREFIX, &objects);
    for (const wchar_t *object = objects; !err && *object; object += wcslen(object) + 1)
        err = list_one(object, each, ctx);
    free(objects);
    return err;
}
