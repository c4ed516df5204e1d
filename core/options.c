/* Checks the structs that grow by version (options, host, info) and fills in defaults. Callers
 * set `size` to sizeof the struct of the header that they were compiled with. */
#include "options.h"
#include "error.h"

#include <string.h>

/* The default holds 100,000 messages of 64 bytes with their headers (S15). */
#define DEFAULT_CAPACITY ((size_t)16 << 20)
#define MIN_CAPACITY     ((size_t)4 << 10)
#define MAX_CAPACITY     ((uint64_t)8 << 30)

mailslot_err msi_timeout_check(const char *what, int timeout_ms) {
    if (timeout_ms < MAILSLOT_FOREVER)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "%s is %d ms, must be at least 0, or MAILSLOT_FOREVER", what,
                             timeout_ms);
    return MAILSLOT_OK;
}

bool msi_capacity_is_valid(uint64_t capacity) {
    return capacity >= MIN_CAPACITY && capacity <= MAX_CAPACITY;
}

static mailslot_err options_check_codec(const mailslot_codec *codec) {
    if (!codec)
        return MAILSLOT_OK;
    if (codec->size < sizeof *codec)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "codec has size %zu, must be at least %zu",
                             codec->size, sizeof *codec);
    if (!codec->name || !codec->encode || !codec->decode)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "codec lacks a name, encode or decode");
    return MAILSLOT_OK;
}

/* As unsigned, a negative value is too large as well: one comparison checks both ends. */
static mailslot_err options_check_ranges(const mailslot_options *o) {
    if ((unsigned)o->direction > MAILSLOT_WRITE)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "no such direction: %d", (int)o->direction);
    if ((unsigned)o->access > MAILSLOT_ACCESS_EVERYONE)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "no such access: %d", (int)o->access);
    if ((unsigned)o->bad_messages > MAILSLOT_BAD_REPORT)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "no such bad_messages: %d",
                             (int)o->bad_messages);
    if (o->capacity && !msi_capacity_is_valid(o->capacity))
        return mailslot_fail(MAILSLOT_ERR_INVALID, "capacity is %zu bytes, must be %zu to %llu",
                             o->capacity, MIN_CAPACITY, (unsigned long long)MAX_CAPACITY);
    mailslot_err err = msi_timeout_check("timeout", o->timeout_ms);
    return err ? err : msi_timeout_check("put timeout", o->put_timeout_ms);
}

/* A program compiled against a newer header may set members that this library does not know: that
 * must not pass silently, but members left at zero are no request. */
static mailslot_err options_refuse_unknown(const void *given, size_t known, size_t size,
                                           const char *what) {
    const unsigned char *bytes = given;
    for (size_t i = known; i < size; i++)
        if (bytes[i])
            return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                                 "%s set a member that this library does not know", what);
    return MAILSLOT_OK;
}

/* The first version ended where bad_messages is now: its programs get the default of that. */
static mailslot_err options_copy_known(mailslot_options *out, const mailslot_options *given) {
    const size_t first = offsetof(mailslot_options, bad_messages);
    if (given->size != first && given->size < sizeof *out)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "options have size %zu: start from MAILSLOT_OPTIONS_INIT",
                             given->size);
    memcpy(out, given, given->size == first ? first : sizeof *out);
    return options_refuse_unknown(given, sizeof *out, given->size, "options");
}

mailslot_err msi_options_read(mailslot_options *out, const mailslot_options *given) {
    *out = (mailslot_options)MAILSLOT_OPTIONS_INIT;
    mailslot_err err = given ? options_copy_known(out, given) : MAILSLOT_OK;
    if (!err)
        err = options_check_ranges(out);
    if (!err)
        err = options_check_codec(out->codec);
    if (err)
        return err;
    if (!out->codec)
        out->codec = mailslot_codec_default();
    if (!out->capacity)
        out->capacity = DEFAULT_CAPACITY;
    return MAILSLOT_OK;
}

mailslot_err msi_host_read(mailslot_host *out, const mailslot_host *given) {
    *out = (mailslot_host)MAILSLOT_HOST_INIT;
    if (!given)
        return MAILSLOT_OK;
    if (given->size < sizeof *out)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "host has size %zu: start from MAILSLOT_HOST_INIT", given->size);
    *out = *given;
    if ((unsigned)out->sender > MAILSLOT_SENDER_LIBRARY)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "no such sender: %d", (int)out->sender);
    return options_refuse_unknown(given, sizeof *out, given->size, "host");
}

mailslot_err msi_info_check(const mailslot_info *info) {
    if (!info)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "info is NULL");
    if (info->size < offsetof(mailslot_info, messages_in)) /* what it had from the beginning */
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "info has size %zu: start from MAILSLOT_INFO_INIT", info->size);
    return MAILSLOT_OK;
}

/* Members that the caller's newer header has and this library does not know become 0. */
void msi_info_copy(mailslot_info *to, const mailslot_info *from) {
    size_t size = to->size;
    memset(to, 0, size);
    memcpy(to, from, size < sizeof *from ? size : sizeof *from);
    to->size = size;
}
