/* Reads the configuration, source by source; config.h describes it. */
#include "config.h"
#include "datagram.h"
#include "error.h"
#include "interface_filter.h"
#include "ip.h"
#include "name.h"
#include "nameservice.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 65536 }; /* bytes of a configuration file */

/* ---- The value of each setting ---- */

static mailslot_err config_fail_value(const char *why, const char *text) {
    return mailslot_fail(MAILSLOT_ERR_INVALID, "%s: '%s'", why, text);
}

/* Keep the detail, but a bad setting is INVALID, not BAD_NAME. */
static mailslot_err config_parse_name(char *out, const char *text) {
    char name[MSI_CONFIG_NAME_SIZE];
    mailslot_err err = msi_computer_parse(name, text, strlen(text));
    if (err)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%s", mailslot_detail());
    memcpy(out, name, sizeof name);
    return MAILSLOT_OK;
}

static mailslot_err config_set_computer(msi_config *config, const char *text) {
    return config_parse_name(config->computer, text);
}

static mailslot_err config_set_workgroup(msi_config *config, const char *text) {
    return config_parse_name(config->workgroup, text);
}

/* Copies a string, which must not be empty and must fit with its NUL. */
static mailslot_err config_copy_text(char *out, size_t size, const char *text) {
    size_t len = strlen(text);
    if (!len || len >= size)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%zu characters, must be 1 to %zu", len,
                             size - 1);
    memcpy(out, text, len + 1);
    return MAILSLOT_OK;
}

/* The scope is kept as text; msi_nbname_set_scope() cannot fail on it later, as it is checked
 * here. */
static mailslot_err config_set_scope(msi_config *config, const char *text) {
    msi_nbname name = {.scope_len = 0};
    if (!msi_nbname_set_scope(&name, text))
        return config_fail_value("not a NetBIOS scope", text);
    return config_copy_text(config->scope, sizeof config->scope, text);
}

static mailslot_err config_set_interface(msi_config *config, const char *text) {
    if (config->interface_count == MSI_CONFIG_INTERFACES)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "more than %d interfaces",
                             MSI_CONFIG_INTERFACES);
    if (!msi_interface_filter_is_valid(text))
        return config_fail_value("not a network such as 192.0.2.0/24", text);
    mailslot_err err = config_copy_text(config->interfaces[config->interface_count],
                                        MSI_CONFIG_INTERFACE_SIZE, text);
    if (!err)
        config->interface_count++;
    return err;
}

static mailslot_err config_set_wins(msi_config *config, const char *text) {
    uint32_t ip;
    if (!msi_ip_parse(text, &ip) || !ip)
        return config_fail_value("not an IPv4 address", text);
    if (config->wins_count == MSI_CONFIG_SERVERS)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "more than %d WINS servers", MSI_CONFIG_SERVERS);
    config->wins[config->wins_count++] = ip;
    return MAILSLOT_OK;
}

static mailslot_err config_set_nmbd_socket(msi_config *config, const char *text) {
    return config_copy_text(config->nmbd_socket, sizeof config->nmbd_socket, text);
}

/* From 1 to most. By hand: strtoul() would accept signs, blanks and an overflow. The loop stops at
 * the first number above most, so that it cannot overflow. */
static bool config_parse_number(uint32_t *number, const char *text, uint32_t most) {
    *number = 0;
    while (*text >= '0' && *text <= '9' && *number <= most)
        *number = *number * 10 + (uint32_t)(*text++ - '0');
    return !*text && *number && *number <= most;
}

static mailslot_err config_set_port(uint16_t *port, const char *text) {
    uint32_t number;
    if (!config_parse_number(&number, text, 65535))
        return config_fail_value("not a port from 1 to 65535", text);
    *port = (uint16_t)number;
    return MAILSLOT_OK;
}

static mailslot_err config_set_limit(uint32_t *limit, const char *text) {
    uint32_t number;
    if (!config_parse_number(&number, text, MSI_CONFIG_LIMIT_MAX))
        return config_fail_value("not a number from 1 to 65536", text);
    *limit = number;
    return MAILSLOT_OK;
}

static mailslot_err config_set_name_port(msi_config *config, const char *text) {
    return config_set_port(&config->name_port, text);
}

