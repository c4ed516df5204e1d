/*
 * Record files. The first byte says what is made of the input: taken as it is, or as contents of
 * entries, each behind its length in two bytes, which then get lengths and checksums that are
 * right. Reading comes to an end, tells of every byte once, in order, and gives nothing that its
 * callers may not rely on; a message it gives can be recorded, and reads as the same one again.
 */
#include "fuzz.h"

#include <mailslot/codec.h>
#include <recording/crc32c.h>
#include <recording/record_reader.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WITH_FORMAT = 1, AS_CONTENTS = 2 };

/* ---- The file ---- */

static void append_entry(struct buffer *file, const uint8_t *content, size_t len) {
    size_t begin = file->len, left = len + 5;
    for (; left > 0x7F; left >>= 7)
        buffer_append(file, &(char){(char)(left | 0x80)}, 1);
    buffer_append(file, &(char){(char)left}, 1);
    buffer_append(file, content, len);
    uint32_t sum = crc32c(file->data + begin, file->len - begin);
    char end[5] = {0x7D, (char)sum, (char)(sum >> 8), (char)(sum >> 16), (char)(sum >> 24)};
    buffer_append(file, end, sizeof end);
}

static void make_file(struct buffer *file, struct input *input) {
    uint64_t how = take_number(input, 1);
    if (how & WITH_FORMAT)
        record_append_format(file);
    while (how & AS_CONTENTS && input->left) {
        size_t len = (size_t)take_number(input, 2);
        const uint8_t *content = take_bytes(input, len, &len);
        append_entry(file, content, len);
    }
    buffer_append(file, input->at, input->left);
}

static int open_file(const struct buffer *file) {
    int fd = memfd_create("record", MFD_CLOEXEC);
    require(fd >= 0);
    require(write(fd, file->data, file->len) == (ssize_t)file->len);
    require(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

/* ---- What holds ---- */

static bool same_text(const char *a, const char *b) { return strcmp(a, b) == 0; }

static void check_again(const record_message *message, const mailslot_origin *origin) {
    mailslot_record *memory, *again;
    const record_entry *entry;
    struct record_origin_text text;
    struct buffer out = {0};
    size_t size;
    require(!mailslot_record_new(&memory) && !mailslot_record_new(&again));
    mailslot_err err =
        mailslot_record_decode(memory, NULL, message->data.data, message->data.len, origin, 0);
    require(!err);
    record_append_message(&out, message->slot, message->elapsed, memory);
    require(out.len <= message->data.len + RECORD_AROUND_MAX);
    require(record_look(out.data, out.len, &size) == RECORD_WHOLE && size == out.len);
    require(!record_decode(again, out.data, out.len, (size_t)message->slot + 1, &entry));
    mailslot_origin other = record_origin(entry->message, &text);
    require(entry->message->elapsed == message->elapsed);
    require(entry->message->data.len == message->data.len);
    require(!message->data.len ||
            !memcmp(entry->message->data.data, message->data.data, message->data.len));
    require(other.arrival_ns == origin->arrival_ns && other.remote == origin->remote);
    require(other.pid == (origin->pid == UINT32_MAX ? -1 : origin->pid));
    require(other.uid == (origin->uid == UINT32_MAX ? -1 : origin->uid));
    require(same_text(other.computer, origin->computer));
    require(same_text(other.address, origin->address));
    buffer_free(&out);
    mailslot_record_free(memory);
    mailslot_record_free(again);
}

static void check_message(const record_message *message, size_t slots) {
    struct record_origin_text text;
    mailslot_origin origin = record_origin(message, &text);
    require(message->slot < slots);
    require(strlen(origin.computer) <= RECORD_COMPUTER_MAX);
    require(strlen(origin.address) <= RECORD_ADDRESS_MAX);
    require(origin.remote || (origin.pid >= -1 && origin.uid >= -1));
    check_again(message, &origin);
}

static void check_header(const record_header *header) {
    require(header->n_slots <= RECORD_SLOTS_MAX);
    for (size_t i = 0; i < header->n_slots; i++)
        require(*header->slots[i]->name && *header->slots[i]->codec);
}

static void read_all(struct record_reader *reader, size_t file_size) {
    const record_entry *entry;
    struct record_span span;
    uint64_t upto = 0;
    enum record_result result;
    while ((result = record_reader_next(reader, &entry, &span)) != RECORD_END) {
        require(result != RECORD_FAILED && result != RECORD_NO_MEMORY);
        require(result == RECORD_OTHER || span.offset >= upto);
        require(result == RECORD_OTHER || span.size > 0);
        upto = span.offset + span.size;
        require(upto <= file_size);
        if (result != RECORD_READ)
            require(result == RECORD_OTHER || result == RECORD_TORN || result == RECORD_SKIPPED);
        else if (entry->content_case == MAILSLOT__RECORD__ENTRY__CONTENT_HEADER)
            check_header(entry->header);
        else
            check_message(entry->message, reader->slots);
    }
    require(reader->offset == file_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    struct buffer file = {0};
    make_file(&file, &input);
    struct record_reader reader = {.fd = open_file(&file)};
    read_all(&reader, file.len);
    close(reader.fd);
    record_reader_free(&reader);
    buffer_free(&file);
    return 0;
}
