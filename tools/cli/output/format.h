/* The formats in which listen and cat print a message. */
#ifndef CLI_FORMAT_H
#define CLI_FORMAT_H

#include "base/buffer.h"
#include "text_codec.h"

enum format {
    FORMAT_TEXT,  /* the bytes and a newline; escaped on a terminal, by output_message() */
    FORMAT_RAW,   /* the bytes and nothing else */
    FORMAT_HEX,   /* two lower-case digits for each byte, and a newline */
    FORMAT_JSON,  /* a line of JSON */
    FORMAT_LINE,  /* event_append_line() */
    FORMAT_META,  /* a line of JSON with size, time and origin around the value */
    FORMAT_COLOR, /* as FORMAT_LINE, in color */
};

/** Finds the format that --format calls name; "meta" and "color" have options of their own. False
 * if there is none. */
bool format_by_name(const char *name, enum format *format);

/** Appends a decoded message in a format. BAD_MESSAGE: its value cannot be shown as JSON; nothing
 * is appended. */
MAILSLOT_MUST_USE mailslot_err format_message(struct buffer *out, enum format format,
                                              const struct text_codec *text_codec,
                                              const mailslot_record *record);

/** Appends the FORMAT_META line of a message that failed to decode with err. */
void format_undecodable(struct buffer *out, const mailslot_record *record, mailslot_err err);

#endif