static mailslot_err config_set_datagram_port(msi_config *config, const char *text) {
    return config_set_port(&config->datagram_port, text);
}

static mailslot_err config_set_user(msi_config *config, const char *text) {
    return config_copy_text(config->user, sizeof config->user, text);
}

static mailslot_err config_set_max_connections(msi_config *config, const char *text) {
    return config_set_limit(&config->max_connections, text);
}

static mailslot_err config_set_max_user_connections(msi_config *config, const char *text) {
    return config_set_limit(&config->max_user_connections, text);
}

static mailslot_err config_set_max_name_readers(msi_config *config, const char *text) {
    return config_set_limit(&config->max_name_readers, text);
}

static mailslot_err config_set_sender(msi_config *config, const char *text) {
    static const char *const words[] = {[MAILSLOT_SENDER_AUTO] = "auto",
                                        [MAILSLOT_SENDER_SYSTEM] = "system",
                                        [MAILSLOT_SENDER_LIBRARY] = "library"};
    for (int i = MAILSLOT_SENDER_AUTO; i <= MAILSLOT_SENDER_LIBRARY; i++)
        if (strcmp(text, words[i]) == 0) {
            config->sender = (mailslot_sender)i;
            return MAILSLOT_OK;
        }
    return config_fail_value("not auto, system or library", text);
}

/* ---- Settings ---- */

static const struct {
    const char *keyword, *variable; /* its keyword in the file; its environment variable, or NULL */
    mailslot_err (*set)(msi_config *config, const char *text);
} settings[MSI_CONFIG_SETTINGS] = {
    [MSI_CONFIG_NAME] = {"name", "MAILSLOT_NAME", config_set_computer},
    [MSI_CONFIG_WORKGROUP] = {"workgroup", "MAILSLOT_WORKGROUP", config_set_workgroup},
    [MSI_CONFIG_SCOPE] = {"scope", NULL, config_set_scope},
    [MSI_CONFIG_INTERFACE] = {"interface", NULL, config_set_interface},
    [MSI_CONFIG_WINS] = {"wins", NULL, config_set_wins},
    [MSI_CONFIG_NMBD_SOCKET] = {"nmbd-socket", NULL, config_set_nmbd_socket},
    [MSI_CONFIG_NAME_PORT] = {"name-port", NULL, config_set_name_port},
    [MSI_CONFIG_DATAGRAM_PORT] = {"datagram-port", NULL, config_set_datagram_port},
    [MSI_CONFIG_USER] = {"user", NULL, config_set_user},
    [MSI_CONFIG_MAX_CONNECTIONS] = {"max-connections", NULL, config_set_max_connections},
    [MSI_CONFIG_MAX_USER_CONNECTIONS] = {"max-connections-per-user", NULL,
                                         config_set_max_user_connections},
    [MSI_CONFIG_MAX_NAME_READERS] = {"max-readers-per-name", NULL, config_set_max_name_readers},
    [MSI_CONFIG_SENDER] = {"sender", "MAILSLOT_SENDER", config_set_sender},
};

const char *msi_config_keyword(msi_config_setting setting) { return settings[setting].keyword; }

/* As Windows derives a NetBIOS name from the host name: up to the first dot, cut to 15
 * characters. If that is no valid name the setting stays empty; msi_config_read() reports it
 * unless another source sets one. */
static void config_set_system_name(msi_config *config) {
    char name[256];
    if (!msi_system_name(name, sizeof name))
        return;
    size_t len = strcspn(name, ".");
    name[len < MSI_COMPUTER_MAX ? len : MSI_COMPUTER_MAX] = 0;
    (void)!config_set_computer(config, name);
}

/* WORKGROUP is the default of Windows and of Samba; the socket is nmbd's in Debian's Samba
 * package. */
void msi_config_defaults(msi_config *config) {
    *config = (msi_config){
        .workgroup = "WORKGROUP",
        .nmbd_socket = "/run/samba/nmbd/unexpected",
        .name_port = MSI_NS_PORT,
        .datagram_port = MSI_DATAGRAM_PORT,
        .user = "nobody",
        .max_connections = MSI_CONFIG_CONNECTIONS,
        .max_user_connections = MSI_CONFIG_USER_CONNECTIONS,
        .max_name_readers = MSI_CONFIG_NAME_READERS,
        .sender = MAILSLOT_SENDER_AUTO,
    };
    config_set_system_name(config);
}

