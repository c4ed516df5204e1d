/* Reasons to skip, one for each ability of probe.h that a system may lack. */
#ifndef MAILSLOT_TEST_ABILITIES_H
#define MAILSLOT_TEST_ABILITIES_H

#define NO_COUNTS       "S30: the system does not count beyond one message"
#define NO_CAPACITY     "S15, S30, S31: the system tells no capacity, nor when it is full"
#define NO_SUCH_BACKLOG "S15: the system does not hold that many messages"
#define NEVER_FULL      "S15: the system fills no mailslot"
#define NO_SUCH_MESSAGE "S14: the system does not carry a message of that size"
#define NO_FREE_NAME    "S8: the system keeps the name while a writer lives"
#define NO_GONE_READERS "S18: the system goes on taking messages when the reader is gone"
#define NO_WRITERS      "S38: the system does not tell who wrote"
#define NO_ARRIVALS     "S38: the system does not tell when a message arrived"
#define NO_EXACT_NAMES  "S2: the system folds the case of other letters than ASCII's"
#define NO_FINAL_DOTS   "S4: the system drops dots and spaces at the end of a name"
#define NO_LOCAL_ONLY   "S39: the system does not tell messages of other computers apart"

#endif
