/* Prints messages, live or recorded, in the format that the options choose. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "format.h"

/** Takes the format from --format and --meta. Without them, and for line where a codec has no line,
 *  it is json for a codec whose texts are JSON and text for others. Reports a combination that
 * makes no sense. */
enum status output_choose_format(const struct verb *verb, const struct option *format_option,
                                 const struct option *meta_option,
                                 const struct text_codec *text_codec, enum format *format);

/** When lines are colored. */
enum output_color { OUTPUT_COLOR_ALWAYS, OUTPUT_COLOR_AUTO, OUTPUT_COLOR_NEVER };

/** Changes FORMAT_LINE to FORMAT_COLOR if colors are wanted; with OUTPUT_COLOR_AUTO, if standard
 * output is a terminal with colors and NO_COLOR is unset or empty. */
void output_use_color(enum output_color when, enum format *format);

/** Whether decoding a message that was taken failed with err. */
bool output_is_undecodable(mailslot_err err);

/** Appends a message of the slot called name. err is the result of decoding it; a message that does
 * not decode is reported on standard error or, with --meta, appended as a line like the others. On
 * a terminal, control characters are escaped in every format but FORMAT_RAW. */
void output_message(struct buffer *out, enum format format, const struct text_codec *text_codec,
                    const char *name, const mailslot_record *record, mailslot_err err);

/** Writes the output to standard output and empties it. *end is set if nothing more can be written;
 * a closed pipe is no failure. */
enum status output_flush(struct buffer *out, bool *end);

#endif
