/* Parses the command line, completes it from environment and file, prints it for --check-config. */
#include "settings.h"
#include "base/text.h"
#include "netbios/udp.h"
#include "platform.h"

#include <string.h>

const char settings_help[] =
    "usage: mailslotd [OPTION...]\n"
    "       mailslotd --check-config [OPTION...]\n"
    "       mailslotd --help | --version\n"
    "\n"
    "Connects the mailslots of this computer to its network: owns the NetBIOS ports, registers "
    "and\n"
    "defends the computer's name, and delivers datagrams to the readers. Passes messages between\n"
    "users of this computer. Stays in the foreground.\n"
    "\n"
    "  --name NAME           NetBIOS name of this computer (default: host name)\n"
    "  --workgroup NAME      its workgroup (default: WORKGROUP)\n"
    "  --scope LABELS        NetBIOS scope (default: none)\n"
    "  --interface IF        network interface, repeatable (default: all with IPv4)\n"
    "  --wins ADDR           WINS server, repeatable (default: none)\n"
    "  --nmbd-socket PATH    socket of Samba's nmbd, used if nmbd has the ports\n"
    "  --name-port PORT      UDP port of the name service (default: 137)\n"
    "  --datagram-port PORT  UDP port of datagrams (default: 138)\n"
    "  --user USER           user to become when started as root (default: nobody)\n"
    "  --max-connections N   connections of all programs (default: 4096)\n"
    "  --max-connections-per-user N\n"
    "                        connections of one user's programs (default: 512)\n"
    "  --max-readers-per-name N\n"
    "                        readers of one user with the same name (default: 4)\n"
    "  --config FILE         configuration file (default: $MAILSLOT_CONFIG or /etc/mailslot.conf)\n"
    "  --foreground          accepted and ignored\n"
    "  --check-config        print each setting and its source, and exit\n"
    "  --help\n"
    "  --version\n"
    "\n"
    "Options override the environment (MAILSLOT_NAME, MAILSLOT_WORKGROUP), which overrides the\n"
    "configuration file. SIGHUP reloads the configuration. SIGTERM and SIGINT release the names "
    "and\n"
    "exit.\n"
    "\n"
    "Exit status: 0 done, 1 error, 2 usage.\n";

/* ---- The command line ---- */

struct line {
    int argc, at;
    char **argv;
};

/* "--name" and "--name=VALUE" both name the option. */
static bool is_option(const char *argument, const char *name) {
    size_t len = strcspn(argument, "=");
    return strncmp(argument, "--", 2) == 0 && strlen(name) == len - 2 &&
           memcmp(argument + 2, name, len - 2) == 0;
}

/* The value after "=", or the next argument; NULL if there is none. */
static const char *take_value(struct line *line) {
    const char *equals = strchr(line->argv[line->at], '=');
    if (equals)
        return equals + 1;
    return line->at + 1 < line->argc ? line->argv[++line->at] : NULL;
}

static mailslot_err needs_value(const char *argument) {
    return mailslot_fail(MAILSLOT_ERR_INVALID, "option %.100s needs a value", argument);
}

static bool parse_flag(struct settings *settings, const char *argument) {
    static const struct {
        const char *name;
        enum settings_action action;
    } flags[] = {{"--help", SETTINGS_HELP},
                 {"-h", SETTINGS_HELP},
                 {"--version", SETTINGS_VERSION},
                 {"--check-config", SETTINGS_CHECK}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcmp(argument, flags[i].name) == 0) {
            settings->action = flags[i].action;
            return true;
        }
    return strcmp(argument, "--foreground") == 0;
}

static mailslot_err parse_config(struct settings *settings, struct line *line) {
    settings->config = take_value(line);
    settings->config_given = true;
    return settings->config ? MAILSLOT_OK : needs_value("--config");
}

static mailslot_err parse_setting(struct settings *settings, struct line *line,
                                  msi_config_setting setting) {
    const char *argument = line->argv[line->at];
    const char *value = take_value(line);
    if (!value)
        return needs_value(argument);
    mailslot_err err = msi_config_set(&settings->host, setting, value, MSI_SOURCE_OPTION);
    if (err)
        return mailslot_fail(err, "option --%s: %s", msi_config_keyword(setting),
                             mailslot_detail());
    return MAILSLOT_OK;
}

static mailslot_err parse_argument(struct settings *settings, struct line *line) {
    const char *argument = line->argv[line->at];
    if (parse_flag(settings, argument))
        return MAILSLOT_OK;
    if (is_option(argument, "config"))
        return parse_config(settings, line);
    /* Options have the keywords of the configuration file, so both are parsed by
     * msi_config_set(). */
    for (int i = 0; i < MSI_CONFIG_SENDER; i++) /* this one and the rest are not the daemon's */
        if (is_option(argument, msi_config_keyword((msi_config_setting)i)))
            return parse_setting(settings, line, (msi_config_setting)i);
    return mailslot_fail(MAILSLOT_ERR_INVALID, "unknown argument \"%.100s\"; see --help", argument);
}

