/* The words that options of several verbs take. */
#include "shared_options.h"

const struct verb_word severity_words[] = {{"debug", NULL},   {"info", NULL},  {"notice", NULL},
                                           {"warning", NULL}, {"error", NULL}, {"critical", NULL},
                                           {NULL, NULL}};

const struct verb_word format_words[] = {
    {"text", "the bytes of the message, then a newline"},
    {"raw", "the bytes of the message and nothing else"},
    {"hex", "the bytes in lower-case hexadecimal, then a newline"},
    {"json", "the value as one line of JSON; bytes that are not UTF-8 are "
             "{\"$bin\":\"<base64>\"}, see 'mailslot codecs --help'"},
    {"line", "a trace.Event as one readable line; other messages as by default"},
    {NULL, NULL},
};