/* Discards the list that a source of lower precedence made. */
static void config_clear_list(msi_config *config, msi_config_setting setting) {
    if (setting == MSI_CONFIG_INTERFACE)
        config->interface_count = 0;
    if (setting == MSI_CONFIG_WINS)
        config->wins_count = 0;
}

/* Each setting remembers its source, so that sources can be read in any order. A list is replaced
 * as a whole by the first value of a source of higher precedence. */
mailslot_err msi_config_set(msi_config *config, msi_config_setting setting, const char *text,
                            msi_setting_source source) {
    if (config->source[setting] > source)
        return MAILSLOT_OK;
    if (config->source[setting] < source)
        config_clear_list(config, setting);
    mailslot_err err = settings[setting].set(config, text);
    if (!err)
        config->source[setting] = source;
    return err;
}

/* ---- The file ---- */

static bool config_is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* Cuts comments and surrounding blanks. A '#' begins a comment at the start or after a blank
 * only, so that a value may contain one. */
static char *config_trim(char *line) {
    while (config_is_blank(*line))
        line++;
    size_t len = 0;
    while (line[len] && !(line[len] == '#' && (!len || config_is_blank(line[len - 1]))))
        len++;
    while (len && config_is_blank(line[len - 1]))
        len--;
    line[len] = 0;
    return line;
}

static mailslot_err config_find_setting(const char *keyword, msi_config_setting *setting) {
    for (int i = 0; i < MSI_CONFIG_SETTINGS; i++)
        if (strcmp(keyword, settings[i].keyword) == 0) {
            *setting = (msi_config_setting)i;
            return MAILSLOT_OK;
        }
    return config_fail_value("no such setting", keyword);
}

static mailslot_err config_parse_line(msi_config *config, char *line) {
    line = config_trim(line);
    if (!*line)
        return MAILSLOT_OK;
    char *value = strchr(line, '=');
    if (!value)
        return config_fail_value("no '=' in", line);
    *value++ = 0;
    msi_config_setting setting =
        MSI_CONFIG_NAME; /* gcc does not see that config_find_setting() sets it */
    mailslot_err err = config_find_setting(config_trim(line), &setting);
    return err ? err : msi_config_set(config, setting, config_trim(value), MSI_SOURCE_FILE);
}

/* A wrong line ends the parsing: a program must not run with half a configuration. Every round
 * takes at least one byte, the line break, so the loop ends at the last line. */
mailslot_err msi_config_parse(msi_config *config, const char *path, const char *bytes, size_t len) {
    for (unsigned number = 1; len; number++) {
        const char *end = memchr(bytes, '\n', len);
        size_t line_len = end ? (size_t)(end - bytes) : len;
        char line[512];
        mailslot_err err = MAILSLOT_OK;
        if (line_len >= sizeof line || memchr(bytes, 0, line_len))
            err = mailslot_fail(MAILSLOT_ERR_INVALID,
                                "a line is too long (%zu bytes) or contains a NUL", line_len);
        else {
            memcpy(line, bytes, line_len);
            line[line_len] = 0;
            err = config_parse_line(config, line);
        }
        if (err) {
            /* Cut the path, so that the reason behind it fits into the detail. */
            char place[MSI_CONFIG_PATH_SIZE + 32];
            snprintf(place, sizeof place, "%.100s:%u", path, number);
            return msi_fail_about(err, place);
        }
        size_t step = end ? line_len + 1 : line_len;
        bytes += step;
        len -= step;
    }
    return MAILSLOT_OK;
}

/* msi_environment() ignores the variable in set-uid programs. */
const char *msi_config_file(void) {
    const char *path = msi_environment("MAILSLOT_CONFIG");
    return path ? path : msi_configuration_file();
}

static mailslot_err config_fail_read(const char *path, int error) {
    mailslot_err err = error == ENOENT   ? MAILSLOT_ERR_NOT_FOUND
                       : error == EACCES ? MAILSLOT_ERR_DENIED
                                         : MAILSLOT_ERR_OS;
    return msi_fail_errno(err, error, "%s", path);
}

