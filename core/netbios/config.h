/*
 * What this computer is on its network, and how it takes part: said by the caller's options, else
 * by the environment, else by the configuration file, else by the system. The file is mailslotd's
 * and every sender's alike.
 *
 *     # /etc/mailslot.conf, or $MAILSLOT_CONFIG
 *     name = HOST             # $MAILSLOT_NAME; the host name, upper case, 15 characters
 *     workgroup = GROUP       # $MAILSLOT_WORKGROUP; WORKGROUP
 *     scope = a.b             # NetBIOS scope; none
 *     interface = eth0        # repeatable; every interface that can broadcast
 *     wins = 192.0.2.1        # repeatable; none
 *     nmbd-socket = PATH      # mailslotd: where nmbd hands datagrams over
 *     name-port = 137         # both for tests without rights
 *     datagram-port = 138
 *     user = mailslot         # mailslotd: whom to become when started as root; nobody
 *     sender = library        # $MAILSLOT_SENDER; Windows: which one sends, see mailslot_sender;
 * auto
 *
 * Set-uid programs take nothing from the environment.
 */
#ifndef MSI_CONFIG_H
#define MSI_CONFIG_H

#include "nbname.h"
#include "platform.h"

enum {
    MSI_CONFIG_INTERFACES = 16,
    MSI_CONFIG_SERVERS = 4,
    MSI_CONFIG_NAME_SIZE = 16,      /* of a computer or workgroup, with the NUL */
    MSI_CONFIG_INTERFACE_SIZE = 16, /* IFNAMSIZ */
    MSI_CONFIG_PATH_SIZE = 108,     /* of a socket, as sockaddr_un's */
    MSI_CONFIG_USER_SIZE = 33,
};

/** Who said a setting. */
typedef enum {
    MSI_SOURCE_DEFAULT,
    MSI_SOURCE_FILE,
    MSI_SOURCE_ENVIRONMENT,
    MSI_SOURCE_OPTION
} msi_setting_source;

typedef enum {
    MSI_CONFIG_NAME,
    MSI_CONFIG_WORKGROUP,
    MSI_CONFIG_SCOPE,
    MSI_CONFIG_INTERFACE,
    MSI_CONFIG_WINS,
    MSI_CONFIG_NMBD_SOCKET,
    MSI_CONFIG_NAME_PORT,
    MSI_CONFIG_DATAGRAM_PORT,
    MSI_CONFIG_USER,
    MSI_CONFIG_SENDER, /* the only one that mailslotd has no use for */
    MSI_CONFIG_SETTINGS
} msi_config_setting;

typedef struct {
    char computer[MSI_CONFIG_NAME_SIZE];  /* upper case */
    char workgroup[MSI_CONFIG_NAME_SIZE]; /* upper case */
    char scope[MSI_NBNAME_SCOPE_MAX];     /* labels between dots; "": none */
    char interfaces[MSI_CONFIG_INTERFACES][MSI_CONFIG_INTERFACE_SIZE];
    size_t interface_count;            /* 0: every one that can broadcast */
    uint32_t wins[MSI_CONFIG_SERVERS]; /* host byte order, by preference */
    size_t wins_count;
    char nmbd_socket[MSI_CONFIG_PATH_SIZE];
    uint16_t name_port, datagram_port;
    char user[MSI_CONFIG_USER_SIZE];
    mailslot_sender sender;                         /* never MAILSLOT_SENDER_DEFAULT */
    msi_setting_source source[MSI_CONFIG_SETTINGS]; /* by whom each of the above */
} msi_config;

/** Every setting's default. */
void msi_config_defaults(msi_config *config);

/** The keyword of a setting in the file, such as "nmbd-socket". */
const char *msi_config_keyword(msi_config_setting setting);

/** Sets one setting from text, as set by `source`; a repeatable one is added to what the same
 *  speaker said before and replaces what weaker ones said. INVALID, saying what is wrong with it.
 */
mailslot_err msi_config_set(msi_config *config, msi_config_setting setting, const char *text,
                            msi_setting_source source);

/** Where the configuration file is: $MAILSLOT_CONFIG, else /etc/mailslot.conf. */
const char *msi_config_file(void);

/** Reads a file over what config has, where nobody stronger said it. A file that is not there is
 *  no error if !must_exist. INVALID naming file and line, NOT_FOUND, DENIED, OS. */
mailslot_err msi_config_read_file(msi_config *config, const char *path, bool must_exist);

/** Takes len bytes for a configuration file called path. INVALID. */
mailslot_err msi_config_parse(msi_config *config, const char *path, const char *bytes, size_t len);

/** Reads the environment over what config has. INVALID, naming the variable. */
mailslot_err msi_config_read_environment(msi_config *config);

/** Defaults, file, environment, and then what the caller's host sets (NULL: nothing). As the
 *  functions above, and UNSUPPORTED (host has a member that is not known). */
mailslot_err msi_config_read(msi_config *config, const mailslot_host *host);

#endif
