/* Chooses the format, appends messages in it, and writes what was appended. */
#include "output.h"

#include "base/utf8.h"
#include "platform/platform.h"

#include <mailslot/codec.h>

#include <errno.h>
#include <string.h>

enum status output_choose_format(const struct verb *verb, const struct option *format_option,
                                 const struct option *meta_option,
                                 const struct text_codec *text_codec, enum format *format) {
    /* A codec whose values are JSON has no other readable form. */
    enum format usual = text_codec_is_json(text_codec) ? FORMAT_JSON : FORMAT_TEXT;
    *format = usual;
    if (format_option->given && !format_by_name(format_option->text, format))
        return report_usage(
            verb->name,
            "option --format: invalid value \"%.100s\"; valid are: text, raw, hex, json, line",
            format_option->text);
    if (meta_option->given && format_option->given && *format != FORMAT_JSON)
        return report_usage(verb->name,
                            "--meta prints JSON and cannot be combined with --format %s",
                            format_option->text);
    if (meta_option->given)
        *format = FORMAT_META;
    /* Not an error: cat prints slots of several codecs with one --format. */
    if (*format == FORMAT_LINE && !text_codec_is_event(text_codec))
        *format = usual;
    return STATUS_DONE;
}

/* By https://no-color.org, NO_COLOR turns colors off, but an option on the command line overrides
 * it. */
void output_use_color(enum output_color when, enum format *format) {
    if (*format != FORMAT_LINE || when == OUTPUT_COLOR_NEVER)
        return;
    const char *unwanted = platform_variable("NO_COLOR");
    bool fits = platform_output_colors() && (!unwanted || !*unwanted);
    if (fits || when == OUTPUT_COLOR_ALWAYS)
        *format = FORMAT_COLOR;
}

bool output_is_undecodable(mailslot_err err) {
    return err == MAILSLOT_ERR_BAD_MESSAGE || err == MAILSLOT_ERR_TOO_COMPLEX;
}

void output_message(struct buffer *out, enum format format, const struct text_codec *text_codec,
                    const char *name, const mailslot_record *record, mailslot_err err) {
    size_t before = out->len;
    if (!err) {
        err = format_message(out, format, text_codec, record);
        if (err)
            mailslot_fail(err, "%s: %s", name, mailslot_detail());
    }
    /* The other formats contain no control characters, except raw, whose user wants the bytes as
     * they are. */
    if (!err && format == FORMAT_TEXT && platform_output_is_terminal())
        utf8_escape_text(out, before);
    if (err && format == FORMAT_META)
        format_undecodable(out, record, err);
    else if (err)
        report_failure(err);
}

enum status output_flush(struct buffer *out, bool *end) {
    int failure = output_write(out->data, out->len);
    /* Dropped even on failure: after an error nothing more is written. */
    out->len = 0;
    *end = failure != 0;
    /* A closed pipe is how head(1) ends its producer; it is no failure. */
    if (failure == 0 || failure == EPIPE)
        return STATUS_DONE;
    return report_error(STATUS_ERROR, "cannot write to standard output: %s", strerror(failure));
}
