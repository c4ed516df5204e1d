/* Options that several verbs have: each is written once. A verb's table takes one by its macro; of
 * those with a parameter, that is the part of the help that differs. */
#ifndef CLI_SHARED_OPTIONS_H
#define CLI_SHARED_OPTIONS_H

#include "base/verb.h"

#include <limits.h>

/** The severities of an event, least severe first. */
extern const struct verb_word severity_words[];

/** The formats in which messages are printed. */
extern const struct verb_word format_words[];

/** --codec, at most once. */
#define SHARED_CODEC(help_text)                                                                    \
    {                                                                                              \
        .name = "--codec", .kind = OPTION_TEXT, .argument = "SPEC", .completion = COMPLETE_CODEC,  \
        .help = help_text                                                                          \
    }

/** --codec [NAME=]SPEC, for each slot. */
#define SHARED_CODECS(help_text, detail_text)                                                      \
    {                                                                                              \
        .name = "--codec", .kind = OPTION_LIST, .argument = "[NAME=]SPEC",                         \
        .completion = COMPLETE_CODEC, .help = help_text, .detail = detail_text                     \
    }

#define SHARED_SCHEMA(help_text)                                                                   \
    {                                                                                              \
        .name = "--schema", .kind = OPTION_LIST, .argument = "FILE",                               \
        .completion = COMPLETE_SCHEMA, .help = help_text                                           \
    }

/** The usual help of --schema. */
#define SCHEMA_HELP                                                                                \
    "load the message types of FILE, a .proto file or descriptor set, so that SPEC can name them;" \
    " repeatable"

/** --max, up to a limit of the verb's. */
#define SHARED_MAX(limit)                                                                          \
    {                                                                                              \
        .name = "--max", .kind = OPTION_NUMBER, .argument = "SIZE", .max = (limit),                \
        .help = "refuse messages of more than SIZE bytes; 0 means the usual limit, 65535 bytes"    \
    }

#define SHARED_PUT_TIMEOUT(preset)                                                                 \
    {                                                                                              \
        .name = "--put-timeout", .kind = OPTION_NUMBER, .argument = "MS", .min = -1,               \
        .max = INT_MAX, .initial = (preset),                                                       \
        .help = "wait at most MS milliseconds for room in a full mailslot; -1 waits forever"       \
    }

#define SHARED_FORMAT(help_text, detail_text)                                                      \
    {                                                                                              \
        .name = "--format", .kind = OPTION_TEXT, .argument = "FORMAT",                             \
        .completion = COMPLETE_WORDS, .words = format_words, .help = help_text,                    \
        .detail = detail_text                                                                      \
    }

#define SHARED_META                                                                                \
    {                                                                                              \
        .name = "--meta", .help = "print each message as one line of JSON that also holds its "    \
                                  "origin and time of arrival"                                     \
    }

/** Options that select recorded messages. */
#define SHARED_SLOT                                                                                \
    {                                                                                              \
        .name = "--slot", .kind = OPTION_LIST, .argument = "NAME", .completion = COMPLETE_SLOT,    \
        .help = "select only messages of this mailslot; repeatable"                                \
    }

#define SHARED_FROM                                                                                \
    {                                                                                              \
        .name = "--from", .kind = OPTION_TEXT, .argument = "TIME",                                 \
        .help = "select only messages that arrived at TIME or later"                               \
    }

#define SHARED_UNTIL                                                                               \
    {                                                                                              \
        .name = "--until", .kind = OPTION_TEXT, .argument = "TIME",                                \
        .help = "select only messages that arrived before TIME"                                    \
    }

/** What TIME is, for notes. */
#define SHARED_TIME_NOTE                                                                           \
    "TIME is a time by RFC 3339, such as 2026-11-22T18:30:00Z or 2026-11-22T19:30:00.25+01:00, "   \
    "or a duration since the first message: a number of seconds, or one followed by ns, us, ms, "  \
    "s, m, h or d. Plain numbers from 1000000000 on are seconds since 1970, as date +%s prints "   \
    "them; those of 18 digits or more are nanoseconds, as time_ns of --meta is."

#endif
