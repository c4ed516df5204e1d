// Whatever function of the program the library calls may leave by a C++ exception: the slot can be
// used on and closed, and failures describe themselves as before. mailslot_close() would wait for
// ever for a call that ended without leaving the slot.
#include <mailslot/codec.h>
#include <mailslot/mailslot.h>
#include <mailslot/msgpack.h>
#include <mailslot/registry.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

void check(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s; last detail: %s\n", what, mailslot_detail());
        std::exit(1);
    }
}

#define CHECK(condition) check((condition), #condition)

struct thrown {};

// Expects the call to throw, and failures after it to set the detail.
template <typename Call> void expect_throw(Call call) {
    bool caught = false;
    try {
        call();
    } catch (const thrown &) {
        caught = true;
    }
    CHECK(caught);
    mailslot *slot = nullptr;
    CHECK(mailslot_open(&slot, "a:b", nullptr) == MAILSLOT_ERR_BAD_NAME);
    CHECK(std::strstr(mailslot_detail(), "a:b") != nullptr);
}

// A codec that throws while it is told to.
bool throwing = false;

mailslot_err encode(const mailslot_codec *, const void *value, mailslot_sink *sink) {
    auto text = static_cast<const char *>(value);
    mailslot_err err = mailslot_sink_write(sink, text, std::strlen(text));
    if (throwing)
        throw thrown();
    return err;
}

mailslot_err decode(const mailslot_codec *, mailslot_scratch *scratch, mailslot_bytes bytes,
                    const void **value) {
    if (!mailslot_scratch_alloc(scratch, 100))
        return mailslot_scratch_error(scratch);
    if (throwing)
        throw thrown();
    *value = bytes.data;
    return MAILSLOT_OK;
}

const mailslot_codec codec = {sizeof codec, "throwing", nullptr, encode, decode};

struct ends {
    mailslot *reader = nullptr, *writer = nullptr;
    mailslot_record *record = nullptr;

    explicit ends(const mailslot_codec *codec_of_both) {
        mailslot_options options = MAILSLOT_OPTIONS_INIT;
        options.codec = codec_of_both;
        options.timeout_ms = MAILSLOT_NO_WAIT;
        options.direction = MAILSLOT_READ;
        CHECK(mailslot_open(&reader, "exceptions", &options) == MAILSLOT_OK);
        options.direction = MAILSLOT_WRITE;
        CHECK(mailslot_open(&writer, "exceptions", &options) == MAILSLOT_OK);
        CHECK(mailslot_record_new(&record) == MAILSLOT_OK);
    }

    ~ends() {
        mailslot_close(writer);
        mailslot_close(reader);
        mailslot_record_free(record);
    }

    ends(const ends &) = delete;
    ends &operator=(const ends &) = delete;

    void pass(const char *text) {
        CHECK(mailslot_put(writer, text) == MAILSLOT_OK);
        CHECK(mailslot_get_nowait(reader, record) == MAILSLOT_OK);
        CHECK(std::strcmp(static_cast<const char *>(mailslot_record_value(record)), text) == 0);
    }
};

void out_of_encode() {
    ends slot(&codec);
    size_t len = 0;
    for (int i = 0; i < 3; i++) {
        throwing = true;
        expect_throw([&] { (void)!mailslot_put(slot.writer, "lost"); });
        expect_throw([&] { (void)!mailslot_encoded_size(slot.writer, "lost", &len); });
        throwing = false;
        slot.pass("kept");
    }
}

void out_of_decode() {
    ends slot(&codec);
    for (int i = 0; i < 3; i++) {
        CHECK(mailslot_put(slot.writer, "lost") == MAILSLOT_OK);
        throwing = true;
        expect_throw([&] { (void)!mailslot_get_nowait(slot.reader, slot.record); });
        expect_throw([&] { (void)!mailslot_peek("exceptions", &codec, slot.record); });
        expect_throw(
            [&] { (void)!mailslot_record_decode(slot.record, &codec, "x", 1, nullptr, 0); });
        CHECK(mailslot_put_bytes(slot.writer, "lost", 4) == MAILSLOT_OK);
        auto fn = [](void *, const mailslot_record *) { return MAILSLOT_OK; };
        expect_throw([&] { (void)!mailslot_each(slot.reader, fn, nullptr); });
        throwing = false;
        slot.pass("kept");
    }
}

mailslot_err throw_of_record(void *, const mailslot_record *) { throw thrown(); }

void out_of_each() {
    ends slot(&codec);
    for (int i = 0; i < 3; i++) {
        CHECK(mailslot_put(slot.writer, "seen") == MAILSLOT_OK);
        expect_throw([&] { (void)!mailslot_each(slot.reader, throw_of_record, nullptr); });
        slot.pass("kept");
    }
}

// In the child the fork has emptied the slot of calls; the exception must not leave it once more.
mailslot_err throw_in_child(void *child, const mailslot_record *) {
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        throw thrown();
    *static_cast<pid_t *>(child) = pid;
    return MAILSLOT_OK;
}

void out_of_each_in_a_child() {
    ends slot(&codec);
    CHECK(mailslot_put(slot.writer, "seen") == MAILSLOT_OK);
    pid_t child = 0;
    try {
        CHECK(mailslot_each(slot.reader, throw_in_child, &child) == MAILSLOT_OK);
    } catch (const thrown &) {
        CHECK(mailslot_get_nowait(slot.reader, slot.record) == MAILSLOT_ERR_CLOSED);
        mailslot_close(slot.reader);
        mailslot_close(slot.writer);
        _exit(0);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    slot.pass("kept");
}

int throw_of_packer(msgpack_packer *packer, void *) {
    msgpack_pack_array(packer, 2);
    throw thrown();
}

void out_of_fill() {
    ends slot(mailslot_codec_msgpack());
    for (int i = 0; i < 3; i++) {
        expect_throw([&] { (void)!mailslot_put_msgpack(slot.writer, throw_of_packer, nullptr); });
        CHECK(mailslot_put_msgpack(
                  slot.writer,
                  [](msgpack_packer *packer, void *) { return msgpack_pack_nil(packer); },
                  nullptr) == MAILSLOT_OK);
        CHECK(mailslot_get_nowait(slot.reader, slot.record) == MAILSLOT_OK);
    }
}

mailslot_err throw_of_name(void *, const char *, const mailslot_info *) { throw thrown(); }

mailslot_err throw_of_codec(void *, const char *, const mailslot_codec *) { throw thrown(); }

int lowest_free_descriptor() {
    int fd = dup(0);
    close(fd);
    return fd;
}

void out_of_lists() {
    ends slot(&codec);
    int before = lowest_free_descriptor();
    expect_throw([] { (void)!mailslot_list(throw_of_name, nullptr); });
    CHECK(lowest_free_descriptor() == before);
    mailslot_registry *registry = nullptr;
    CHECK(mailslot_registry_new(&registry) == MAILSLOT_OK);
    expect_throw([&] { (void)!mailslot_registry_each(registry, throw_of_codec, nullptr); });
    mailslot_registry_free(registry);
    slot.pass("kept");
}

} // namespace

int main() {
    char path[] = "/dev/shm/mailslot-test-XXXXXX";
    CHECK(mkdtemp(path) != nullptr && setenv("MAILSLOT_DIR", path, 1) == 0);
    out_of_encode();
    out_of_decode();
    out_of_each();
    out_of_each_in_a_child();
    out_of_fill();
    out_of_lists();
    const std::string slots = std::string(path) + "/mailslot-" + std::to_string(geteuid());
    CHECK(rmdir(slots.c_str()) == 0 && rmdir(path) == 0);
}
