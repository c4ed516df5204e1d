/*
 * What the helpers of the Python tests have in common: requests are lines on standard input, each
 * answered by one line, `ok ...` or `err NAME detail`. Bytes are hexadecimal; `-` is no bytes.
 */
#ifndef MAILSLOT_TEST_LINES_H
#define MAILSLOT_TEST_LINES_H

#include <mailslot/mailslot.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *need(void *memory) {
    if (!memory) {
        fputs("no memory\n", stderr);
        exit(1);
    }
    return memory;
}

/** Ends the helper if a call that has to work did not. */
static inline void must(mailslot_err err) {
    if (err) {
        fprintf(stderr, "%s: %s\n", mailslot_errname(err), mailslot_detail());
        exit(1);
    }
}

static inline void answer_err(mailslot_err err) {
    printf("err %s %s\n", mailslot_errname(err), mailslot_detail());
}

static inline void print_hex(const void *data, size_t len) {
    const unsigned char *p = data;
    if (len == 0)
        putchar('-');
    for (size_t i = 0; i < len; i++)
        printf("%02x", p[i]);
}

static inline int hex_digit(char c) {
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/** Reads hexadecimal into bytes that the caller frees; ends the helper if it is none. */
static inline unsigned char *read_hex(const char *hex, size_t *len) {
    *len = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
    unsigned char *bytes = need(malloc(*len + 1));
    for (size_t i = 0; i < *len; i++) {
        int high = hex_digit(hex[2 * i]);
        int low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            fprintf(stderr, "not hexadecimal: %.40s\n", hex);
            exit(1);
        }
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return bytes;
}

/** Calls handle with each line's first word and the rest, until the input ends. */
static inline void each_line(void (*handle)(void *ctx, const char *word, char *rest), void *ctx) {
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    while ((len = getline(&line, &size, stdin)) > 0) {
        line[len - 1] = '\0';
        char *space = strchr(line, ' ');
        if (space)
            *space = '\0';
        handle(ctx, line, space ? space + 1 : line + len - 1);
        fflush(stdout);
    }
    free(line);
}

/** One slot, both ends, for messages of any size that the tests use. */
struct link {
    mailslot *reader, *writer;
    mailslot_record *record;
};

static inline mailslot *link_end(const mailslot_codec *codec, mailslot_direction direction) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = codec;
    options.direction = direction;
    options.max_message = 1024 * 1024;
    options.bad_messages = MAILSLOT_BAD_REPORT;
    mailslot *slot = NULL;
    must(mailslot_open(&slot, "interop", &options));
    return slot;
}

static inline void link_open(struct link *link, const mailslot_codec *codec) {
    link->reader = link_end(codec, MAILSLOT_READ);
    link->writer = link_end(codec, MAILSLOT_WRITE);
    must(mailslot_record_new(&link->record));
}

static inline void link_close(struct link *link) {
    mailslot_record_free(link->record);
    mailslot_close(link->writer);
    mailslot_close(link->reader);
}

static inline mailslot_err link_receive(struct link *link, const char *hex) {
    size_t len;
    unsigned char *bytes = read_hex(hex, &len);
    must(mailslot_put_bytes(link->writer, bytes, len));
    free(bytes);
    return mailslot_get_nowait(link->reader, link->record);
}

/** Prints the bytes of the message that waits. */
static inline void link_print_next(struct link *link) {
    mailslot_record *raw = NULL;
    must(mailslot_record_new(&raw));
    must(mailslot_get_nowait(link->reader, raw));
    mailslot_bytes bytes = mailslot_record_bytes(raw);
    print_hex(bytes.data, bytes.len);
    mailslot_record_free(raw);
}

#endif
