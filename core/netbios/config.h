/*
 * What this computer is on its network, and how it takes part. The sources, by precedence: the
 * caller's mailslot_host, the environment, the configuration file, the system. mailslotd and every
 * sender read the same file.
 *
 *     # /etc/mailslot.conf, or $MAILSLOT_CONFIG
 *     name = HOST             # $MAILSLOT_NAME; default: the host name, upper case, 15 characters
 *     workgroup = GROUP       # $MAILSLOT_WORKGROUP; default: WORKGROUP
 *     scope = a.b             # NetBIOS scope; default: none
 *     interface = eth0        # or eth*, 192.0.2.7, 192.0.2.0/24; repeatable; default: all
 *     wins = 192.0.2.1        # repeatable; default: none
 *     nmbd-socket = PATH      # mailslotd: the socket on which nmbd passes datagrams on
 *     name-port = 137         # change both only for tests without privileges
 *     datagram-port = 138
 *     user = mailslot         # mailslotd: user to switch to when started as root; default: nobody
 *     max-connections = 4096  # mailslotd: of all programs, and 16 more of root
 *     max-connections-per-user = 512
 *     max-readers-per-name = 4  # mailslotd: of one user and name
 *     sender = library        # $MAILSLOT_SENDER; Windows, see mailslot_sender; default: auto
 *
 * Set-uid programs ignore the environment.
 */
#ifndef MSI_CONFIG_H
#define MSI_CONFIG_H

#include "nbname.h"
#include "platform.h"

enum {
    MSI_CONFIG_INTERFACES = 16,
    MSI_CONFIG_SERVERS = 4,
    MSI_CONFIG_NAME_SIZE = 16,       /* of a computer or workgroup, with the NUL */
    MSI_CONFIG_INTERFACE_SIZE = 128, /* ALTIFNAMSIZ: of an alternative name */
    MSI_CONFIG_PATH_SIZE = 108,      /* of a socket, as sockaddr_un's */
    MSI_CONFIG_USER_SIZE = 33,
    /* Defaults and the largest value of the limits. */
    MSI_CONFIG_CONNECTIONS = 4096,
    MSI_CONFIG_USER_CONNECTIONS = 512,
    MSI_CONFIG_NAME_READERS = 4,
    MSI_CONFIG_LIMIT_MAX = 65536,
};

/** The source of a setting; the greater number has precedence. */
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
    MSI_CONFIG_MAX_CONNECTIONS,
    MSI_CONFIG_MAX_USER_CONNECTIONS,
    MSI_CONFIG_MAX_NAME_READERS,
    MSI_CONFIG_SENDER, /* the only one that mailslotd ignores */
    MSI_CONFIG_SETTINGS
} msi_config_setting;

typedef struct {
    char computer[MSI_CONFIG_NAME_SIZE];  /* upper case */
    char workgroup[MSI_CONFIG_NAME_SIZE]; /* upper case */
    char scope[MSI_NBNAME_SCOPE_MAX];     /* labels between dots; "": none */
    char interfaces[MSI_CONFIG_INTERFACES][MSI_CONFIG_INTERFACE_SIZE];
    size_t interface_count;            /* 0: all */
    uint32_t wins[MSI_CONFIG_SERVERS]; /* host byte order, by preference */
    size_t wins_count;
    char nmbd_socket[MSI_CONFIG_PATH_SIZE];
    uint16_t name_port, datagram_port;
    char user[MSI_CONFIG_USER_SIZE];
    uint32_t max_connections, max_user_connections, max_name_readers;
    mailslot_sender sender;                         /* never MAILSLOT_SENDER_DEFAULT */
    msi_setting_source source[MSI_CONFIG_SETTINGS]; /* of each of the above */
} msi_config;

/** Sets every default. */
void msi_config_defaults(msi_config *config);

/** The keyword of a setting in the file, such as "nmbd-socket". */
const char *msi_config_keyword(msi_config_setting setting);

/** Sets one setting from text. A repeatable one is appended to the values of the same source and
 *  replaces those of a lower one; a source of lower precedence than the present one changes
 *  nothing. INVALID, saying what is wrong with the text. */
mailslot_err msi_config_set(msi_config *config, msi_config_setting setting, const char *text,
                            msi_setting_source source);

/** Where the configuration file is: $MAILSLOT_CONFIG, else /etc/mailslot.conf. */
const char *msi_config_file(void);

/** Reads a file; settings of the environment or of options stay. A missing file is no error
 *  unless must_exist. INVALID naming file and line, NOT_FOUND, DENIED, OS. */
mailslot_err msi_config_read_file(msi_config *config, const char *path, bool must_exist);

/** Parses len bytes as a configuration file; path is for messages. INVALID. */
mailslot_err msi_config_parse(msi_config *config, const char *path, const char *bytes, size_t len);

/** Reads the environment; settings of options stay. INVALID, naming the variable. */
mailslot_err msi_config_read_environment(msi_config *config);

/** Reads all sources; host may be NULL. As the functions above, and UNSUPPORTED (host sets an
 *  unknown member). */
mailslot_err msi_config_read(msi_config *config, const mailslot_host *host);

#endif
