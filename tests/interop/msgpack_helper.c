/*
 * What the library makes of MessagePack, for msgpack_test.py.
 *
 *     decode HEX         ->  ok HEX TOKENS   the message as put again, and what it means
 *     encode TOKENS      ->  ok HEX          the message that mailslot_put_msgpack() makes
 *
 * Tokens are a value in prefix notation: n, t, f; u and i with a decimal number; g and d with a
 * float's and a double's bits; s and b with a str's and a bin's bytes; eTYPE: with an ext's bytes;
 * aN and mN before N elements or pairs.
 */
#include "lines.h"

#include <mailslot/msgpack.h>

#include <inttypes.h>

/* ---- Value to tokens ---- */

static void print_float(const msgpack_object *object) {
    float narrow = (float)object->via.f64;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    printf(" g%08" PRIx32, bits);
}

static void print_double(const msgpack_object *object) {
    uint64_t bits;
    memcpy(&bits, &object->via.f64, sizeof bits);
    printf(" d%016" PRIx64, bits);
}

static void print_value(const msgpack_object *object);

static void print_array(const msgpack_object_array *array) {
    printf(" a%" PRIu32, array->size);
    for (uint32_t i = 0; i < array->size; i++)
        print_value(&array->ptr[i]);
}

static void print_map(const msgpack_object_map *map) {
    printf(" m%" PRIu32, map->size);
    for (uint32_t i = 0; i < map->size; i++) {
        print_value(&map->ptr[i].key);
        print_value(&map->ptr[i].val);
    }
}

static void print_body(const char *token, const char *data, size_t len) {
    printf(" %s", token);
    print_hex(data, len);
}

static void print_value(const msgpack_object *object) {
    char ext[16];
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        printf(" n");
        break;
    case MSGPACK_OBJECT_BOOLEAN:
        printf(object->via.boolean ? " t" : " f");
        break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        printf(" u%" PRIu64, object->via.u64);
        break;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        printf(" i%" PRId64, object->via.i64);
        break;
    case MSGPACK_OBJECT_FLOAT32:
        print_float(object);
        break;
    case MSGPACK_OBJECT_FLOAT64:
        print_double(object);
        break;
    case MSGPACK_OBJECT_STR:
        print_body("s", object->via.str.ptr, object->via.str.size);
        break;
    case MSGPACK_OBJECT_BIN:
        print_body("b", object->via.bin.ptr, object->via.bin.size);
        break;
    case MSGPACK_OBJECT_EXT:
        snprintf(ext, sizeof ext, "e%d:", object->via.ext.type);
        print_body(ext, object->via.ext.ptr, object->via.ext.size);
        break;
    case MSGPACK_OBJECT_ARRAY:
        print_array(&object->via.array);
        break;
    case MSGPACK_OBJECT_MAP:
        print_map(&object->via.map);
        break;
    }
}

/* ---- Tokens to value ---- */

static int pack_float(msgpack_packer *packer, const char *hex) {
    uint32_t bits = (uint32_t)strtoul(hex, NULL, 16);
    float number;
    memcpy(&number, &bits, sizeof number);
    return msgpack_pack_float(packer, number);
}

static int pack_double(msgpack_packer *packer, const char *hex) {
    uint64_t bits = strtoull(hex, NULL, 16);
    double number;
    memcpy(&number, &bits, sizeof number);
    return msgpack_pack_double(packer, number);
}

static int pack_body(msgpack_packer *packer, const char *token) {
    const char *colon = strchr(token, ':');
    size_t len;
    unsigned char *bytes = read_hex(colon ? colon + 1 : token + 1, &len);
    int result;
    if (*token == 's')
        result = msgpack_pack_str(packer, len) || msgpack_pack_str_body(packer, bytes, len);
    else if (*token == 'b')
        result = msgpack_pack_bin(packer, len) || msgpack_pack_bin_body(packer, bytes, len);
    else
        result = msgpack_pack_ext(packer, len, (int8_t)atoi(token + 1)) ||
                 msgpack_pack_ext_body(packer, bytes, len);
    free(bytes);
    return result;
}

static int pack_token(msgpack_packer *packer, const char *token) {
    switch (*token) {
    case 'n':
        return msgpack_pack_nil(packer);
    case 't':
        return msgpack_pack_true(packer);
    case 'f':
        return msgpack_pack_false(packer);
    case 'u':
        return msgpack_pack_uint64(packer, strtoull(token + 1, NULL, 10));
    case 'i':
        return msgpack_pack_int64(packer, strtoll(token + 1, NULL, 10));
    case 'g':
        return pack_float(packer, token + 1);
    case 'd':
        return pack_double(packer, token + 1);
    case 'a':
        return msgpack_pack_array(packer, strtoul(token + 1, NULL, 10));
    case 'm':
        return msgpack_pack_map(packer, strtoul(token + 1, NULL, 10));
    default:
        return pack_body(packer, token);
    }
}

static int pack_tokens(msgpack_packer *packer, void *ctx) {
    int result = 0;
    char *rest = NULL;
    for (char *token = strtok_r(ctx, " ", &rest); token && !result;
         token = strtok_r(NULL, " ", &rest))
        result = pack_token(packer, token);
    return result;
}

/* ---- Requests ---- */

static void decode(struct link *link, const char *hex) {
    mailslot_err err = link_receive(link, hex);
    if (err) {
        answer_err(err);
        return;
    }
    must(mailslot_put(link->writer, mailslot_record_value(link->record)));
    printf("ok ");
    link_print_next(link);
    print_value(mailslot_record_value(link->record));
    putchar('\n');
}

static void encode(struct link *link, char *tokens) {
    mailslot_err err = mailslot_put_msgpack(link->writer, pack_tokens, tokens);
    if (err) {
        answer_err(err);
        return;
    }
    printf("ok ");
    link_print_next(link);
    putchar('\n');
}

static void handle(void *ctx, const char *word, char *rest) {
    if (strcmp(word, "decode") == 0)
        decode(ctx, rest);
    else
        encode(ctx, rest);
}

int main(void) {
    struct link link;
    link_open(&link, mailslot_codec_msgpack());
    each_line(handle, &link);
    link_close(&link);
}
