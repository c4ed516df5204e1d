/* mailslot_network_get(): what this computer is on its network, in one allocation. */
#include "client.h"
#include "error.h"

#include <mailslot/network.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_SIZE = 4096 }; /* bytes of the configuration file's path; a longer one is cut */

/* The public struct, and everything that it points to. `shown` must be the first member:
 * mailslot_network_free() frees the whole by its address. */
typedef struct {
    mailslot_network shown;
    msi_client client;
    char file[FILE_SIZE];
    mailslot_interface interfaces[MSI_INTERFACES_MAX];
    char addresses[MSI_INTERFACES_MAX][MSI_IP_TEXT], broadcasts[MSI_INTERFACES_MAX][MSI_IP_TEXT];
    const char *wins[MSI_CONFIG_SERVERS];
    char servers[MSI_CONFIG_SERVERS][MSI_IP_TEXT];
} network_whole;

static void network_fill_interfaces(network_whole *whole) {
    for (size_t i = 0; i < whole->client.asker.interface_count; i++) {
        const msi_interface *interface = &whole->client.interfaces[i];
        msi_ip_text(interface->ip, whole->addresses[i]);
        if (interface->broadcast) /* else "" */
            msi_ip_text(interface->broadcast, whole->broadcasts[i]);
        whole->interfaces[i] =
            (mailslot_interface){interface->name, whole->addresses[i], whole->broadcasts[i]};
    }
}

static void network_fill_wins(network_whole *whole) {
    for (size_t i = 0; i < whole->client.config.wins_count; i++) {
        msi_ip_text(whole->client.config.wins[i], whole->servers[i]);
        whole->wins[i] = whole->servers[i];
    }
}

/* A switch, not a cast: the public values are part of the ABI, the internal order is not. */
static mailslot_setting_source network_source(const msi_config *host, msi_config_setting setting) {
    switch (host->source[setting]) {
    case MSI_SOURCE_FILE:
        return MAILSLOT_SOURCE_FILE;
    case MSI_SOURCE_ENVIRONMENT:
        return MAILSLOT_SOURCE_ENVIRONMENT;
    case MSI_SOURCE_OPTION:
        return MAILSLOT_SOURCE_OPTION;
    case MSI_SOURCE_DEFAULT:
        break;
    }
    return MAILSLOT_SOURCE_DEFAULT;
}

/* How many networks there are beyond those that the list has room for. */
static mailslot_err network_count_left_out(const msi_client *client, size_t *left_out) {
    enum { SEEN_MAX = 1024 };
    *left_out = 0;
    if (client->asker.interface_count < MSI_INTERFACES_MAX)
        return MAILSLOT_OK;
    msi_interface *seen = calloc(SEEN_MAX, sizeof *seen);
    if (!seen)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to describe the network");
    size_t count = 0;
    mailslot_err err = msi_udp_list_interfaces(seen, SEEN_MAX, &client->config, &count);
    if (!err && count > MSI_INTERFACES_MAX)
        *left_out = count - MSI_INTERFACES_MAX;
    free(seen);
    return err;
}

static void network_fill(network_whole *whole) {
    const msi_config *config = &whole->client.config;
    snprintf(whole->file, sizeof whole->file, "%s", msi_config_file());
    network_fill_interfaces(whole);
    network_fill_wins(whole);
    whole->shown = (mailslot_network){
        .computer = config->computer,
        .workgroup = config->workgroup,
        .scope = config->scope,
        .file = whole->file,
        .interfaces = whole->interfaces,
        .interface_count = whole->client.asker.interface_count,
        .wins = whole->wins,
        .wins_count = config->wins_count,
        .name_port = config->name_port,
        .datagram_port = config->datagram_port,
        .computer_source = network_source(config, MSI_CONFIG_NAME),
        .workgroup_source = network_source(config, MSI_CONFIG_WORKGROUP),
        .interfaces_source = network_source(config, MSI_CONFIG_INTERFACE),
        .wins_source = network_source(config, MSI_CONFIG_WINS),
    };
}

mailslot_err mailslot_network_get(mailslot_network **network, const mailslot_host *host) {
    if (!network)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "network is NULL");
    *network = NULL;
    network_whole *whole = calloc(1, sizeof *whole);
    if (!whole)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to describe the network");
    size_t left_out = 0;
    mailslot_err err = msi_client_init(&whole->client, host);
    if (!err)
        err = network_count_left_out(&whole->client, &left_out);
    if (err) {
        free(whole);
        return err;
    }
    network_fill(whole);
    whole->shown.interfaces_left_out = left_out;
    *network = &whole->shown;
    return MAILSLOT_OK;
}

void mailslot_network_free(mailslot_network *network) { free(network); }
