/* Records: the memory of one message, its origin and its decoded value. */
#include "record.h"
#include "error.h"
#include "unwind.h"

#include <stdlib.h>
#include <string.h>

/* The first buffer holds any message between computers (424 bytes, [MS-MAIL] 2.1), so that most
 * records allocate once: 512 bytes with the NUL. The default budget bounds the memory that a
 * small hostile message can make a codec allocate. */
enum { FIRST_CAPACITY = 511, LEAST_BUDGET = 64 * 1024, BUDGET_PER_BYTE = 64 };

mailslot_err mailslot_record_new(mailslot_record **record) {
    if (!record)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "record is NULL");
    *record = calloc(1, sizeof **record);
    if (!*record)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a record");
    mailslot_err err = msi_record_make_room(*record, FIRST_CAPACITY);
    if (err) {
        mailslot_record_free(*record);
        *record = NULL;
        return err;
    }
    msi_record_clear(*record);
    return MAILSLOT_OK;
}

void mailslot_record_free(mailslot_record *record) {
    if (!record)
        return;
    msi_scratch_free(&record->scratch);
    free(record->data);
    free(record);
}

const void *mailslot_record_value(const mailslot_record *record) {
    return record ? record->value : NULL;
}

mailslot_bytes mailslot_record_bytes(const mailslot_record *record) {
    return record ? (mailslot_bytes){record->data, record->len} : (mailslot_bytes){"", 0};
}

static const mailslot_origin no_origin = {false, ".", "", 0, -1, -1};

const mailslot_origin *mailslot_record_origin(const mailslot_record *record) {
    return record ? &record->origin : &no_origin;
}

/* data always ends with a NUL: an empty record is a valid C string, too. */
void msi_record_clear(mailslot_record *record) {
    record->len = 0;
    record->data[0] = 0;
    record->value = NULL;
    record->origin = no_origin;
}

/* Not realloc(), which would copy bytes that are about to be overwritten. */
mailslot_err msi_record_make_room(mailslot_record *record, size_t len) {
    if (record->data && len <= record->capacity)
        return MAILSLOT_OK;
    unsigned char *data = len < SIZE_MAX ? malloc(len + 1) : NULL;
    if (!data)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a message of %zu bytes", len);
    free(record->data);
    record->data = data;
    record->capacity = len;
    msi_record_clear(record);
    return MAILSLOT_OK;
}

static int64_t record_id(const msi_message *message, uint32_t id) {
    return message->remote || id == MSI_NO_ID ? -1 : (int64_t)id;
}

/* The origin's strings lie in record->message, and so live as long as the record keeps it. */
void msi_record_fill(mailslot_record *record) {
    const msi_message *message = &record->message;
    record->len = message->len;
    record->data[record->len] = 0;
    record->origin = (mailslot_origin){
        .remote = message->remote,
        .computer = message->remote ? message->computer : ".",
        .address = message->remote ? message->address : "",
        .arrival_ns = message->arrival_ns,
        .pid = record_id(message, message->pid),
        .uid = record_id(message, message->uid),
    };
}

static size_t record_default_budget(size_t len) {
    size_t budget = len > SIZE_MAX / BUDGET_PER_BYTE ? SIZE_MAX : len * BUDGET_PER_BYTE;
    return budget > LEAST_BUDGET ? budget : LEAST_BUDGET;
}

static mailslot_err record_call_codec(mailslot_record *record, const mailslot_codec *codec,
                                      unsigned before) {
    mailslot_err err =
        codec->decode(codec, &record->scratch, mailslot_record_bytes(record), &record->value);
    if (!err)
        return MAILSLOT_OK;
    record->value = NULL;
    if (err != MAILSLOT_ERR_TOO_COMPLEX && err != MAILSLOT_ERR_NO_MEMORY)
        err = MAILSLOT_ERR_BAD_MESSAGE;
    if (before == msi_failures())
        mailslot_fail(err, "codec %s cannot decode the message", codec->name);
    return err;
}

static void record_end_silence(bool *silent) {
    if (*silent)
        msi_fail_aloud();
    *silent = false;
}

mailslot_err msi_record_decode(mailslot_record *record, const mailslot_codec *codec,
                               size_t budget) {
    msi_scratch_reset(&record->scratch, budget ? budget : record_default_budget(record->len));
    unsigned before = msi_fail_silently();
    MSI_ON_UNWIND(record_end_silence) bool silent = true;
    mailslot_err err = record_call_codec(record, codec, before);
    record_end_silence(&silent);
    return err;
}

/* ---- Messages that no slot delivered ---- */

static uint32_t record_id_from(int64_t id) {
    return id < 0 || id > UINT32_MAX ? MSI_NO_ID : (uint32_t)id;
}

static bool record_copy_text(char *to, size_t size, const char *text) {
    size_t len = text ? strlen(text) : 0;
    if (len >= size)
        return false;
    memcpy(to, text ? text : "", len + 1);
    return true;
}

static mailslot_err record_set_origin(msi_message *message, const mailslot_origin *origin) {
    message->remote = origin->remote;
    message->arrival_ns = origin->arrival_ns;
    message->pid = record_id_from(origin->pid);
    message->uid = record_id_from(origin->uid);
    if (!origin->remote ||
        (record_copy_text(message->computer, MSI_COMPUTER_SIZE, origin->computer) &&
         record_copy_text(message->address, MSI_ADDRESS_SIZE, origin->address)))
        return MAILSLOT_OK;
    return mailslot_fail(MAILSLOT_ERR_INVALID,
                         "origin's computer exceeds %d bytes, or its "
                         "address %d",
                         MSI_COMPUTER_SIZE - 1, MSI_ADDRESS_SIZE - 1);
}

mailslot_err msi_record_fail_naming_sender(const mailslot_record *record, mailslot_err err) {
    const mailslot_origin *from = &record->origin;
    msi_fail_publish(err);
    if (from->remote)
        return mailslot_fail(err, "message from %s (%s): %s", from->computer, from->address,
                             mailslot_detail());
    if (from->pid >= 0)
        return mailslot_fail(err, "message from process %lld: %s", (long long)from->pid,
                             mailslot_detail());
    return err;
}

mailslot_err mailslot_record_decode(mailslot_record *record, const mailslot_codec *codec,
                                    const void *data, size_t len, const mailslot_origin *origin,
                                    size_t budget) {
    if (!record || (!data && len))
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%s is NULL", record ? "data" : "record");
    msi_record_clear(record);
    mailslot_err err = record_set_origin(&record->message, origin ? origin : &no_origin);
    if (!err)
        err = msi_record_make_room(record, len);
    if (err)
        return err;
    if (len)
        memcpy(record->data, data, len);
    record->message.len = len;
    msi_record_fill(record);
    err = msi_record_decode(record, codec ? codec : mailslot_codec_default(), budget);
    return err ? msi_record_fail_naming_sender(record, err) : MAILSLOT_OK;
}
