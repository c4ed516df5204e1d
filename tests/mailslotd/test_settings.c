/* What mailslotd is told, by whom, and what it says of it. */
#include <settings.h>
#include <test.h>

#include <stdlib.h>

static struct settings settings;

static mailslot_err parse(int argc, const char *const *argv) {
    return settings_parse(&settings, argc, (char **)(uintptr_t)argv);
}

#define PARSE(...)                                                                                 \
    parse((int)(sizeof((const char *[]){"mailslotd", __VA_ARGS__}) / sizeof(char *)),              \
          (const char *[]){"mailslotd", __VA_ARGS__})

static void write_file(const char *path, const char *content) {
    FILE *file = fopen(path, "w");
    check(file != NULL);
    check(fputs(content, file) >= 0);
    check_int(0, fclose(file));
}

static int forget_environment(void **state) {
    (void)state;
    unsetenv("MAILSLOT_NAME");
    unsetenv("MAILSLOT_WORKGROUP");
    return setenv("MAILSLOT_CONFIG", "/dev/null", 1);
}

static void options_may_follow_or_be_joined(void **state) {
    (void)state;
    check_ok(PARSE("--name", "one", "--workgroup=two", "--interface", "eth0", "--interface=eth1",
                   "--wins", "192.0.2.1", "--name-port=1137", "--datagram-port", "1138",
                   "--foreground", "--nmbd-socket=/x", "--user", "me", "--scope=a.b"));
    check_text("ONE", settings.host.computer);
    check_text("TWO", settings.host.workgroup);
    check_int(2, (int64_t)settings.host.interface_count);
    check_text("eth1", settings.host.interfaces[1]);
    check_int(0xc0000201, settings.host.wins[0]);
    check_int(1137, settings.host.name_port);
    check_int(1138, settings.host.datagram_port);
    check_text("/x", settings.host.nmbd_socket);
    check_text("me", settings.host.user);
    check_text("a.b", settings.host.scope);
    check_int(SETTINGS_RUN, settings.action);
    check_ok(settings_complete(&settings));
}

static void each_action_has_its_option(void **state) {
    (void)state;
    check_ok(PARSE("--help"));
    check_int(SETTINGS_HELP, settings.action);
    check_ok(PARSE("--version"));
    check_int(SETTINGS_VERSION, settings.action);
    check_ok(PARSE("--check-config", "--name", "x"));
    check_int(SETTINGS_CHECK, settings.action);
}

static void what_is_no_option_is_named(void **state) {
    (void)state;
    check_err(MAILSLOT_ERR_INVALID, PARSE("--nam", "x"));
    check_detail("\"--nam\"");
    check_err(MAILSLOT_ERR_INVALID, PARSE("--names", "x"));
    check_err(MAILSLOT_ERR_INVALID, PARSE("x"));
    check_err(MAILSLOT_ERR_INVALID, PARSE(""));
    check_err(MAILSLOT_ERR_INVALID, PARSE("--"));
    check_err(MAILSLOT_ERR_INVALID, PARSE("--help=x"));
    check_err(MAILSLOT_ERR_INVALID, PARSE("--name"));
    check_detail("--name needs a value");
    check_err(MAILSLOT_ERR_INVALID, PARSE("--config"));
    check_err(MAILSLOT_ERR_INVALID, PARSE("--name-port", "0"));
    check_detail("option --name-port: ");
    check_err(MAILSLOT_ERR_INVALID, PARSE("--wins=x"));
}

static void the_option_outdoes_the_environment_and_that_the_file(void **state) {
    (void)state;
    char path[] = "/tmp/mailslotd-settings-XXXXXX";
    close(mkstemp(path));
    write_file(path, "name = FILE\nworkgroup = FILE2\nscope = file\n");
    setenv("MAILSLOT_NAME", "environment", 1);
    setenv("MAILSLOT_WORKGROUP", "environment2", 1);
    check_ok(PARSE("--name=option", "--config", path));
    check_ok(settings_complete(&settings));
    check_text("OPTION", settings.host.computer);
    check_text("ENVIRONMENT2", settings.host.workgroup);
    check_text("file", settings.host.scope);
    unlink(path);
    check_ok(PARSE("--config", path));
    check_err(MAILSLOT_ERR_NOT_FOUND, settings_complete(&settings));
}

