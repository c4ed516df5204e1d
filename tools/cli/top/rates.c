/* Rates from two samples, and the order of rows. */
#include "rates.h"

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_SECOND 1e9

/* ---- Samples ---- */

static bool is_power_of_two(size_t n) { return (n & (n - 1)) == 0; }

void top_sample_add(struct top_sample *sample, const char *name, const char *command,
                    const mailslot_info *info) {
    size_t size = strlen(name) + 1;
    /* The room doubles at each power of two, so that the count alone tells when it is full. */
    if (is_power_of_two(sample->count))
        sample->slots = memory_resize(sample->slots, (sample->count ? sample->count * 2 : 1) *
                                                         sizeof *sample->slots);
    struct top_slot *slot = &sample->slots[sample->count++];
    *slot = (struct top_slot){.name = memory_resize(NULL, size), .info = *info};
    memcpy(slot->name, name, size);
    size_t len = strnlen(command, sizeof slot->command - 1);
    memcpy(slot->command, command, len);
}

/* Names are unique: mailslot_list() reports each slot once. */
static int by_name(const void *a, const void *b) {
    const struct top_slot *first = a, *second = b;
    return strcmp(first->name, second->name);
}

void top_sample_sort(struct top_sample *sample) {
    if (sample->count)
        qsort(sample->slots, sample->count, sizeof *sample->slots, by_name);
}

void top_sample_free(struct top_sample *sample) {
    for (size_t i = 0; i < sample->count; i++) {
        free(sample->slots[i].name);
        json_object_put(sample->slots[i].newest);
    }
    free(sample->slots);
    *sample = (struct top_sample){.count = 0};
}

/* ---- Sizes ---- */

/* The upper bound of the size class that holds the median: class i holds sizes from 2^(i-1) to 2^i
 * - 1. The last class has no bound; there, and where the bound exceeds it, the largest message is
 * the bound. */
bool top_p50(const uint64_t sizes[MAILSLOT_SIZE_CLASSES], uint64_t largest, uint64_t *p50) {
    uint64_t all = 0, so_far = 0;
    for (unsigned i = 0; i < MAILSLOT_SIZE_CLASSES; i++)
        all += sizes[i];
    if (all == 0)
        return false;
    unsigned class = 0;
    /* Half of all, rounded up; the sum reaches it in the last class at the latest. */
    while ((so_far += sizes[class]) < all - all / 2)
        class ++;
    uint64_t bound = (UINT64_C(1) << class) - 1;
    bool has_bound = class < MAILSLOT_SIZE_CLASSES - 1 && bound < largest;
    *p50 = has_bound ? bound : largest;
    return true;
}

/* ---- Rates ---- */

/* Whether both samples are of one and the same opening of the slot: counters start anew when a
 * reader opens it, which the same process may do between two samples. Without this, the differences
 * would be negative. */
static bool goes_on(const mailslot_info *before, const mailslot_info *now) {
    bool grew = before->messages_in <= now->messages_in && before->bytes_in <= now->bytes_in &&
                before->messages_out <= now->messages_out && before->bytes_out <= now->bytes_out;
    for (unsigned i = 0; i < MAILSLOT_SIZE_CLASSES; i++)
        grew = grew && before->sizes[i] <= now->sizes[i];
    return grew && before->reader_pid == now->reader_pid;
}

static void fill_rates(struct top_row *row, const mailslot_info *before, const mailslot_info *now,
                       double seconds) {
    row->has_rates = true;
    row->messages_in = (double)(now->messages_in - before->messages_in) / seconds;
    row->bytes_in = (double)(now->bytes_in - before->bytes_in) / seconds;
    row->messages_out = (double)(now->messages_out - before->messages_out) / seconds;
    row->bytes_out = (double)(now->bytes_out - before->bytes_out) / seconds;
}

static void fill_row(struct top_row *row, const struct top_slot *before, const struct top_slot *now,
                     double seconds) {
    uint64_t sizes[MAILSLOT_SIZE_CLASSES];
    *row = (struct top_row){.slot = now};
    if (before && seconds > 0 && goes_on(&before->info, &now->info))
        fill_rates(row, &before->info, &now->info, seconds);
    for (unsigned i = 0; i < MAILSLOT_SIZE_CLASSES; i++)
        /* Without a comparable sample, the median is that of all messages so far. */
        sizes[i] = now->info.sizes[i] - (row->has_rates ? before->info.sizes[i] : 0);
    row->has_p50 = top_p50(sizes, now->info.largest, &row->p50);
}

void top_rows(struct top_row *rows, const struct top_sample *before, const struct top_sample *now) {
    double seconds = (double)(now->time_ns - before->time_ns) / NS_PER_SECOND;
    for (size_t i = 0; i < now->count; i++) {
        const struct top_slot *slot = &now->slots[i], *was = NULL;
        if (before->count)
            was = bsearch(slot, before->slots, before->count, sizeof *slot, by_name);
        fill_row(&rows[i], was, slot, seconds);
    }
}

double top_used(const struct top_slot *slot) {
    const mailslot_info *info = &slot->info;
    return info->capacity ? (double)info->used / (double)info->capacity : 0;
}

uint64_t top_trouble(const struct top_slot *slot) {
    return slot->info.refused + slot->info.bad_messages + slot->info.lost;
}

/* ---- Order ---- */

static double row_number(const struct top_row *row, enum top_key key) {
    switch (key) {
    case TOP_WAITING:
        return (double)row->slot->info.count;
    case TOP_USED:
        return top_used(row->slot);
    case TOP_MESSAGES_IN:
        return row->messages_in;
    case TOP_BYTES_IN:
        return row->bytes_in;
    case TOP_MESSAGES_OUT:
        return row->messages_out;
    case TOP_TROUBLE:
        return (double)top_trouble(row->slot);
    case TOP_NAME:
    case TOP_KEYS:
        break;
    }
    return 0;
}

struct order {
    enum top_key key;
    int sign;
};

static int compare_rows(const void *a, const void *b, void *order_of_rows) {
    const struct top_row *first = a, *second = b;
    const struct order *order = order_of_rows;
    int names = strcmp(first->slot->name, second->slot->name);
    double x = row_number(first, order->key), y = row_number(second, order->key);
    if (order->key == TOP_NAME)
        return names * order->sign;
    /* Equal rows by name, so that they do not change places between samples. Numbers begin with the
     * greatest. */
    return x == y ? names : (x < y ? order->sign : -order->sign);
}

void top_sort(struct top_row *rows, size_t count, enum top_key key, bool reversed) {
    struct order order = {key, reversed ? -1 : 1};
    if (count)
        qsort_r(rows, count, sizeof *rows, compare_rows, &order);
}
