/* Growing files and reserving their space, without the signal by which Linux ends a process whose
 * file would exceed RLIMIT_FSIZE. */
#ifndef MSI_FILE_SPACE_H
#define MSI_FILE_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** Sets the size of a file, as ftruncate(). Returns 0 or an errno: EFBIG if the size exceeds
 *  RLIMIT_FSIZE, where ftruncate() would raise SIGXFSZ. Leaves this thread's signal mask, pending
 *  signals and the program's handlers as they were. Any thread. */
int msi_file_resize(int fd, off_t size);

/** Reserves the space of len bytes at offset, which lie within the file's size, so that touching
 *  its mapped pages never raises SIGBUS. False if it cannot be had; keeps nothing then. May be
 *  repeated, also for space that is in use. */
bool msi_file_reserve(int fd, off_t offset, size_t len);

/** Writes len bytes at offset; false if not all were written. No signal, as msi_file_resize(). */
bool msi_file_write(int fd, const void *data, size_t len, off_t offset);

#endif