static void what_cannot_be_together_is_refused(void **state) {
    (void)state;
    check_ok(PARSE("--name=same", "--workgroup=SAME"));
    check_err(MAILSLOT_ERR_INVALID, settings_complete(&settings));
    check_detail("both named SAME");
    check_ok(PARSE("--name=x", "--name-port=99", "--datagram-port=99"));
    check_err(MAILSLOT_ERR_INVALID, settings_complete(&settings));
    check_detail("both 99");
}

static void the_description_names_every_setting_and_who_said_it(void **state) {
    (void)state;
    char text[4096];
    setenv("MAILSLOT_WORKGROUP", "w", 1);
    check_ok(PARSE("--name=n", "--interface=a", "--interface=b"));
    check_ok(settings_complete(&settings));
    size_t len = settings_describe(&settings, text, sizeof text);
    check_int((int64_t)strlen(text), (int64_t)len);
    for (int i = 0; i < MSI_CONFIG_SENDER; i++)
        check(strstr(text, msi_config_keyword((msi_config_setting)i)) != NULL);
    check(strstr(text, "name = N                        # option\n") != NULL);
    check(strstr(text, "workgroup = W                   # environment\n") != NULL);
    check(strstr(text, "interface = a ") && strstr(text, "interface = b "));
    check(strstr(text, "# wins =") && strstr(text, "name-port = 137 "));
}

static void the_description_is_a_configuration_file(void **state) {
    (void)state;
    char text[4096], again[4096], path[] = "/tmp/mailslotd-settings-XXXXXX";
    close(mkstemp(path));
    check_ok(PARSE("--name=n", "--workgroup=w", "--interface=a", "--wins=192.0.2.1",
                   "--wins=1.2.3.4", "--scope=s", "--user=u", "--nmbd-socket=/n", "--name-port=7",
                   "--datagram-port=8", "--max-connections=9", "--max-connections-per-user=10",
                   "--max-readers-per-name=11"));
    check_ok(settings_complete(&settings));
    settings_describe(&settings, text, sizeof text);
    write_file(path, text);
    check_ok(PARSE("--config", path));
    check_ok(settings_complete(&settings));
    for (int i = 0; i < MSI_CONFIG_SENDER; i++) {
        check_int(MSI_SOURCE_FILE, settings.host.source[i]);
        settings.host.source[i] = MSI_SOURCE_OPTION;
    }
    settings_describe(&settings, again, sizeof again);
    check_text(text, again);
    unlink(path);
}

static void limits_are_numbers_from_1(void **state) {
    (void)state;
    check_ok(PARSE("--max-connections=65536", "--max-connections-per-user", "1",
                   "--max-readers-per-name=7"));
    check_int(65536, settings.host.max_connections);
    check_int(1, settings.host.max_user_connections);
    check_int(7, settings.host.max_name_readers);
    check_err(MAILSLOT_ERR_INVALID, PARSE("--max-connections=0"));
    check_err(MAILSLOT_ERR_INVALID, PARSE("--max-connections=65537"));
    check_err(MAILSLOT_ERR_INVALID, PARSE("--max-readers-per-name=99999999999999999999"));
    check_err(MAILSLOT_ERR_INVALID, PARSE("--max-connections-per-user=-1"));
    check_detail("1 to 65536");
}

static void a_description_that_does_not_fit_is_cut(void **state) {
    (void)state;
    char text[64];
    check_ok(PARSE("--name=n"));
    check_ok(settings_complete(&settings));
    for (size_t cap = 1; cap <= sizeof text; cap++) {
        check_int((int64_t)cap - 1, (int64_t)settings_describe(&settings, text, cap));
        check_int((int64_t)cap - 1, (int64_t)strlen(text));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(options_may_follow_or_be_joined, forget_environment),
        cmocka_unit_test_setup(each_action_has_its_option, forget_environment),
        cmocka_unit_test_setup(what_is_no_option_is_named, forget_environment),
        cmocka_unit_test_setup(the_option_outdoes_the_environment_and_that_the_file,
                               forget_environment),
        cmocka_unit_test_setup(limits_are_numbers_from_1, forget_environment),
        cmocka_unit_test_setup(what_cannot_be_together_is_refused, forget_environment),
        cmocka_unit_test_setup(the_description_names_every_setting_and_who_said_it,
                               forget_environment),
        cmocka_unit_test_setup(the_description_is_a_configuration_file, forget_environment),
        cmocka_unit_test_setup(a_description_that_does_not_fit_is_cut, forget_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
