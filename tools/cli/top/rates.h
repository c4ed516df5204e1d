/* What top makes of two looks at the slots: rates, sizes, order. No system call, no clock. */
#ifndef CLI_TOP_RATES_H
#define CLI_TOP_RATES_H

#include <json-c/json.h>
#include <mailslot/mailslot.h>

/** A process's command name and a NUL; the kernel's has 15 bytes at most. */
enum { TOP_COMMAND_SIZE = 64 };

/** One slot at one instant. */
struct top_slot {
    char *name;
    char command[TOP_COMMAND_SIZE]; /* of the reader; "" if the system does not tell */
    mailslot_info info;
    struct json_object *newest; /* see top_newest_look(); the sample's */
};

/** All slots at one instant. Start from {0}; end with top_sample_free(). */
struct top_sample {
    uint64_t time_ns; /* of a clock that never goes back */
    struct top_slot *slots;
    size_t count;
};

/** What is shown of a slot. */
struct top_row {
    const struct top_slot *slot;
    bool has_rates; /* it was there at the sample before, with the same reader */
    double messages_in, bytes_in, messages_out, bytes_out; /* a second */
    bool has_p50;
    uint64_t p50; /* as top_p50() says */
};

enum top_key {
    TOP_NAME,
    TOP_WAITING,
    TOP_USED,
    TOP_MESSAGES_IN,
    TOP_BYTES_IN,
    TOP_MESSAGES_OUT,
    TOP_TROUBLE, /* refused, bad and lost together */
    TOP_KEYS,
};

/** Adds a slot; its name is copied. */
void top_sample_add(struct top_sample *sample, const char *name, const char *command,
                    const mailslot_info *info);

/** Sorts by name, which top_rows() expects. */
void top_sample_sort(struct top_sample *sample);

void top_sample_free(struct top_sample *sample);

/**
 * Fills in one row for each slot of now, in its order. Rates are averages over the time from before
 * to now. The p50 is of what was put in that time, or since its reader opened for a slot without
 * rates; there is none if nothing was.
 */
void top_rows(struct top_row *rows, const struct top_sample *before, const struct top_sample *now);

/**
 * The least bound that the classes of sizes know for at least half of the messages in sizes: that
 * many bytes or fewer had they. A power of two less one, so it can be nearly twice the true median;
 * never more than largest. False if there is no message.
 */
bool top_p50(const uint64_t sizes[MAILSLOT_SIZE_CLASSES], uint64_t largest, uint64_t *p50);

/** How much of its capacity a slot uses, from 0 to 1; 0 where the system does not tell. */
double top_used(const struct top_slot *slot);

/** Messages that did not get through: refused, bad and lost. */
uint64_t top_trouble(const struct top_slot *slot);

/** Sorts names upward, all else downward, the other way round if reversed; by name where equal. */
void top_sort(struct top_row *rows, size_t count, enum top_key key, bool reversed);

#endif
