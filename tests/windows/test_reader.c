/* A reader among programs that do not use the library: foreign writers, foreign readers, and what
 * the system's own calls see. */
#include "slotdir.h"
#include "slots.h"

#include "win32/reader.h"

static HANDLE foreign_writer(const wchar_t *name) {
    HANDLE writer = CreateFileW(name, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                OPEN_EXISTING, 0, NULL);
    check(writer != INVALID_HANDLE_VALUE);
    return writer;
}

static void foreign_write(HANDLE writer, const char *text) {
    DWORD written;
    check(WriteFile(writer, text, (DWORD)strlen(text), &written, NULL));
}

static void what_a_foreign_writer_writes_is_read(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    HANDLE writer = foreign_writer(L"\\\\.\\mailslot\\trace");
    foreign_write(writer, "from elsewhere");
    foreign_write(writer, "and more");
    expect_text(reader, "from elsewhere");
    expect_text(reader, "and more");
    expect_empty(reader);
    CloseHandle(writer);
    mailslot_close(reader);
}

/* The system enforces the maximum, or the reader drops what exceeds it. */
static void no_message_beyond_the_maximum_is_ever_got(void **state) {
    (void)state;
    mailslot *reader = open_small_reader("trace", 0, 8);
    HANDLE writer = foreign_writer(L"\\\\.\\mailslot\\trace");
    DWORD written;
    WriteFile(writer, "123456789", 9, &written, NULL);
    foreign_write(writer, "12345678");
    expect_text(reader, "12345678");
    expect_empty(reader);
    CloseHandle(writer);
    mailslot_close(reader);
}

static void a_foreign_reader_is_written_to_and_not_to_be_looked_at(void **state) {
    (void)state;
    HANDLE foreign = CreateMailslotW(L"\\\\.\\mailslot\\foreign", 0, 0, NULL);
    check(foreign != INVALID_HANDLE_VALUE);
    mailslot *writer = open_writer("Foreign");
    check_ok(mailslot_put(writer, "hello"));
    char got[16];
    DWORD len = 0;
    check(ReadFile(foreign, got, sizeof got, &len, NULL) && len == 5 && !memcmp(got, "hello", 5));
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_UNSUPPORTED, mailslot_stat("foreign", &info));
    check_detail("foreign: ");
    check_int(0, slotdir_files());
    check_err(MAILSLOT_ERR_IN_USE, try_open("foreign", MAILSLOT_READ));
    mailslot_close(writer);
    CloseHandle(foreign);
}

/* Counts what a child would get. */
static int inheritable_handles(void) {
    int count = 0;
    for (uintptr_t handle = 4; handle < 4096; handle += 4) {
        DWORD flags = 0;
        bool known = GetHandleInformation((HANDLE)handle, &flags);
        count += known && (flags & HANDLE_FLAG_INHERIT);
    }
    return count;
}

/* Where the system waits inside ReadFile(), as long as the mailslot's timeout says: it is made with
 * one that never ends. */
static void a_first_wait_whose_deadline_has_passed_returns(void **state) {
    (void)state;
    static msi_slot_entry notice = {.head = MSI_NO_HEAD};
    msi_win32_reader inbox;
    HANDLE slot = CreateMailslotW(L"\\\\.\\mailslot\\trace", 0, MAILSLOT_WAIT_FOREVER, NULL);
    check(slot != INVALID_HANDLE_VALUE);
    check_ok(msi_win32_reader_open(&inbox, slot, &notice, SIZE_MAX));
    msi_win32_reader_wait(&inbox, 1);
    msi_win32_reader_wait(&inbox, 0);
    CloseHandle(slot);
    msi_win32_reader_close(&inbox);
}

static void handles_are_not_inherited(void **state) {
    (void)state;
    int before = inheritable_handles();
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot_handle event;
    check_ok(mailslot_waitable(reader, &event));
    check_int(before, inheritable_handles());
    mailslot_close(writer);
    mailslot_close(reader);
}

static void what_windows_cannot_do_is_refused_and_not_promised(void **state) {
    (void)state;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    mailslot *slot = NULL;
    options.direction = MAILSLOT_READ;
    options.local_only = true;
    check_err(MAILSLOT_ERR_UNSUPPORTED, mailslot_open(&slot, "trace", &options));
    options.local_only = false;
    options.access = MAILSLOT_ACCESS_EVERYONE;
    check_err(MAILSLOT_ERR_UNSUPPORTED, mailslot_open(&slot, "trace", &options));
    mailslot *reader = open_reader("trace");
    check_int(0, (int64_t)info_of(reader).capacity);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(what_a_foreign_writer_writes_is_read),
        slot_test(no_message_beyond_the_maximum_is_ever_got),
        slot_test(a_foreign_reader_is_written_to_and_not_to_be_looked_at),
        slot_test(a_first_wait_whose_deadline_has_passed_returns),
        slot_test(handles_are_not_inherited),
        slot_test(what_windows_cannot_do_is_refused_and_not_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
