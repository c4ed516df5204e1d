/* Children of tests without fork(), and the pipes between them and their parent. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "poll.h"

/* The most of a context that a child gets. */
#define CONTEXT_MAX 4096

#define CHILD_VARIABLE "MAILSLOT_TEST_CHILD"
#define CHILD_KILLED   9 /* exit status of a child that child_kill() ended */

void peer_tell(const struct peer *peer, int64_t number) {
    DWORD len = 0;
    check(WriteFile(peer->out, &number, sizeof number, &len, NULL) && len == sizeof number);
}

int64_t peer_hear(const struct peer *peer) {
    struct pollfd pipe_end = {peer->in, POLLIN, 0};
    int64_t number = 0;
    DWORD len = 0;
    check(poll(&pipe_end, 1, PEER_PATIENCE_S * 1000) == 1);
    check(ReadFile(peer->in, &number, sizeof number, &len, NULL) && len == sizeof number);
    return number;
}

/* ---- In the child ---- */

/* Ends with its parent, and when it takes too long. */
static DWORD WINAPI child_watch(void *parent) {
    WaitForSingleObject(parent, PEER_PATIENCE_S * 1000);
    _exit(CHECK_FAILED);
}

/* Shared memory of the parent's, or a copy of what lies there. */
static void *child_context(HANDLE parent, DWORD parent_pid, uint64_t address, uint64_t shared,
                           uint64_t size) {
    static unsigned char copy[CONTEXT_MAX];
    if (address == shared && address)
        return mman_open(parent_pid, (size_t)size);
    MEMORY_BASIC_INFORMATION region;
    const unsigned char *from = (const unsigned char *)(uintptr_t)address;
    if (!address || !VirtualQueryEx(parent, from, &region, sizeof region))
        return NULL;
    size_t len = (size_t)((const unsigned char *)region.BaseAddress + region.RegionSize - from);
    check(ReadProcessMemory(parent, from, copy, len < sizeof copy ? len : sizeof copy, NULL));
    return copy;
}

/* Before main(): a child never gets there. */
__attribute__((constructor)) static void child_run(void) {
    const char *told = getenv(CHILD_VARIABLE);
    uint64_t in, out, parent_handle, body, address, shared;
    unsigned long pid;
    if (!told ||
        sscanf(told, "%" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %lu",
               &in, &out, &parent_handle, &body, &address, &shared, &pid) != 7)
        return;
    test_leave_runner();
    HANDLE parent = (HANDLE)(uintptr_t)parent_handle;
    struct peer peer = {(pid_t)pid, (HANDLE)(uintptr_t)in, (HANDLE)(uintptr_t)out, parent};
    CreateThread(NULL, 0, child_watch, parent, 0, NULL);
    child_body *run = (child_body *)(uintptr_t)((uint64_t)(uintptr_t)GetModuleHandleW(NULL) + body);
    run(&peer, child_context(parent, pid, address, shared, sizeof(mailslot_info)));
    _exit(0);
}

/* ---- In the parent ---- */

static HANDLE child_inheritable(HANDLE handle) {
    check(SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    return handle;
}

static void child_describe(char text[256], HANDLE in, HANDLE out, HANDLE self, child_body *body,
                           const void *ctx) {
    uint64_t base = (uint64_t)(uintptr_t)GetModuleHandleW(NULL);
    snprintf(text, 256,
             "%" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %lu",
             (uint64_t)(uintptr_t)in, (uint64_t)(uintptr_t)out, (uint64_t)(uintptr_t)self,
             (uint64_t)(uintptr_t)body - base, (uint64_t)(uintptr_t)ctx,
             (uint64_t)(uintptr_t)mman_memory(), GetCurrentProcessId());
}

static HANDLE child_create(DWORD *pid, const char *description) {
    wchar_t program[MAX_PATH];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    check(GetModuleFileNameW(NULL, program, MAX_PATH) > 0);
    check(SetEnvironmentVariableA(CHILD_VARIABLE, description));
    check(CreateProcessW(program, NULL, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process));
    check(SetEnvironmentVariableA(CHILD_VARIABLE, NULL));
    CloseHandle(process.hThread);
    *pid = process.dwProcessId;
    return process.hProcess;
}

struct peer child_start(child_body *body, void *ctx) {
    HANDLE down[2], up[2], self;
    char description[256];
    DWORD pid;
    check(CreatePipe(&down[0], &down[1], NULL, 0) && CreatePipe(&up[0], &up[1], NULL, 0));
    check(DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(), GetCurrentProcess(), &self, 0,
                          TRUE, DUPLICATE_SAME_ACCESS));
    child_describe(description, child_inheritable(down[0]), child_inheritable(up[1]), self, body,
                   ctx);
    HANDLE process = child_create(&pid, description);
    CloseHandle(self);
    CloseHandle(down[0]);
    CloseHandle(up[1]);
    return (struct peer){(pid_t)pid, up[0], down[1], process};
}

static DWORD child_reap(struct peer *child) {
    DWORD status = CHECK_FAILED;
    WaitForSingleObject(child->process, INFINITE);
    GetExitCodeProcess(child->process, &status);
    CloseHandle(child->process);
    CloseHandle(child->in);
    CloseHandle(child->out);
    return status;
}

void child_join(struct peer *child) { check_int(0, child_reap(child)); }

void child_kill(struct peer *child) {
    TerminateProcess(child->process, CHILD_KILLED);
    check_int(CHILD_KILLED, child_reap(child));
}
