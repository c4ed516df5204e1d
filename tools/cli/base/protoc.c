/* Runs protoc(1) with memfds for its input and output, so that no temporary file is left behind. */
#include "protoc.h"

#include <mailslot/codec.h>
#include <mailslot/schema.h>

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What protoc says beyond this is cut off. */
enum { COMPLAINT_MAX = 600 };

/* The files protoc works with, all in memory: the well-known types, its output and its complaint.
 */
struct session {
    int known, output, complaint;
};

static mailslot_err os_failure(const char *file, const char *what, int error) {
    return mailslot_fail(MAILSLOT_ERR_OS, "%.300s: cannot %s: %s", file, what, strerror(error));
}

/* ---- Files in memory ---- */

static bool write_whole(int fd, const void *data, size_t len) {
    const char *rest = data;
    while (len > 0) {
        ssize_t written = write(fd, rest, len);
        if (written < 0 && errno != EINTR)
            return false;
        rest += written > 0 ? written : 0;
        len -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

static bool read_whole(int fd, size_t most, struct buffer *out) {
    size_t start = out->len;
    for (;;) {
        buffer_reserve(out, 4096);
        /* From the start: the child shares the offset of `complaint` and has moved it to its
         * end. */
        ssize_t got = pread(fd, out->data + out->len, 4096, (off_t)(out->len - start));
        if (got < 0 && errno != EINTR)
            return false;
        out->len += got > 0 ? (size_t)got : 0;
        if (got == 0 || out->len - start >= most)
            return true;
    }
}

static void protoc_end(const struct session *session) {
    const int fds[] = {session->known, session->output, session->complaint};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static bool protoc_begin(struct session *session) {
    mailslot_bytes known = mailslot_protobuf_well_known();
    /* Closed on exec; the child opens them by /proc, see protoc_argument(). */
    session->known = memfd_create("known", MFD_CLOEXEC);
    session->output = memfd_create("output", MFD_CLOEXEC);
    session->complaint = memfd_create("complaint", MFD_CLOEXEC);
    return session->known >= 0 && session->output >= 0 && session->complaint >= 0 &&
           write_whole(session->known, known.data, known.len);
}

/* ---- The child ---- */

/* Where the child finds a file of this process, which waits for it. */
static char *protoc_argument(struct arena *arena, const char *option, int fd) {
    char text[80];
    int len = snprintf(text, sizeof text, "%s=/proc/%ld/fd/%d", option, (long)getpid(), fd);
    return arena_copy(arena, text, (size_t)len);
}

/* One argument, -IFOLDER: no shell is involved, so it needs no quoting. */
static char *import_argument(struct arena *arena, const char *folder) {
    size_t len = strlen(folder);
    char *text = arena_alloc(arena, len + 3);
    memcpy(text, "-I", 2);
    memcpy(text + 2, folder, len);
    return text;
}

static char **protoc_arguments(struct arena *arena, const struct session *session, const char *file,
                               const char *const *folders, size_t count) {
    /* protoc, four fixed arguments and the final NULL. */
    char **made = arena_alloc(arena, (count + 6) * sizeof *made);
    size_t at = 0;
    made[at++] = "protoc";
    for (size_t i = 0; i < count; i++)
        made[at++] = import_argument(arena, folders[i]);
    made[at++] = protoc_argument(arena, "--descriptor_set_in", session->known);
    made[at++] = protoc_argument(arena, "--descriptor_set_out", session->output);
    made[at++] = "--include_imports";
    made[at++] = arena_copy(arena, file, strlen(file));
    return made;
}

/* Without a shell, and with nothing on standard input or output: those are the user's data. */
static int protoc_spawn(const struct session *session, char **argv, pid_t *child) {
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, session->complaint, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, session->complaint, STDERR_FILENO);
    if (!error)
        error = posix_spawnp(child, "protoc", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* The lines of text as one. */
static void join_lines(struct buffer *out, const struct buffer *text) {
    size_t end = text->len;
    while (end && text->data[end - 1] == '\n')
        end--;
    for (size_t i = 0; i < end; i++)
        buffer_append(out, text->data[i] == '\n' ? "; " : &text->data[i],
                      text->data[i] == '\n' ? 2 : 1);
    buffer_append(out, "", 1);
}

/* What protoc complained of. */
static mailslot_err protoc_refusal(const struct session *session, const char *file) {
    struct buffer text = {0}, line = {0};
    if (!read_whole(session->complaint, COMPLAINT_MAX, &text))
        text.len = 0;
    join_lines(&line, &text);
    mailslot_err err =
        mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%.100s: protoc refuses it: %.*s", file,
                      COMPLAINT_MAX, *line.data ? line.data : "it does not say why");
    buffer_free(&text);
    buffer_free(&line);
    return err;
}

static mailslot_err protoc_run(const struct session *session, char **argv, const char *file) {
    pid_t child;
    int status;
    int error = protoc_spawn(session, argv, &child);
    if (error == ENOENT)
        return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                             "%.300s: protoc, which compiles schemas, is not installed (Debian: "
                             "apt install protobuf-compiler); or give a descriptor set",
                             file);
    if (error)
        return os_failure(file, "run protoc", error);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return os_failure(file, "wait for protoc", errno);
    /* Any other status, or a signal, is a refusal. */
    return status == 0 ? MAILSLOT_OK : protoc_refusal(session, file);
}

mailslot_err protoc_compile(const char *file, const char *const *folders, size_t count,
                            struct buffer *out) {
    struct session session = {-1, -1, -1};
    struct arena arena = {0};
    mailslot_err err = MAILSLOT_OK;
    if (!protoc_begin(&session))
        err = os_failure(file, "make files in memory", errno);
    if (!err)
        err = protoc_run(&session, protoc_arguments(&arena, &session, file, folders, count), file);
    if (!err && !read_whole(session.output, SIZE_MAX, out))
        err = os_failure(file, "read what protoc made", errno);
    arena_free(&arena);
    protoc_end(&session);
    return err;
}
