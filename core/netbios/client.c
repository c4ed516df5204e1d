/* The start of every query of <mailslot/network.h>; see client.h. */
#include "client.h"

mailslot_err msi_client_init(msi_client *client, const mailslot_host *host) {
    mailslot_err err = msi_config_read(&client->config, host);
    if (err)
        return err;
    /* The asker points into *client: a copy of a client would use the original's socket. */
    client->socket = MSI_UDP_NONE;
    client->asker = (msi_asker){
        .host = &client->config,
        .interfaces = client->interfaces,
        .socket = &client->socket,
    };
    /* A computer without an interface can still ask WINS servers: that is no error here. */
    return msi_udp_list_interfaces(client->interfaces, MSI_INTERFACES_MAX, &client->config,
                                   &client->asker.interface_count);
}

void msi_client_name(const msi_client *client, msi_nbname *name, const char *text, uint8_t suffix) {
    msi_nbname_set(name, text, suffix);
    (void)msi_nbname_set_scope(name, client->config.scope); /* checked when it was read */
}
