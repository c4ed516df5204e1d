/* Takes samples of all slots and prints them as JSON or as lines. */
#include "view.h"

#include "output/slot_json.h"
#include "output/text_codec.h"
#include "platform/platform.h"
#include "text.h"
#include "json/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_SECOND UINT64_C(1000000000)

uint64_t top_next_ns(uint64_t due_ns, uint64_t interval_ns) {
    /* Samples that were missed, as while the process was stopped, are left out instead of being
     * taken in a burst. */
    uint64_t now = platform_now_ns();
    return due_ns + interval_ns > now ? due_ns + interval_ns : now + interval_ns;
}

/* ---- Looking ---- */

static mailslot_err view_add(void *ctx, const char *name, const mailslot_info *info) {
    char command[TOP_COMMAND_SIZE];
    platform_process_name(info->reader_pid, command, sizeof command);
    top_sample_add(ctx, name, command, info);
    return MAILSLOT_OK;
}

static void add_newest(const struct top_newest *newest, struct top_sample *sample) {
    for (size_t i = 0; i < sample->count; i++)
        sample->slots[i].newest = top_newest_look(newest, sample->slots[i].name);
}

void top_view_sort(struct top_view *view) {
    top_sort(view->rows, view->now.count, view->key, view->reversed);
}

mailslot_err top_view_look(struct top_view *view) {
    struct top_sample sample = {.time_ns = platform_now_ns()};
    mailslot_err err = mailslot_list(view_add, &sample);
    if (err) {
        top_sample_free(&sample);
        return err;
    }
    top_sample_sort(&sample);
    if (view->newest)
        add_newest(view->newest, &sample);
    /* Only once the new sample is complete: after an error the previous ones are still shown. */
    top_sample_free(&view->before);
    view->before = view->now;
    view->now = sample;
    view->taken_ns = platform_real_ns();
    view->rows = memory_resize(view->rows, sample.count * sizeof *view->rows);
    top_rows(view->rows, &view->before, &view->now);
    top_view_sort(view);
    return MAILSLOT_OK;
}

double top_view_seconds(const struct top_view *view) {
    /* The first sample has no predecessor. */
    if (view->before.time_ns == 0)
        return 0;
    return (double)(view->now.time_ns - view->before.time_ns) / (double)NS_PER_SECOND;
}

void top_view_free(struct top_view *view) {
    top_sample_free(&view->before);
    top_sample_free(&view->now);
    free(view->rows);
    *view = (struct top_view){.rows = NULL};
}

/* ---- JSON ---- */

static struct json_object *row_to_json(const struct top_row *row, bool with_newest) {
    const struct top_slot *slot = row->slot;
    mailslot_bytes command = {slot->command, strlen(slot->command)};
    struct json_object *json = slot_json(slot->name, &slot->info);
    bool rates = row->has_rates;
    json_add(json, "command", command.len ? json_text(command) : NULL);
    json_add(json, "messages_in_rate", rates ? json_double(row->messages_in) : NULL);
    json_add(json, "bytes_in_rate", rates ? json_double(row->bytes_in) : NULL);
    json_add(json, "messages_out_rate", rates ? json_double(row->messages_out) : NULL);
    json_add(json, "bytes_out_rate", rates ? json_double(row->bytes_out) : NULL);
    json_add(json, "size_p50", row->has_p50 ? json_made(json_object_new_uint64(row->p50)) : NULL);
    if (with_newest)
        /* A reference more: the sample keeps its own. */
        json_add(json, "newest", json_object_get(slot->newest));
    return json;
}

void top_view_json(struct buffer *out, const struct top_view *view) {
    struct json_object *json = json_made(json_object_new_object());
    struct json_object *slots = json_made(json_object_new_array());
    json_add(json, "time_ns", json_made(json_object_new_uint64(view->taken_ns)));
    json_add(json, "seconds", json_double(top_view_seconds(view)));
    json_add(json, "slots", slots);
    for (size_t i = 0; i < view->now.count; i++)
        json_append(slots, row_to_json(&view->rows[i], view->newest != NULL));
    json_write_line(out, json);
    json_object_put(json);
}

/* ---- Lines ---- */

static const char titles[] = "TIME     WAITING USED%     IN/s   IN B/s    OUT/s  OUT B/s   P50   "
                             "MAX REFUSED  BAD LOST     PID COMMAND         NAME\n";

void top_view_titles(struct buffer *out) { buffer_append_text(out, titles); }

/* A number in a column of its width, without decimals; "-" if unknown. */
static void append_number(struct buffer *out, int width, bool known, double number) {
    char text[400]; /* room for DBL_MAX */
    snprintf(text, sizeof text, " %*.*f", width, 0, number);
    if (!known)
        snprintf(text, sizeof text, " %*s", width, "-");
    buffer_append_text(out, text);
}

/* A command can have spaces, which would look like the end of its column. */
static void append_command(struct buffer *out, const char *command) {
    char text[TOP_COMMAND_SIZE + 16];
    snprintf(text, sizeof text, " %-15s", *command ? command : "-");
    size_t len = *command ? strlen(command) : 1;
    for (char *at = text + 1; at < text + 1 + len; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7F)
            *at = '_';
    buffer_append_text(out, text);
}

static void append_line(struct buffer *out, const char *time, const struct top_row *row) {
    const mailslot_info *info = &row->slot->info;
    char text[96];
    buffer_append_text(out, time);
    snprintf(text, sizeof text, " %7zu %5.1f", info->count, 100 * top_used(row->slot));
    buffer_append_text(out, text);
    append_number(out, 8, row->has_rates, row->messages_in);
    append_number(out, 8, row->has_rates, row->bytes_in);
    append_number(out, 8, row->has_rates, row->messages_out);
    append_number(out, 8, row->has_rates, row->bytes_out);
    append_number(out, 5, row->has_p50, (double)row->p50);
    append_number(out, 5, info->messages_in > 0, (double)info->largest);
    snprintf(text, sizeof text, " %7" PRIu64 " %4" PRIu64 " %4" PRIu64 " %7" PRId64, info->refused,
             info->bad_messages, info->lost, info->reader_pid);
    buffer_append_text(out, text);
    append_command(out, row->slot->command);
    buffer_append_text(out, " ");
    char name[TOP_MARKED_NAME_SIZE];
    buffer_append_text(out, top_marked_name(name, row->slot->name, &row->slot->info));
    buffer_append_text(out, "\n");
}

void top_view_lines(struct buffer *out, const struct top_view *view) {
    char text[sizeof "hh:mm:ss"] = "--:--:--";
    time_t seconds = (time_t)(view->taken_ns / NS_PER_SECOND);
    struct tm local;
    if (localtime_r(&seconds, &local))
        strftime(text, sizeof text, "%H:%M:%S", &local);
    for (size_t i = 0; i < view->now.count; i++)
        append_line(out, text, &view->rows[i]);
}
