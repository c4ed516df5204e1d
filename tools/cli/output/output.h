/* Showing messages, live ones and recorded ones alike. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "format.h"

/** What --format and --meta say of a codec whose form that is: json is the default for those that
 *  are JSON, text for others; so is what line means for those that have no line. Reports what makes
 *  no sense. */
enum status show_format(const struct verb *verb, const struct option *format_option,
                        const struct option *meta_option, const struct form *form,
                        enum format *format);

/** The words of --color. */
enum show_color { SHOW_COLOR_ALWAYS, SHOW_COLOR_AUTO, SHOW_COLOR_NEVER };
extern const char *const show_colors[];

/** Makes the format FORMAT_COLOR if it is FORMAT_LINE and that is wanted: with SHOW_COLOR_AUTO, if
 *  standard output is a terminal that has colors, and NO_COLOR is not set or empty. */
void show_in_color(enum show_color when, enum format *format);

/** Whether decoding a message that was taken failed with err. */
bool show_is_undecodable(mailslot_err err);

/** Appends what is to be printed of a message of the slot called name. err is what came of decoding
 *  it; one that does not decode is reported or, with --meta, a line like the others. */
void show_message(struct buffer *out, enum format format, const struct form *form, const char *name,
                  const mailslot_record *record, mailslot_err err);

/** Writes what was appended to standard output and forgets it. *end: it takes no more; a closed
 *  pipe is no failure. */
enum status show_flush(struct buffer *out, bool *end);

#endif
