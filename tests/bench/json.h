/* Between the files that write the JSON. */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include "campaign.h"

void json_string(FILE *out, const char *text);

/* The members median, min and max. */
void json_spread(FILE *out, const struct spread *spread);

/* The members about costs, a comma before them. */
void json_costs(FILE *out, const struct campaign *campaign);

#endif