mailslot_err settings_parse(struct settings *settings, int argc, char **argv) {
    *settings = (struct settings){.action = SETTINGS_RUN};
    msi_config_defaults(&settings->host);
    struct line line = {argc, 1, argv};
    mailslot_err err = MAILSLOT_OK;
    for (; line.at < argc && !err; line.at++)
        err = parse_argument(settings, &line);
    return err;
}

/* ---- Environment and file ---- */

static mailslot_err settings_check(const msi_config *host, const char *config) {
    if (!*host->computer)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "the host name is not a valid NetBIOS name: set one with --name, "
                             "MAILSLOT_NAME or 'name' in %s",
                             config);
    /* Both are registered with the suffix 00, one as unique and one as a group; a name cannot be
     * both (RFC 1001). */
    if (strcmp(host->computer, host->workgroup) == 0)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "computer and workgroup are both named %s: they must differ",
                             host->computer);
    if (host->name_port == host->datagram_port)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "name-port and datagram-port are both %u",
                             host->name_port);
    return MAILSLOT_OK;
}

mailslot_err settings_complete(struct settings *settings) {
    if (!settings->config) {
        settings->config = msi_config_file();
        /* A file that was named must exist; the default one may be missing. */
        settings->config_given = msi_environment("MAILSLOT_CONFIG") != NULL;
    }
    mailslot_err err = msi_config_read_environment(&settings->host);
    if (!err)
        err = msi_config_read_file(&settings->host, settings->config, settings->config_given);
    return err ? err : settings_check(&settings->host, settings->config);
}

/* ---- Output ---- */

static const char *setting_source_text(const struct settings *settings,
                                       msi_config_setting setting) {
    switch (settings->host.source[setting]) {
    case MSI_SOURCE_FILE:
        return settings->config;
    case MSI_SOURCE_ENVIRONMENT:
        return "environment";
    case MSI_SOURCE_OPTION:
        return "option";
    default:
        return "default";
    }
}

/* A setting that has no value is a comment. */
static void describe_setting(struct text *text, const struct settings *settings,
                             msi_config_setting setting, const char *value) {
    size_t start = text->len;
    text_add(text, "%s%s = %s", value ? "" : "# ", msi_config_keyword(setting), value ? value : "");
    do
        text_add(text, " ");
    /* Aligns the sources. The second condition ends the loop when the text is full. */
    while (text->len - start < 32 && text->len + 1 < text->cap);
    text_add(text, "# %s\n", setting_source_text(settings, setting));
}

static void describe_interfaces(struct text *text, const struct settings *settings) {
    for (size_t i = 0; i < settings->host.interface_count; i++)
        describe_setting(text, settings, MSI_CONFIG_INTERFACE, settings->host.interfaces[i]);
    if (!settings->host.interface_count)
        describe_setting(text, settings, MSI_CONFIG_INTERFACE, NULL);
}

static void describe_servers(struct text *text, const struct settings *settings) {
    char address[MSI_IP_TEXT];
    for (size_t i = 0; i < settings->host.wins_count; i++) {
        msi_ip_text(settings->host.wins[i], address);
        describe_setting(text, settings, MSI_CONFIG_WINS, address);
    }
    if (!settings->host.wins_count)
        describe_setting(text, settings, MSI_CONFIG_WINS, NULL);
}

static void describe_number(struct text *text, const struct settings *settings,
                            msi_config_setting setting, uint32_t value) {
    char number[16];
    struct text digits = {number, sizeof number, 0};
    text_add(&digits, "%u", value);
    describe_setting(text, settings, setting, number);
}

size_t settings_describe(const struct settings *settings, char *out, size_t cap) {
    const msi_config *host = &settings->host;
    struct text text = {out, cap, 0};
    describe_setting(&text, settings, MSI_CONFIG_NAME, host->computer);
    describe_setting(&text, settings, MSI_CONFIG_WORKGROUP, host->workgroup);
    describe_setting(&text, settings, MSI_CONFIG_SCOPE, *host->scope ? host->scope : NULL);
    describe_interfaces(&text, settings);
    describe_servers(&text, settings);
    describe_setting(&text, settings, MSI_CONFIG_NMBD_SOCKET, host->nmbd_socket);
    describe_number(&text, settings, MSI_CONFIG_NAME_PORT, host->name_port);
    describe_number(&text, settings, MSI_CONFIG_DATAGRAM_PORT, host->datagram_port);
    describe_setting(&text, settings, MSI_CONFIG_USER, host->user);
    describe_number(&text, settings, MSI_CONFIG_MAX_CONNECTIONS, host->max_connections);
    describe_number(&text, settings, MSI_CONFIG_MAX_USER_CONNECTIONS, host->max_user_connections);
    describe_number(&text, settings, MSI_CONFIG_MAX_NAME_READERS, host->max_name_readers);
    return text.len;
}
