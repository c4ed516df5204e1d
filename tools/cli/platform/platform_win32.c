/* Streams, clocks and processes of Windows; all text outside is UTF-8. */
#include "platform.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <shellapi.h>
#include <tlhelp32.h>

const char platform_list_separator[] = ";";
const char platform_slots_help[] =
    "The mailslots are those of this computer; 'info' and 'list' know those of this session whose "
    "readers use libmailslot.";

/* ---- UTF-8 and UTF-16 ---- */

static wchar_t *wide_of_utf8(const char *text, int len, int *units) {
    *units = len ? MultiByteToWideChar(CP_UTF8, 0, text, len, NULL, 0) : 0;
    wchar_t *wide = memory_resize(NULL, ((size_t)*units + 1) * sizeof *wide);
    if (*units)
        MultiByteToWideChar(CP_UTF8, 0, text, len, wide, *units);
    wide[*units] = L'\0';
    return wide;
}

static char *utf8_of_wide(const wchar_t *wide) {
    int len = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = memory_resize(NULL, (size_t)len + 1);
    text[0] = '\0';
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, len, NULL, NULL);
    return text;
}

/* main() gets its arguments in the ANSI code page, so they are made from the UTF-16 command line.
 * Never freed: they are used until the end. */
void platform_begin(int *argc, char ***argv) {
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), argc);
    if (!wide)
        memory_exhausted();
    *argv = memory_resize(NULL, ((size_t)*argc + 1) * sizeof **argv);
    for (int i = 0; i < *argc; i++)
        (*argv)[i] = utf8_of_wide(wide[i]);
    (*argv)[*argc] = NULL;
    LocalFree(wide);
}

int platform_open(const char *path) {
    int units;
    wchar_t *wide = wide_of_utf8(path, (int)strlen(path), &units);
    int file = _wopen(wide, _O_RDONLY | _O_BINARY | _O_NOINHERIT);
    free(wide);
    return file;
}

void platform_close(int file) { _close(file); }

enum platform_kind platform_kind_of(const char *path) {
    int units;
    wchar_t *wide = wide_of_utf8(path, (int)strlen(path), &units);
    DWORD attributes = GetFileAttributesW(wide);
    free(wide);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return PLATFORM_NOTHING;
    return attributes & FILE_ATTRIBUTE_DIRECTORY ? PLATFORM_FOLDER : PLATFORM_FILE;
}

const char *platform_variable(const char *name) {
    int units;
    wchar_t *wide = wide_of_utf8(name, (int)strlen(name), &units);
    DWORD room = GetEnvironmentVariableW(wide, NULL, 0);
    wchar_t *value = memory_resize(NULL, (room + 1) * sizeof *value);
    bool known = room && GetEnvironmentVariableW(wide, value, room);
    const char *text = known ? utf8_of_wide(value) : NULL;
    free(value);
    free(wide);
    return text;
}

/* ---- Standard streams: UTF-8, and UTF-16 only towards a console ---- */

