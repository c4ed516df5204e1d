/* A Windows whose remote mailslots are switched off, as 24H2 and Server 2025 are: in this program
 * the system's functions refuse them with error 3025. */
#ifndef SWITCHED_OFF_H
#define SWITCHED_OFF_H

typedef enum {
    REFUSED_NEVER,
    REFUSED_WHEN_OPENED,
    REFUSED_WHEN_WRITTEN, /* all opened so far and from now on */
} refusal;

/** From now on. */
void switch_off(refusal when);

#endif
