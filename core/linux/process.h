/* What the rooms that run on Linux share beyond platform.h: how this process treats descriptors and
 * threads. */
#ifndef MSI_PROCESS_H
#define MSI_PROCESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/** Moves a descriptor just opened out of the reach of stdin, stdout and stderr: in a process that
 *  was started without them it could become one, and printing would write into a slot. Takes and
 *  returns a negative number, with its errno, as it is. */
int msi_clear_of_stdio(int fd);

/** Starts a thread of the library's own, which gets none of the program's signals; an errno. */
int msi_start_thread(pthread_t *thread, void *(*run)(void *), void *ctx);

/** Bytes of a process's name with its NUL (TASK_COMM_LEN, proc(5)). */
enum { MSI_PROCESS_NAME_SIZE = 16 };

/** Stores the name of the program that process pid runs, with `?` for control characters; "?" if
 *  there is no such process here, or no /proc. */
void msi_process_name(uint32_t pid, char name[MSI_PROCESS_NAME_SIZE]);

/** As msi_fork_lock(), but returns false at once if another thread holds the lock. */
bool msi_fork_trylock(void);

#endif
