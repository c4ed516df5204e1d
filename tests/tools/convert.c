/*
 * What the tool does with values, without the tool: line by line, a message in hex comes out as
 * JSON, a JSON value as a message in hex, or a message in hex as it is put again, each by way of a
 * mailslot. Each line is answered before the next is read. What fails comes out as "error NAME
 * detail". Schemas are loaded as by --schema; then nothing is compiled in.
 *
 * Usage: convert SPEC to-json|from-json|again [SCHEMA...]
 */
#include "base/buffer.h"
#include "base/input.h"
#include "output/text_codec.h"

#include "json/text.h"

#include <mailslot/protobuf.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "all_types.pb-c.h"
#include "old_types.pb-c.h"

struct converter {
    mailslot *reader, *writer;
    mailslot_record *record;
    struct text_codec text_codec;
};

static int fail(const char *what) {
    fprintf(stderr, "convert: %s: %s\n", what, mailslot_detail());
    return 1;
}

static void print_error(mailslot_err err) {
    printf("error %s %s\n", mailslot_errname(err), mailslot_detail());
}

/* ---- Both directions ---- */

static mailslot_err put_hex(struct converter *converter, const char *hex, size_t len) {
    unsigned char *bytes = memory_resize(NULL, len / 2);
    for (size_t i = 0; i < len / 2; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    mailslot_err err = mailslot_put_bytes(converter->writer, bytes, len / 2);
    free(bytes);
    return err;
}

static void to_json(struct converter *converter, const char *text, size_t len) {
    struct json_object *json = NULL;
    struct buffer out = {0};
    mailslot_err err = put_hex(converter, text, len);
    if (!err)
        err = mailslot_get_nowait(converter->reader, converter->record);
    if (!err)
        err = text_codec_to_json(&converter->text_codec, converter->record, &json);
    if (err) {
        print_error(err);
        return;
    }
    json_write(&out, json);
    printf("%.*s\n", (int)out.len, out.data);
    json_object_put(json);
    buffer_free(&out);
}

static void print_record(const struct converter *converter) {
    mailslot_bytes bytes = mailslot_record_bytes(converter->record);
    for (size_t i = 0; i < bytes.len; i++)
        printf("%02x", ((const unsigned char *)bytes.data)[i]);
    printf("\n");
}

static void again(struct converter *converter, const char *text, size_t len) {
    mailslot_err err = put_hex(converter, text, len);
    if (!err)
        err = mailslot_get_nowait(converter->reader, converter->record);
    if (!err)
        err = mailslot_put(converter->writer, mailslot_record_value(converter->record));
    if (!err)
        err = mailslot_get_nowait(converter->reader, converter->record);
    if (err)
        print_error(err);
    else
        print_record(converter);
}

static void from_json(struct converter *converter, const char *text, size_t len) {
    mailslot_err err = text_codec_put(&converter->text_codec, converter->writer, text, len);
    if (!err)
        err = mailslot_get_nowait(converter->reader, converter->record);
    if (err) {
        print_error(err);
        return;
    }
    print_record(converter);
}

static int convert_lines(struct converter *converter, const char *direction) {
    void (*convert_line)(struct converter *, const char *, size_t) =
        strcmp(direction, "to-json") == 0 ? to_json
        : strcmp(direction, "again") == 0 ? again
                                          : from_json;
    struct lines lines = {.fd = STDIN_FILENO};
    const char *text;
    size_t len;
    while (lines_next(&lines, &text, &len) == LINE_READ)
        convert_line(converter, text, len);
    buffer_free(&lines.buffer);
    return 0;
}

/* ---- Setting up ---- */

static mailslot_err add_compiled(mailslot_registry *registry) {
    mailslot_err err = mailslot_registry_add_protobuf(registry, &all__types__descriptor);
    if (!err)
        err = mailslot_registry_add_protobuf(registry, &all__node__descriptor);
    if (!err)
        err = mailslot_registry_add_protobuf(registry, &old__record__descriptor);
    return err;
}

static int convert(const mailslot_registry *registry, const mailslot_codec *codec,
                   const char *direction) {
    struct converter converter = {.text_codec = text_codec_of(registry, codec)};
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = codec;
    options.direction = MAILSLOT_READ;
    options.bad_messages = MAILSLOT_BAD_REPORT;
    mailslot_err err = mailslot_record_new(&converter.record);
    if (!err)
        err = mailslot_open(&converter.reader, "convert", &options);
    options.direction = MAILSLOT_WRITE;
    if (!err)
        err = mailslot_open(&converter.writer, "convert", &options);
    int status = err ? fail("open") : convert_lines(&converter, direction);
    mailslot_close(converter.writer);
    mailslot_close(converter.reader);
    mailslot_record_free(converter.record);
    return status;
}

int main(int argc, char **argv) {
    if (argc < 3 || argc > 3 + OPTION_LIST_MAX) {
        fputs("usage: convert SPEC to-json|from-json|again [SCHEMA...]\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* a line in, a line out, also through pipes */
    struct text_list schemas = {.count = (size_t)argc - 3};
    memcpy(schemas.items, argv + 3, schemas.count * sizeof *argv);
    mailslot_registry *registry = NULL;
    const mailslot_codec *codec;
    int status = text_codec_registry(&schemas, &registry);
    if (status)
        return status;
    mailslot_err err = argc > 3 ? MAILSLOT_OK : add_compiled(registry);
    if (!err)
        err = mailslot_registry_find(registry, argv[1], &codec);
    status = err ? fail("registry") : convert(registry, codec, argv[2]);
    mailslot_registry_free(registry);
    return status;
}