static HANDLE stream_handle(int file) {
    static const DWORD streams[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
    return GetStdHandle(streams[file]);
}

static bool is_console(HANDLE handle) {
    DWORD mode;
    return GetConsoleMode(handle, &mode);
}

static int errno_of(DWORD code) {
    switch (code) {
    case ERROR_BROKEN_PIPE:
    case ERROR_NO_DATA:
    case ERROR_PIPE_NOT_CONNECTED:
        return EPIPE;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return ENOSPC;
    case ERROR_INVALID_HANDLE:
        return EBADF;
    default:
        return EIO;
    }
}

static ptrdiff_t stream_failure(void) {
    errno = errno_of(GetLastError());
    return -1;
}

/* A UTF-16 unit is at most three bytes of UTF-8, so that what is read fits buf. A line that begins
 * with Ctrl-Z is the end of the input, by the convention of Windows consoles. */
static ptrdiff_t read_console(HANDLE console, void *buf, size_t len) {
    enum { MOST = 4096, CTRL_Z = 0x1a };
    wchar_t wide[MOST];
    DWORD units, room = len / 3 < MOST ? (DWORD)(len / 3) : MOST;
    if (!ReadConsoleW(console, wide, room, &units, NULL))
        return stream_failure();
    if (units == 0 || wide[0] == CTRL_Z)
        return 0;
    return WideCharToMultiByte(CP_UTF8, 0, wide, (int)units, buf, (int)len, NULL, NULL);
}

static ptrdiff_t read_input(void *buf, size_t len) {
    HANDLE input = stream_handle(PLATFORM_INPUT);
    DWORD got;
    if (is_console(input))
        return read_console(input, buf, len);
    if (ReadFile(input, buf, (DWORD)len, &got, NULL))
        return got;
    /* The writer closed its end: the end of the input, not a failure. */
    return GetLastError() == ERROR_BROKEN_PIPE ? 0 : stream_failure();
}

ptrdiff_t platform_read(int file, void *buf, size_t len) {
    if (file == PLATFORM_INPUT)
        return read_input(buf, len);
    return _read(file, buf, (unsigned)len);
}

static bool write_console(HANDLE console, const char *text, DWORD len) {
    int units;
    wchar_t *wide = wide_of_utf8(text, (int)len, &units);
    DWORD written = 1;
    for (const wchar_t *at = wide; units > 0 && written > 0; at += written, units -= (int)written)
        if (!WriteConsoleW(console, at, (DWORD)units, &written, NULL))
            written = 0;
    free(wide);
    return written > 0;
}

int platform_write(int file, const void *data, size_t len) {
    /* WriteFile() takes a DWORD, and old consoles refuse large writes. */
    enum { MOST = 1 << 20 };
    HANDLE output = stream_handle(file);
    bool console = is_console(output);
    for (const char *rest = data; len > 0;) {
        DWORD part = len < MOST ? (DWORD)len : MOST, written = part;
        if (console ? !write_console(output, rest, part)
                    : !WriteFile(output, rest, part, &written, NULL))
            return errno_of(GetLastError());
        rest += written;
        len -= written;
    }
    return 0;
}

/* A write of 0 bytes changes nothing, but fails for a pipe without reader. */
bool platform_output_closed(void) {
    HANDLE output = stream_handle(PLATFORM_OUTPUT);
    DWORD written;
    return GetFileType(output) == FILE_TYPE_PIPE && !WriteFile(output, "", 0, &written, NULL) &&
           errno_of(GetLastError()) == EPIPE;
}

bool platform_output_is_terminal(void) { return is_console(stream_handle(PLATFORM_OUTPUT)); }

/* A console obeys escape sequences only when told so. */
bool platform_output_colors(void) {
    HANDLE output = stream_handle(PLATFORM_OUTPUT);
    DWORD mode;
    return GetConsoleMode(output, &mode) &&
           SetConsoleMode(output,
                          mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

/* ---- Time, and who runs ---- */

uint64_t platform_now_ns(void) { return GetTickCount64() * UINT64_C(1000000); }

int platform_local_time(int64_t seconds, struct tm *local) {
    __time64_t time = seconds;
    *local = (struct tm){.tm_mday = 1};
    _localtime64_s(local, &time);
    struct tm same = *local;
    return (int)((_mkgmtime64(&same) - seconds) / 60);
}

static void narrow_into(char *text, size_t size, const wchar_t *wide) {
    char *whole = utf8_of_wide(wide);
    snprintf(text, size, "%s", whole);
    free(whole);
}

void platform_host_name(char *name, size_t size) {
    wchar_t wide[256];
    DWORD units = sizeof wide / sizeof *wide;
    bool known = GetComputerNameExW(ComputerNameDnsHostname, wide, &units);
    narrow_into(name, size, known ? wide : L"");
}

static bool find_process(int64_t id, PROCESSENTRY32W *entry) {
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (all == INVALID_HANDLE_VALUE)
        return false;
    entry->dwSize = sizeof *entry;
    bool more = Process32FirstW(all, entry);
    while (more && entry->th32ProcessID != (uint64_t)id)
        more = Process32NextW(all, entry);
    CloseHandle(all);
    return more;
}

int64_t platform_parent(void) {
    PROCESSENTRY32W entry;
    return find_process(GetCurrentProcessId(), &entry) ? entry.th32ParentProcessID : 0;
}

void platform_process_name(int64_t id, char *name, size_t size) {
    PROCESSENTRY32W entry;
    narrow_into(name, size, find_process(id, &entry) ? entry.szExeFile : L"");
}

/* FILETIME counts 100 ns from 1601. */
uint64_t platform_real_ns(void) {
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    uint64_t units = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return (units - UINT64_C(116444736000000000)) * 100;
}
