/* mailslotd: connects the mailslots of this computer to its network. */
#include "base/log.h"
#include "daemon.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A new descriptor takes the lowest free number: no socket may become standard output or error. */
static void occupy_standard_descriptors(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static enum status print_text(const char *text) {
    /* Flushed here, so that a full disk is an error and not lost at exit. */
    if (fputs(text, stdout) >= 0 && !fflush(stdout))
        return STATUS_DONE;
    log_line("cannot write to standard output");
    return STATUS_ERROR;
}

static enum status print_settings(const struct settings *settings) {
    char text[8192];
    settings_describe(settings, text, sizeof text);
    return print_text(text);
}

static enum status run_daemon(struct settings *settings, int argc, char **argv) {
    if (settings_complete(settings)) {
        log_failure("configuration");
        return STATUS_ERROR;
    }
    /* After completing: --check-config shows what the daemon would use, and fails where it
     * would. */
    if (settings->action == SETTINGS_CHECK)
        return print_settings(settings);
    if (!daemon_run(settings, argc, argv))
        return STATUS_DONE;
    log_failure("cannot start");
    return STATUS_ERROR;
}

int main(int argc, char **argv) {
    struct settings settings;
    occupy_standard_descriptors();
    if (settings_parse(&settings, argc, argv)) {
        log_failure("usage");
        return STATUS_USAGE;
    }
    switch (settings.action) {
    case SETTINGS_HELP:
        return print_text(settings_help);
    case SETTINGS_VERSION:
        return print_text("mailslotd " MAILSLOTD_VERSION "\n");
    default:
        return run_daemon(&settings, argc, argv);
    }
}
