/* Lists named objects through the object manager; the Win32 API has no function for it. */
#include "session.h"

#include <stdlib.h>
#include <wchar.h>
#include <winternl.h>

/* NtOpenDirectoryObject and NtQueryDirectoryObject are documented, but only for lookup in
 * ntdll.dll at run time. */
typedef struct {
    UNICODE_STRING name, type;
} directory_entry;

typedef NTSTATUS(NTAPI *open_directory)(HANDLE *directory, ACCESS_MASK access,
                                        OBJECT_ATTRIBUTES *attributes);
typedef NTSTATUS(NTAPI *query_directory)(HANDLE directory, void *buffer, ULONG size, BOOLEAN single,
                                         BOOLEAN restart, ULONG *context, ULONG *used);

/* From ntstatus.h, which cannot be included together with windows.h. */
#define NOT_IMPLEMENTED ((NTSTATUS)0xc0000002)

enum { DIRECTORY_QUERY_ACCESS = 1, BUFFER_SIZE = 64 * 1024 };

typedef struct {
    const wchar_t *prefix;
    wchar_t *names; /* length in units, without the empty name at the end */
    size_t used;
} collection;

/* ntdll.dll is in every process, and these functions are in every version of it. */
static void (*session_ntdll_function(const char *name))(void) {
    return (void (*)(void))GetProcAddress(GetModuleHandleW(L"ntdll.dll"), name);
}

static mailslot_err session_fail_memory(void) {
    return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to list mailslots");
}

static mailslot_err session_fail(NTSTATUS status) {
    return mailslot_fail(MAILSLOT_ERR_OS, "cannot list mailslots: Windows status %#lx",
                         (unsigned long)status);
}

static NTSTATUS session_open_by_path(wchar_t *path, HANDLE *directory) {
    USHORT len = (USHORT)(wcslen(path) * sizeof *path);
    UNICODE_STRING name = {len, len, path};
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    open_directory open = (open_directory)session_ntdll_function("NtOpenDirectoryObject");
    return open(directory, DIRECTORY_QUERY_ACCESS, &attributes);
}

/* Session 0 uses the directory that existed before there were sessions. */
static mailslot_err session_open(HANDLE *directory) {
    DWORD session;
    if (!ProcessIdToSessionId(GetCurrentProcessId(), &session))
        return msi_fail_windows(MSI_LOOKING, GetLastError());
    wchar_t path[64];
    swprintf(path, 64, L"\\Sessions\\%lu\\BaseNamedObjects", session);
    NTSTATUS status = session_open_by_path(path, directory);
    if (status < 0 && session == 0) {
        wchar_t first[] = L"\\BaseNamedObjects";
        status = session_open_by_path(first, directory);
    }
    return status < 0 ? session_fail(status) : MAILSLOT_OK;
}

/* Names lie one after the other, each with its NUL; room for the empty one at the end is kept. */
static mailslot_err session_collect_one(collection *to, const UNICODE_STRING *name) {
    size_t units = name->Length / sizeof(wchar_t), prefix = wcslen(to->prefix);
    if (units < prefix || wcsncmp(name->Buffer, to->prefix, prefix) != 0)
        return MAILSLOT_OK;
    wchar_t *names = realloc(to->names, (to->used + units + 2) * sizeof *names);
    if (!names)
        return session_fail_memory();
    wmemcpy(names + to->used, name->Buffer, units);
    to->names = names;
    to->used += units + 1;
    names[to->used - 1] = names[to->used] = L'\0';
    return MAILSLOT_OK;
}

/* Each call goes on where `context` says, and fills the buffer with entries and an empty one.
 * Ends with the status "no more entries", which is negative. */
static mailslot_err session_collect(HANDLE directory, void *buffer, collection *to) {
    query_directory query = (query_directory)session_ntdll_function("NtQueryDirectoryObject");
    ULONG context = 0, used;
    mailslot_err err = MAILSLOT_OK;
    BOOLEAN one_by_one = query(directory, buffer, BUFFER_SIZE, FALSE, TRUE, &context, &used) ==
                         NOT_IMPLEMENTED; /* by Wine */
    for (BOOLEAN first = TRUE; !err; first = FALSE) {
        NTSTATUS status = query(directory, buffer, BUFFER_SIZE, one_by_one, first, &context, &used);
        if (status < 0) /* no more of them is a warning, and ends it like any failure */
            return first && (ULONG)status >= 0xc0000000u ? session_fail(status) : MAILSLOT_OK;
        for (directory_entry *entry = buffer; !err && entry->name.Buffer; entry++)
            err = session_collect_one(to, &entry->name);
    }
    return err;
}

mailslot_err msi_session_objects(const wchar_t *prefix, wchar_t **names) {
    *names = NULL;
    HANDLE directory;
    mailslot_err err = session_open(&directory);
    if (err)
        return err;
    void *buffer = malloc(BUFFER_SIZE);
    collection to = {prefix, calloc(1, sizeof(wchar_t)), 0};
    err = buffer && to.names ? session_collect(directory, buffer, &to) : session_fail_memory();
    CloseHandle(directory);
    free(buffer);
    if (err)
        free(to.names);
    else
        *names = to.names;
    return err;
}
