/* file_space.h: the signal SIGXFSZ, and space in pieces. */
#include "file_space.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* ---- SIGXFSZ ---- */

/* The kernel sends SIGXFSZ to the calling thread alone, with each EFBIG that RLIMIT_FSIZE causes.
 * So block it in this thread, and take it away unless it was pending before: then it is the
 * program's, and ours has merged with it. */
typedef struct {
    sigset_t mask;
    bool was_pending;
} size_signal;

static void size_signal_block(size_signal *before) {
    sigset_t signals;
    sigpending(&signals);
    before->was_pending = sigismember(&signals, SIGXFSZ) == 1;
    sigemptyset(&signals);
    sigaddset(&signals, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signals, &before->mask);
}

static void size_signal_restore(const size_signal *before, int error) {
    const struct timespec at_once = {0, 0};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGXFSZ);
    if (error == EFBIG && !before->was_pending)
        while (sigtimedwait(&signals, NULL, &at_once) < 0 && errno == EINTR) {
        }
    pthread_sigmask(SIG_SETMASK, &before->mask, NULL);
}

int msi_file_resize(int fd, off_t size) {
    size_signal before;
    size_signal_block(&before);
    int error = ftruncate(fd, size) ? errno : 0;
    size_signal_restore(&before, error);
    return error;
}

bool msi_file_write(int fd, const void *data, size_t len, off_t offset) {
    size_signal before;
    size_signal_block(&before);
    ssize_t written = pwrite(fd, data, len, offset);
    size_signal_restore(&before, written < 0 ? errno : 0);
    return written == (ssize_t)len;
}

/* ---- Space ---- */

/* Within the file's size fallocate() does not ask after RLIMIT_FSIZE (inode_newsize_ok() in Linux).
 * Where the file system has no fallocate(), posix_fallocate() writes to each block, and each such
 * write does. */
static int file_reserve_by_writing(int fd, off_t offset, off_t len) {
    size_signal before;
    size_signal_block(&before);
    int error = posix_fallocate(fd, offset, len);
    size_signal_restore(&before, error);
    return error;
}

static bool file_reserve_piece(int fd, off_t offset, off_t len) {
    int error;
    do {
        error = fallocate(fd, 0, offset, len) ? errno : 0;
        if (error == EOPNOTSUPP || error == ENOSYS)
            error = file_reserve_by_writing(fd, offset, len);
    } while (error == EINTR);
    return !error;
}

/* In pieces: a signal has tmpfs give back all that the call it interrupts has taken so far, and a
 * program whose timer is fast would never get a large chunk whole. */
bool msi_file_reserve(int fd, off_t offset, size_t len) {
    enum { PIECE = 64 * 1024 };
    for (size_t done = 0; done < len; done += PIECE) {
        size_t piece = len - done < PIECE ? len - done : PIECE;
        if (file_reserve_piece(fd, offset + (off_t)done, (off_t)piece))
            continue;
        if (done)
            fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, (off_t)done);
        return false;
    }
    return true;
}
