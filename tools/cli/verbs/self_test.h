/* A message to oneself by way of the network. */
#ifndef CLI_SELF_TEST_H
#define CLI_SELF_TEST_H

#include <mailslot/mailslot.h>

/** Makes a mailslot of its own, writes to it as another computer of the network would, and stores
 *  how long it took to arrive. computer is this computer's name. Takes some seconds at most.
 *  NO_HOST (nobody answers to that name), EMPTY (nothing came back), and whatever opening or
 *  writing a mailslot can fail with. */
mailslot_err self_test_round_trip(const char *computer, double *ms);

#endif
