#include "client.h"

mailslot_err msi_client_init(msi_client *onlooker, const mailslot_host *host) {
    mailslot_err err = msi_config_read(&onlooker->host, host);
    if (err)
        return err;
    onlooker->socket = MSI_UDP_NONE;
    onlooker->asker = (msi_asker){
        .host = &onlooker->host,
        .interfaces = onlooker->interfaces,
        .socket = &onlooker->socket,
    };
    return msi_interfaces(onlooker->interfaces, MSI_INTERFACES_MAX, &onlooker->host,
                          &onlooker->asker.interface_count);
}

void msi_client_name(const msi_client *onlooker, msi_nbname *name, const char *text,
                     uint8_t suffix) {
    msi_nbname_set(name, text, suffix);
    (void)msi_nbname_set_scope(name, onlooker->host.scope);
}
