/* Abilities of this Windows, found out by calls of the system itself: a fault of the library is not
 * taken for a lack of the system. */
#include <probe.h>

#include "test.h"

#include <windows.h>

/* A mailslot of the system and a writer to it. */
struct probe {
    HANDLE reader, writer;
};

static HANDLE probe_reader(void) {
    return CreateMailslotW(L"\\\\.\\mailslot\\mailslot-test-probe", 0, 0, NULL);
}

static struct probe probe_open(void) {
    struct probe probe = {.reader = probe_reader()};
    probe.writer = CreateFileW(L"\\\\.\\mailslot\\mailslot-test-probe", GENERIC_WRITE,
                               FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                               FILE_FLAG_OVERLAPPED, NULL);
    check(probe.reader != INVALID_HANDLE_VALUE && probe.writer != INVALID_HANDLE_VALUE);
    return probe;
}

static void probe_close(struct probe probe) {
    if (probe.reader)
        CloseHandle(probe.reader);
    CloseHandle(probe.writer);
}

/* True if the system takes a message of len bytes at once. */
static bool probe_write(struct probe probe, size_t len) {
    static char message[1 << 20];
    OVERLAPPED write = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    check(len <= sizeof message && write.hEvent);
    bool taken = WriteFile(probe.writer, message, (DWORD)len, NULL, &write);
    DWORD written;
    if (!taken && GetLastError() == ERROR_IO_PENDING) {
        CancelIoEx(probe.writer, &write);
        taken = GetOverlappedResult(probe.writer, &write, &written, TRUE);
    }
    CloseHandle(write.hEvent);
    return taken;
}

bool system_counts(void) {
    struct probe probe = probe_open();
    DWORD next, count = 0;
    check(probe_write(probe, 1) && probe_write(probe, 1));
    check(GetMailslotInfo(probe.reader, NULL, &next, &count, NULL));
    probe_close(probe);
    return count == 2;
}

bool system_holds(size_t count, size_t len) {
    struct probe probe = probe_open();
    size_t held = 0;
    while (held < count && probe_write(probe, len))
        held++;
    probe_close(probe);
    return held == count;
}

bool system_fills(void) { return !system_holds(5000, 100); }

bool system_carries(size_t len) { return system_holds(1, len); }

bool system_frees_names(void) {
    struct probe probe = probe_open();
    CloseHandle(probe.reader);
    probe.reader = probe_reader();
    bool free_again = probe.reader != INVALID_HANDLE_VALUE;
    if (!free_again)
        probe.reader = NULL;
    probe_close(probe);
    return free_again;
}

bool system_tells_gone_readers(void) {
    struct probe probe = probe_open();
    CloseHandle(probe.reader);
    probe.reader = NULL;
    bool taken = probe_write(probe, 1);
    probe_close(probe);
    return !taken;
}

bool system_reaches_others(void) {
    HANDLE writer = CreateFileW(L"\\\\HOST\\mailslot\\mailslot-test-probe", GENERIC_WRITE,
                                FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (writer == INVALID_HANDLE_VALUE)
        return false;
    CloseHandle(writer);
    return true;
}

bool system_compares_exactly(void) {
    HANDLE upper = CreateMailslotW(L"\\\\.\\mailslot\\mailslot-test-\u00c9", 0, 0, NULL);
    HANDLE lower = CreateMailslotW(L"\\\\.\\mailslot\\mailslot-test-\u00e9", 0, 0, NULL);
    bool two = lower != INVALID_HANDLE_VALUE;
    if (two)
        CloseHandle(lower);
    CloseHandle(upper);
    return two;
}

/* ---- What Windows has no call for at all ---- */

bool system_tells_capacity(void) { return false; }
bool system_knows_writers(void) { return false; }
bool system_notes_arrivals(void) { return false; }
bool system_refuses_network(void) { return false; }

/* Windows drops them from paths, whatever those name. */
bool system_keeps_final_dots(void) {
    wchar_t path[64];
    check(GetFullPathNameW(L"\\\\.\\mailslot\\x..", 64, path, NULL));
    return path[wcslen(path) - 1] == L'.';
}
