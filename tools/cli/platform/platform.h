/* What the tool needs of the system it runs on: platform_posix.c or platform_win32.c. Paths,
 * arguments and variables are UTF-8. */
#ifndef CLI_PLATFORM_H
#define CLI_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { PLATFORM_INPUT = 0, PLATFORM_OUTPUT = 1, PLATFORM_ERROR = 2 };

/** The first thing main() does: makes the arguments UTF-8, and sees to it that a slot's file does
 * not end up where we print. */
void platform_begin(int *argc, char ***argv);

/** Opens a file to be read with platform_read(); -1 with errno. */
int platform_open(const char *path);
void platform_close(int file);

/** Reads up to len bytes of a file or of PLATFORM_INPUT, at least one unless at the end; 0 at the
 *  end, -1 with errno. Waits for them even if the descriptor is non-blocking. */
ptrdiff_t platform_read(int file, void *buf, size_t len);

/** Writes all of data to PLATFORM_OUTPUT or PLATFORM_ERROR; 0, or the errno that stopped it: EPIPE
 *  if the reader is gone. Waits for room even if the descriptor is non-blocking. */
int platform_write(int file, const void *data, size_t len);

/** Whether the reader of the output is gone. */
bool platform_output_closed(void);

/** Whether the output is a terminal. */
bool platform_output_is_terminal(void);

/** Whether the output is a terminal that shows colors. */
bool platform_output_colors(void);

/** ns, or ms, of a clock that never goes back. */
uint64_t platform_now_ns(void);
static inline int64_t platform_now_ms(void) { return (int64_t)(platform_now_ns() / 1000000); }

/** ns of a clock that setting the computer's time does not change and that runs on while the
 *  computer sleeps; not on Windows. */
uint64_t platform_steady_ns(void);

/** ns since 1970. */
uint64_t platform_real_ns(void);

/** A time, in seconds since 1970, on the clock on the wall; returns how many minutes that is ahead
 *  of UTC. */
int platform_local_time(int64_t seconds, struct tm *local);

/** This computer's name, cut to size; "" if the system does not tell. */
void platform_host_name(char *name, size_t size);

/** The process that started this one. */
int64_t platform_parent(void);

/** The name of a process, cut to size; "" if there is none or the system does not tell. */
void platform_process_name(int64_t id, char *name, size_t size);

enum platform_kind { PLATFORM_NOTHING, PLATFORM_FOLDER, PLATFORM_FILE };

/** What there is at path. */
enum platform_kind platform_kind_of(const char *path);

/** A variable of the environment, or NULL. Valid as long as the program runs. */
const char *platform_variable(const char *name);

/** What parts the entries of a list of paths. */
extern const char platform_list_separator[];

/** Where slots live, for --help. */
extern const char platform_slots_help[];

#endif
