/* A message to this computer through the network. */
#ifndef CLI_SELF_TEST_H
#define CLI_SELF_TEST_H

#include <mailslot/mailslot.h>

/** Opens a mailslot, writes to it as another computer on the network would, and stores in *ms the
 *  milliseconds until the message arrived. computer is the name of this computer. Takes at most a
 *  few seconds. Errors: NO_HOST (no answer for that name), EMPTY (no message came back), and those
 *  of mailslot_open() and mailslot_put(). */
mailslot_err self_test_round_trip(const char *computer, double *ms);

#endif
