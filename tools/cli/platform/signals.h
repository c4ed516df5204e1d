/* SIGINT and SIGTERM, for verbs that run until a signal ends them. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

/** From now on, SIGINT and SIGTERM are noted, unless they were ignored before; once only: a second
 * one does what it does by default. Writing to a closed pipe, or past the limit of a file's size,
 * is an error like others. */
void signals_catch(void);

/** Whether one of them came. */
bool signals_came(void);

#endif
