/* waitable.h: an eventfd, and the thread that keeps it in step with the queue. */
#include "waitable.h"
#include "error.h"
#include "linux/process.h"
#include "platform.h"
#include "slotfile.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct msi_waitable {
    msi_queue *queue;
    int descriptor;
    pthread_t thread;
    pthread_mutex_t mutex; /* makes `ready` agree with the descriptor */
    pthread_cond_t cleared;
    bool ready, ending;
};

static void waitable_set_ready(msi_waitable *w) {
    pthread_mutex_lock(&w->mutex);
    if (!w->ready && (msi_queue_waiting(w->queue) || atomic_load(&w->queue->removed))) {
        const uint64_t one = 1;
        w->ready = write(w->descriptor, &one, sizeof one) == sizeof one;
    }
    pthread_mutex_unlock(&w->mutex);
}

static bool waitable_wait_until_cleared(msi_waitable *w) {
    pthread_mutex_lock(&w->mutex);
    while (w->ready && !w->ending)
        pthread_cond_wait(&w->cleared, &w->mutex);
    bool go_on = !w->ending;
    pthread_mutex_unlock(&w->mutex);
    return go_on;
}

static void *waitable_watch(void *waitable) {
    msi_waitable *w = waitable;
    while (waitable_wait_until_cleared(w) && !atomic_load(&w->queue->interrupted)) {
        msi_queue_wait(w->queue, MSI_NEVER, false);
        waitable_set_ready(w);
    }
    return NULL;
}

void msi_waitable_clear(msi_waitable *w) {
    pthread_mutex_lock(&w->mutex);
    uint64_t ignored;
    if (w->ready && read(w->descriptor, &ignored, sizeof ignored) == sizeof ignored) {
        w->ready = false;
        pthread_cond_signal(&w->cleared);
    }
    pthread_mutex_unlock(&w->mutex);
}

mailslot_err msi_waitable_new(msi_waitable **waitable, msi_queue *queue) {
    msi_waitable *w = calloc(1, sizeof *w);
    if (!w)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to make the slot waitable");
    w->queue = queue;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->cleared, NULL);
    w->descriptor = msi_clear_of_stdio(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    int error = w->descriptor < 0 ? errno : msi_start_thread(&w->thread, waitable_watch, w);
    if (error) {
        msi_waitable_release(w);
        msi_waitable_abandon(w);
        return msi_fail_errno(MAILSLOT_ERR_OS, error, "cannot make the slot waitable");
    }
    *waitable = w;
    return MAILSLOT_OK;
}

int msi_waitable_descriptor(const msi_waitable *w) { return w->descriptor; }

void msi_waitable_release(msi_waitable *w) {
    if (w->descriptor >= 0)
        close(w->descriptor);
    w->descriptor = -1;
}

/* Does not destroy the mutex and the condition: the parent's thread may have held them at fork. */
void msi_waitable_abandon(msi_waitable *w) { free(w); }

void msi_waitable_stop(msi_waitable *w) {
    pthread_mutex_lock(&w->mutex);
    w->ending = true;
    pthread_cond_signal(&w->cleared);
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
}

void msi_waitable_free(msi_waitable *w) {
    msi_waitable_release(w);
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->cleared);
    free(w);
}
