/* top's full-screen display. */
#ifndef CLI_TOP_SCREEN_H
#define CLI_TOP_SCREEN_H

#include "base/report.h"
#include "view.h"

/** Takes the terminal that standard input and output are. False, with nothing changed, if they are
 *  none, or one that cannot be drawn on. */
bool top_screen_open(void);

/** After top_screen_open(): shows the slots, looking at them every interval, until a key or a
 *  signal ends it, and gives the terminal back. What fails is reported. */
enum status top_screen_run(struct top_view *view, uint64_t interval_ns);

#endif
