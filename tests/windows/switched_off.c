#include "switched_off.h"

#include <stdbool.h>
#include <windows.h>

/* The library calls the system by these pointers, which the loader sets and this file changes. */
extern HANDLE(WINAPI *__imp_CreateFileW)(LPCWSTR name, DWORD access, DWORD share,
                                         SECURITY_ATTRIBUTES *security, DWORD disposition,
                                         DWORD flags, HANDLE template);
extern BOOL(WINAPI *__imp_WriteFile)(HANDLE file, LPCVOID bytes, DWORD len, DWORD *written,
                                     OVERLAPPED *overlapped);

static refusal refused;
static __typeof__(__imp_CreateFileW) create_file;
static __typeof__(__imp_WriteFile) write_file;

static bool is_remote(LPCWSTR name) {
    return name[0] == L'\\' && name[1] == L'\\' && name[2] != L'.' && name[2] != L'?';
}

static HANDLE refuse(void) {
    SetLastError(3025);
    return INVALID_HANDLE_VALUE;
}

/* What can be opened in place of a remote mailslot is only there to be refused. */
static HANDLE WINAPI open_or_refuse(LPCWSTR name, DWORD access, DWORD share,
                                    SECURITY_ATTRIBUTES *security, DWORD disposition, DWORD flags,
                                    HANDLE template) {
    if (refused == REFUSED_WHEN_OPENED && is_remote(name))
        return refuse();
    if (refused == REFUSED_WHEN_WRITTEN && is_remote(name))
        name = L"NUL";
    return create_file(name, access, share, security, disposition, flags, template);
}

static BOOL WINAPI write_or_refuse(HANDLE file, LPCVOID bytes, DWORD len, DWORD *written,
                                   OVERLAPPED *overlapped) {
    if (refused != REFUSED_WHEN_WRITTEN)
        return write_file(file, bytes, len, written, overlapped);
    refuse();
    return FALSE;
}

static void make_writable(void *place) {
    DWORD before;
    VirtualProtect(place, sizeof(void *), PAGE_READWRITE, &before);
}

void switch_off(refusal when) {
    refused = when;
    if (create_file)
        return;
    create_file = __imp_CreateFileW;
    write_file = __imp_WriteFile;
    make_writable((void *)&__imp_CreateFileW);
    make_writable((void *)&__imp_WriteFile);
    __imp_CreateFileW = open_or_refuse;
    __imp_WriteFile = write_or_refuse;
}