/* fread() need not set errno, so clear it first. One byte more than FILE_MAX is asked for: only
 * a file that is too long delivers it. */
static mailslot_err config_read_whole(FILE *file, const char *path, char *bytes, size_t *len) {
    errno = 0;
    *len = fread(bytes, 1, FILE_MAX + 1, file);
    if (ferror(file))
        return config_fail_read(path, errno);
    if (*len > FILE_MAX)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%s: more than %d bytes", path, FILE_MAX);
    return MAILSLOT_OK;
}

mailslot_err msi_config_read_file(msi_config *config, const char *path, bool must_exist) {
    FILE *file = fopen(path, MSI_READ_MODE);
    if (!file)
        return errno == ENOENT && !must_exist ? MAILSLOT_OK : config_fail_read(path, errno);
    char *bytes = malloc(FILE_MAX + 1);
    size_t len = 0;
    mailslot_err err = bytes ? config_read_whole(file, path, bytes, &len)
                             : mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "%s: no memory", path);
    if (!err)
        err = msi_config_parse(config, path, bytes, len);
    free(bytes);
    fclose(file);
    return err;
}

/* ---- All sources ---- */

mailslot_err msi_config_read_environment(msi_config *config) {
    for (int i = 0; i < MSI_CONFIG_SETTINGS; i++) {
        const char *text = settings[i].variable ? msi_environment(settings[i].variable) : NULL;
        mailslot_err err =
            text ? msi_config_set(config, (msi_config_setting)i, text, MSI_SOURCE_ENVIRONMENT)
                 : MAILSLOT_OK;
        if (err)
            return msi_fail_about(err, settings[i].variable);
    }
    return MAILSLOT_OK;
}

static mailslot_err config_set_option(msi_config *config, msi_config_setting setting,
                                      const char *text) {
    mailslot_err err =
        text ? msi_config_set(config, setting, text, MSI_SOURCE_OPTION) : MAILSLOT_OK;
    return err ? msi_fail_about(err, settings[setting].keyword) : MAILSLOT_OK;
}

/* A list separated by commas. The copy has room for one character too many, so that a name that
 * is too long is refused like any other, not cut to a different interface's name. An empty name,
 * as behind a trailing comma, is refused too. */
static mailslot_err config_set_interfaces_option(msi_config *config, const char *list) {
    mailslot_err err = MAILSLOT_OK;
    while (list && !err) {
        size_t len = strcspn(list, ",");
        char name[MSI_CONFIG_INTERFACE_SIZE + 1];
        snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name), list);
        err = config_set_option(config, MSI_CONFIG_INTERFACE, name);
        list = list[len] ? list + len + 1 : NULL;
    }
    return err;
}

static mailslot_err config_set_options(msi_config *config, const mailslot_host *given) {
    mailslot_host host;
    mailslot_err err = msi_host_read(&host, given);
    if (!err)
        err = config_set_option(config, MSI_CONFIG_NAME, host.computer);
    if (!err)
        err = config_set_option(config, MSI_CONFIG_WORKGROUP, host.workgroup);
    if (!err)
        err = config_set_interfaces_option(config, host.interfaces);
    /* Already checked by msi_host_read(); config_set_sender() takes a word of the file, not a
     * number. */
    if (!err && host.sender != MAILSLOT_SENDER_DEFAULT) {
        config->sender = host.sender;
        config->source[MSI_CONFIG_SENDER] = MSI_SOURCE_OPTION;
    }
    return err;
}

mailslot_err msi_config_read(msi_config *config, const mailslot_host *host) {
    msi_config_defaults(config);
    /* The system's file may be missing; one that the user names must exist. */
    bool chosen = msi_environment("MAILSLOT_CONFIG") != NULL;
    mailslot_err err = msi_config_read_file(config, msi_config_file(), chosen);
    if (!err)
        err = msi_config_read_environment(config);
    if (!err)
        err = config_set_options(config, host);
    if (!err && !*config->computer)
        err = mailslot_fail(
            MAILSLOT_ERR_INVALID,
            "the host name is not a valid NetBIOS name: set MAILSLOT_NAME, or name in %s",
            msi_config_file());
    return err;
}
