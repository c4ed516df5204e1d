/* The system's errors in the library's words: a table, so this tries every row that a system at
 * hand may never return, such as Windows 11's 3025. */
#include "test.h"

#include "win32/win32.h"

static void check_meaning(msi_attempt attempt, DWORD code, mailslot_err expected) {
    check_err(expected, msi_fail_windows(attempt, code));
    char number[32];
    snprintf(number, sizeof number, "Windows error %lu: ", code);
    check_detail(number);
    check(strlen(strstr(mailslot_detail(), number)) > strlen(number)); /* and words */
}

static void each_number_has_its_meaning_where_it_comes(void **state) {
    (void)state;
    check_meaning(MSI_ATTACHING, 2, MAILSLOT_ERR_NOT_FOUND);
    check_meaning(MSI_ATTACHING, 3, MAILSLOT_ERR_NOT_FOUND);
    check_meaning(MSI_ATTACHING, 53, MAILSLOT_ERR_NOT_FOUND);
    check_meaning(MSI_CREATING, 183, MAILSLOT_ERR_IN_USE);
    check_meaning(MSI_CREATING, 3, MAILSLOT_ERR_BAD_NAME);
    check_meaning(MSI_CREATING, 123, MAILSLOT_ERR_BAD_NAME);
    check_meaning(MSI_ATTACHING, 161, MAILSLOT_ERR_BAD_NAME);
    check_meaning(MSI_ATTACHING, 5, MAILSLOT_ERR_DENIED);
    check_meaning(MSI_WRITING, 38, MAILSLOT_ERR_GONE);
    check_meaning(MSI_WRITING, 109, MAILSLOT_ERR_GONE);
    check_meaning(MSI_WRITING, 232, MAILSLOT_ERR_GONE);
    check_meaning(MSI_WRITING, 8, MAILSLOT_ERR_FULL);
    check_meaning(MSI_READING, 8, MAILSLOT_ERR_NO_MEMORY);
    check_meaning(MSI_WRITING, 1450, MAILSLOT_ERR_FULL);
    check_meaning(MSI_WRITING, 1816, MAILSLOT_ERR_FULL);
    check_meaning(MSI_ATTACHING, 50, MAILSLOT_ERR_UNSUPPORTED);
    check_meaning(MSI_READING, 38, MAILSLOT_ERR_OS);
    check_meaning(MSI_LOOKING, 6, MAILSLOT_ERR_OS);
    check_meaning(MSI_WRITING, 999999, MAILSLOT_ERR_OS); /* a number without words */
}

static void remote_mailslots_switched_off_explain_themselves(void **state) {
    (void)state;
    check_meaning(MSI_ATTACHING, 3025, MAILSLOT_ERR_UNSUPPORTED);
    check_detail("remote mailslots are switched off on this computer");
    check_detail("Enable remote mailslots");
    check_detail("EnableMailslots");
    check_meaning(MSI_WRITING, 3025, MAILSLOT_ERR_UNSUPPORTED);
}

static void a_failed_write_of_too_much_is_too_big_whatever_the_number(void **state) {
    (void)state;
    check_err(MAILSLOT_ERR_TOO_BIG, msi_fail_write(31, 425, 424));
    check_detail("425 bytes, limit 424");
    check_err(MAILSLOT_ERR_OS, msi_fail_write(31, 424, 424));
    check_err(MAILSLOT_ERR_TOO_BIG, msi_fail_write(24, 424, 65535));
    check_detail("more than the reader's maximum");
    check_err(MAILSLOT_ERR_GONE, msi_fail_write(38, 424, 424));
}

static void names_are_utf16_of_the_systems_form(void **state) {
    (void)state;
    msi_name name;
    wchar_t wide[MSI_UTF16_NAME];
    check_ok(msi_name_parse(&name, "A/h\xc3\xa4"));
    check_ok(msi_utf16_name(wide, &name));
    check(wcscmp(wide, L"\\\\.\\mailslot\\A\\h\u00e4") == 0);
    check_ok(msi_name_parse(&name, "//host/mailslot/x"));
    check_ok(msi_utf16_name(wide, &name));
    check(wcscmp(wide, L"\\\\HOST\\mailslot\\x") == 0);
    check_ok(msi_name_parse(&name, "//*/mailslot/x"));
    check_ok(msi_utf16_name(wide, &name));
    check(wcscmp(wide, L"\\\\*\\mailslot\\x") == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_has_its_meaning_where_it_comes),
        cmocka_unit_test(remote_mailslots_switched_off_explain_themselves),
        cmocka_unit_test(a_failed_write_of_too_much_is_too_big_whatever_the_number),
        cmocka_unit_test(names_are_utf16_of_the_systems_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
