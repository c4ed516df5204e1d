/* Single steps and breakpoints by ptrace(2), for x86-64 and aarch64. */
#include "tracer.h"

#include "die_with_parent.h"
#include "test.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

/* ---- The processor ---- */

#if defined(__x86_64__)
#define BREAKPOINT_MASK 0xffL
#define BREAKPOINT      0xccL

static uintptr_t pc_of(const struct user_regs_struct *r) { return r->rip; }

static void set_pc(struct user_regs_struct *r, uintptr_t pc) { r->rip = pc; }

/* In the first instruction of a function. */
static uintptr_t return_address(pid_t child, const struct user_regs_struct *r) {
    return (uintptr_t)ptrace(PTRACE_PEEKDATA, child, (void *)(uintptr_t)r->rsp, NULL);
}
#elif defined(__aarch64__)
#define BREAKPOINT_MASK 0xffffffffL
#define BREAKPOINT      0xd4200000L

static uintptr_t pc_of(const struct user_regs_struct *r) { return r->pc; }

static void set_pc(struct user_regs_struct *r, uintptr_t pc) { r->pc = pc; }

static uintptr_t return_address(pid_t child, const struct user_regs_struct *r) {
    (void)child;
    return r->regs[30];
}
#endif

#if defined(BREAKPOINT)

static void get_registers(pid_t child, struct user_regs_struct *r) {
    struct iovec part = {r, sizeof *r};
    check(ptrace(PTRACE_GETREGSET, child, (void *)NT_PRSTATUS, &part) == 0);
}

static void set_registers(pid_t child, struct user_regs_struct *r) {
    struct iovec part = {r, sizeof *r};
    check(ptrace(PTRACE_SETREGSET, child, (void *)NT_PRSTATUS, &part) == 0);
}

/* Where this program's own code lies: in the executable segment of the first object, which is the
 * program itself. */
static struct { uintptr_t begin, end; } own_code;

static int find_own_code(struct dl_phdr_info *program, size_t size, void *ctx) {
    (void)size, (void)ctx;
    for (int i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X)) {
            own_code.begin = program->dlpi_addr + segment->p_vaddr;
            own_code.end = own_code.begin + segment->p_memsz;
        }
    }
    return 1;
}

static bool is_own_code(uintptr_t pc) {
    if (!own_code.end)
        dl_iterate_phdr(find_own_code, NULL);
    return pc >= own_code.begin && pc < own_code.end;
}

/* ---- Moving on ---- */

static enum tracer_event wait_for_stop(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, __WALL) < 0)
        check(errno == EINTR);
    if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP)
        return TRACER_STEPPED;
    if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP)
        return TRACER_MARKED;
    dprintf(STDERR_FILENO, "the stepped child ended or was about to: status %#x\n",
            (unsigned)status);
    return TRACER_OVER;
}

static enum tracer_event resume(pid_t child, enum __ptrace_request how) {
    check(ptrace(how, child, NULL, NULL) == 0);
    return wait_for_stop(child);
}

enum tracer_event tracer_continue(pid_t child) { return resume(child, PTRACE_CONT); }

enum tracer_event tracer_run_to(pid_t child, uintptr_t pc) {
    struct user_regs_struct registers;
    void *place = (void *)pc;
    errno = 0;
    long code = ptrace(PTRACE_PEEKTEXT, child, place, NULL);
    check(errno == 0);
    long patched = (code & ~BREAKPOINT_MASK) | BREAKPOINT;
    check(ptrace(PTRACE_POKETEXT, child, place, (void *)patched) == 0);
    enum tracer_event event = resume(child, PTRACE_CONT);
    if (event != TRACER_OVER)
        check(ptrace(PTRACE_POKETEXT, child, place, (void *)code) == 0);
    if (event == TRACER_STEPPED) {
        get_registers(child, &registers);
        set_pc(&registers, pc);
        set_registers(child, &registers);
    }
    return event;
}

/* Out of own code leads, but for a return from it, only the first instruction of a function. (The
 * program is linked so that the dynamic linker is not called on the way.) */
enum tracer_event tracer_step(pid_t child, uintptr_t *pc) {
    struct user_regs_struct registers;
    get_registers(child, &registers);
    bool was_own = is_own_code(pc_of(&registers));
    enum tracer_event event = resume(child, PTRACE_SINGLESTEP);
    while (event == TRACER_STEPPED) {
        get_registers(child, &registers);
        *pc = pc_of(&registers);
        if (is_own_code(*pc))
            break;
        uintptr_t back = was_own ? return_address(child, &registers) : 0;
        if (is_own_code(back)) {
            *pc = back;
            return tracer_run_to(child, back);
        }
        was_own = false;
        event = resume(child, PTRACE_SINGLESTEP);
    }
    return event;
}

/* ---- Beginning and end ---- */

void tracer_mark(void) { raise(SIGSTOP); }

/* The fork's child; the first mark is body's. */
static void run_traced(pid_t parent, void (*body)(void *), void *ctx) {
    die_with_parent(parent);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
        _exit(errno);
    body(ctx);
    _exit(0);
}

pid_t tracer_start(void (*body)(void *), void *ctx) {
    pid_t parent = getpid();
    pid_t child = fork();
    check(child >= 0);
    if (child == 0)
        run_traced(parent, body, ctx);
    return wait_for_stop(child) == TRACER_MARKED ? child : -1;
}

void tracer_kill(pid_t child) {
    int status = 0;
    check(kill(child, SIGKILL) == 0);
    do {
        check(waitpid(child, &status, __WALL) == child || errno == EINTR);
    } while (!WIFSIGNALED(status) && !WIFEXITED(status));
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void mark_and_step(void *ctx) {
    (void)ctx;
    tracer_mark();
    tracer_mark();
}

/* A sandbox may allow the first call and refuse others, so all are tried. */
static void try_everything(void) {
    uintptr_t pc = 0;
    pid_t child = tracer_start(mark_and_step, NULL);
    check(child > 0 && tracer_step(child, &pc) == TRACER_STEPPED);
    check(tracer_run_to(child, pc) != TRACER_OVER);
    tracer_kill(child);
}

bool tracer_is_possible(const char **why) {
    pid_t parent = getpid();
    pid_t trial = fork();
    if (trial == 0) {
        die_with_parent(parent);
        alarm(10);
        try_everything();
        _exit(0);
    }
    int status = -1;
    *why = "this process may not trace its children with ptrace";
    return waitpid(trial, &status, 0) == trial && status == 0;
}

#else /* another processor */

bool tracer_is_possible(const char **why) {
    *why = "stepping is written for x86-64 and aarch64 only";
    return false;
}

pid_t tracer_start(void (*body)(void *), void *ctx) {
    (void)body, (void)ctx;
    return -1;
}

void tracer_mark(void) {}

enum tracer_event tracer_continue(pid_t child) {
    (void)child;
    return TRACER_OVER;
}

enum tracer_event tracer_step(pid_t child, uintptr_t *pc) {
    *pc = 0;
    return tracer_continue(child);
}

enum tracer_event tracer_run_to(pid_t child, uintptr_t pc) { return tracer_step(child, &pc); }

void tracer_kill(pid_t child) { (void)child; }

#endif
