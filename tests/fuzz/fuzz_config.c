/* The configuration file: what is accepted is within bounds, and said again means the same. */
#include "fuzz.h"

#include <name.h>
#include <netbios/config.h>

static void check_bounds(const msi_config *host) {
    char computer[MSI_COMPUTER_MAX + 1];
    require(!msi_computer_parse(computer, host->computer, strlen(host->computer)));
    require(!msi_computer_parse(computer, host->workgroup, strlen(host->workgroup)));
    require(strcmp(computer, host->workgroup) == 0); /* upper case already */
    require(strlen(host->scope) < sizeof host->scope);
    require(strlen(host->nmbd_socket) < sizeof host->nmbd_socket && *host->nmbd_socket);
    require(strlen(host->user) < sizeof host->user && *host->user);
    require(host->interface_count <= MSI_CONFIG_INTERFACES &&
            host->wins_count <= MSI_CONFIG_SERVERS);
    require(host->name_port && host->datagram_port);
}

static size_t say_list(const msi_config *host, char *out, size_t size) {
    size_t len = 0;
    for (size_t i = 0; i < host->interface_count; i++)
        len += (size_t)snprintf(out + len, size - len, "interface=%s\n", host->interfaces[i]);
    for (size_t i = 0; i < host->wins_count; i++) {
        uint32_t ip = host->wins[i];
        len += (size_t)snprintf(out + len, size - len, "wins = %u.%u.%u.%u\n", ip >> 24,
                                ip >> 16 & 255, ip >> 8 & 255, ip & 255);
    }
    return len;
}

/* Each value as the file would have it. A default that nobody said stays unsaid. */
static size_t say(const msi_config *host, char *out, size_t size) {
    size_t len = say_list(host, out, size);
    len += (size_t)snprintf(out + len, size - len,
                            "name = %s\nworkgroup = %s\nnmbd-socket = %s\nuser = %s\n"
                            "name-port = %u\ndatagram-port = %u\n",
                            host->computer, host->workgroup, host->nmbd_socket, host->user,
                            (unsigned)host->name_port, (unsigned)host->datagram_port);
    if (*host->scope)
        len += (size_t)snprintf(out + len, size - len, "scope = %s\n", host->scope);
    return len;
}

static void check_again(const msi_config *host) {
    char text[4096];
    size_t len = say(host, text, sizeof text);
    require(len < sizeof text);
    msi_config again;
    msi_config_defaults(&again);
    require(!msi_config_parse(&again, "again", text, len));
    char second[4096];
    require(say(&again, second, sizeof second) == len && memcmp(text, second, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    msi_config host;
    msi_config_defaults(&host);
    if (!*host.computer) /* whatever the machine is called */
        require(!msi_config_set(&host, MSI_CONFIG_NAME, "HERE", MSI_SOURCE_DEFAULT));
    mailslot_err err = msi_config_parse(&host, "conf", (const char *)data, size);
    require(!err || err == MAILSLOT_ERR_INVALID);
    if (err)
        return 0;
    check_bounds(&host);
    check_again(&host);
    return 0;
}
