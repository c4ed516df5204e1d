/*
 * The codecs text, utf8 and bytes. text is the library's default codec; utf8 differs from it in
 * that both ends check the text.
 */
#include "text_prefix.h"

#include <mailslot/text.h>

#include <string.h>

const mailslot_codec *mailslot_codec_text(void) { return mailslot_codec_default(); }

/* ---- utf8 ---- */

/* text[good] exists even if all of text is good: a NUL follows. */
static mailslot_err utf8_check(mailslot_err err, const unsigned char *text, size_t len) {
    size_t good = msi_text_prefix(text, len);
    if (good == len)
        return MAILSLOT_OK;
    return mailslot_fail(err, "%s at offset %zu: byte 0x%02x",
                         text[good] ? "not UTF-8" : "a NUL, which utf8 does not allow,", good,
                         text[good]);
}

static mailslot_err utf8_encode(const mailslot_codec *codec, const void *value,
                                mailslot_sink *sink) {
    (void)codec;
    size_t len = strlen(value);
    mailslot_err err = utf8_check(MAILSLOT_ERR_BAD_VALUE, value, len);
    return err ? err : mailslot_sink_write(sink, value, len);
}

/* No copy: the library appends a NUL to every message it decodes, so the bytes are a C string. */
static mailslot_err utf8_decode(const mailslot_codec *codec, mailslot_scratch *scratch,
                                mailslot_bytes bytes, const void **value) {
    (void)codec;
    (void)scratch;
    *value = bytes.data;
    return utf8_check(MAILSLOT_ERR_BAD_MESSAGE, bytes.data, bytes.len);
}

const mailslot_codec *mailslot_codec_utf8(void) {
    static const mailslot_codec utf8 = {sizeof utf8, "utf8", NULL, utf8_encode, utf8_decode};
    return &utf8;
}

/* ---- bytes ---- */

static mailslot_err bytes_encode(const mailslot_codec *codec, const void *value,
                                 mailslot_sink *sink) {
    (void)codec;
    const mailslot_bytes *bytes = value;
    if (bytes->len && !bytes->data)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "data is NULL, but len is %zu", bytes->len);
    return mailslot_sink_write(sink, bytes->data, bytes->len);
}

static mailslot_err bytes_decode(const mailslot_codec *codec, mailslot_scratch *scratch,
                                 mailslot_bytes bytes, const void **value) {
    (void)codec;
    mailslot_bytes *copy = mailslot_scratch_alloc(scratch, sizeof *copy);
    if (!copy)
        return mailslot_scratch_error(scratch);
    *copy = bytes;
    *value = copy;
    return MAILSLOT_OK;
}

const mailslot_codec *mailslot_codec_bytes(void) {
    static const mailslot_codec bytes = {sizeof bytes, "bytes", NULL, bytes_encode, bytes_decode};
    return &bytes;
}
