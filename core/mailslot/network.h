/**
 * @file
 * Queries about the NetBIOS network: this computer's configuration, the owners of a name, and the
 * computers on the network. For programs that display or diagnose the network; writing to another
 * computer's mailslot needs none of this.
 *
 * Every call sends its own queries from its own socket and takes up to two seconds. The answers are
 * not authenticated: any host on a segment can answer for any name. All functions may be called by
 * several threads at once.
 *
 * host describes this computer; NULL: as configured; see <mailslot/mailslot.h>. If host, the
 * environment or the configuration file is wrong, every function here fails with INVALID, NOT_FOUND
 * or DENIED and names the member, variable or file; UNSUPPORTED if host sets a member that this
 * library does not know. Every function here can also fail with NO_MEMORY and OS.
 */
#ifndef MAILSLOT_NETWORK_H
#define MAILSLOT_NETWORK_H

#include <mailslot/mailslot.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- This computer ----------------------------------------------------------------------- */

/** The source of a setting; the greater number has precedence. */
typedef enum mailslot_setting_source {
    MAILSLOT_SOURCE_DEFAULT = 0,     /**< the default, or the system's */
    MAILSLOT_SOURCE_FILE = 1,        /**< the configuration file */
    MAILSLOT_SOURCE_ENVIRONMENT = 2, /**< an environment variable */
    MAILSLOT_SOURCE_OPTION = 3,      /**< the caller's mailslot_host */
} mailslot_setting_source;

/** An interface, with one of its addresses. */
typedef struct {
    const char *name;      /**< such as "eth0" */
    const char *address;   /**< "192.0.2.7" */
    const char *broadcast; /**< "192.0.2.255"; "" if it cannot broadcast, as tunnels */
} mailslot_interface;

/** What this computer is on its network. May grow at the end. */
typedef struct {
    const char *computer;  /**< its NetBIOS name, upper case */
    const char *workgroup; /**< its workgroup, upper case */
    const char *scope;     /**< its NetBIOS scope; "" for none */
    const char *file;      /**< path of the configuration file, which need not exist */
    const mailslot_interface *interfaces;     /**< up, with IPv4, and configured */
    size_t interface_count;                   /**< how many; one for each network of an interface */
    const char *const *wins;                  /**< addresses of WINS servers, by preference */
    size_t wins_count;                        /**< how many */
    uint16_t name_port;                       /**< UDP port of the name service: 137 unless set */
    uint16_t datagram_port;                   /**< UDP port of datagrams: 138 unless set */
    mailslot_setting_source computer_source;  /**< source of computer */
    mailslot_setting_source workgroup_source; /**< source of workgroup */
    mailslot_setting_source interfaces_source; /**< source of the list of interfaces */
    mailslot_setting_source wins_source;       /**< source of wins */
    size_t interfaces_left_out; /**< networks beyond the 32 in interfaces, which are not used:
                                   nothing is sent or received there */
} mailslot_network;

/** Stores what this computer is on its network; free it with mailslot_network_free(). On failure
 *  *network is NULL. A computer without a network has no interfaces, which is not an error. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_network_get(mailslot_network **network,
                                                                 const mailslot_host *host);

/** Frees it; NULL is ignored. */
MAILSLOT_API void mailslot_network_free(mailslot_network *network);

/* ---- A name ------------------------------------------------------------------------------ */

/** One address of a name. Its strings are valid during the callback only. May grow at the end. */
typedef struct {
    const char *address; /**< of a computer that has the name */
    bool group;          /**< the name is a group's, and the address one of its members'; a WINS
                              server shows a group as 255.255.255.255 or 0.0.0.0 */
    bool wins;           /**< a WINS server answered */
    const char *by;      /**< the address that answered */
} mailslot_name_owner;

/**
 * Queries the owners of a NetBIOS name of 1 to 15 characters in any case, with a suffix from 0x00
 * to 0xff: mailslots use 0x00, file servers 0x20. WINS servers are asked first, if there are any,
 * then the segments by broadcast. Calls each for every address in every answer, once for each pair
 * of address and answering host, at most 1,024 times. Stops early with the result of each if that
 * is not MAILSLOT_OK.
 *
 * NO_HOST (no answer; the detail says who was asked), BAD_NAME, INVALID (suffix greater than 0xff,
 * or name or each is NULL).
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_lookup(const char *name, unsigned suffix, const mailslot_host *host,
                mailslot_err (*each)(void *ctx, const mailslot_name_owner *owner), void *ctx);

/* ---- Computers --------------------------------------------------------------------------- */

/** One of a computer's names, as it reports them. Never grows, since it is used in arrays. */
typedef struct {
    const char *name; /**< without padding; '.' in place of bytes that are not printable ASCII */
    uint8_t suffix;   /**< the 16th byte, which is the kind of name */
    bool group;       /**< a group name */
    bool active;      /**< false: in conflict, being registered or released */
} mailslot_node_name;

/** A computer, as it describes itself. Its strings are valid during the callback only. May grow at
 *  the end. */
typedef struct {
    const char *address;             /**< from which it answered */
    const char *computer;            /**< its unique name of suffix 0x00; "" if none */
    const char *workgroup;           /**< its group name of suffix 0x00; "" if none */
    const mailslot_node_name *names; /**< all its names, in its order */
    size_t name_count;               /**< how many; 0: it exists, but reported none */
} mailslot_node;

/** Queries the names of the computer at an IPv4 address and calls each once. NO_HOST (no answer),
 *  INVALID (not the IPv4 address of a host, or an argument is NULL), or the result of each. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_node_status(const char *address, const mailslot_host *host,
                     mailslot_err (*each)(void *ctx, const mailslot_node *node), void *ctx);

/**
 * Asks all computers on this computer's segments to answer, then queries the names of each that
 * did. Calls each for every address that answered, in numerical order, at most 1,024 times. Stops
 * early with the result of each if that is not MAILSLOT_OK. NO_HOST (no answer; the detail names
 * the interfaces), INVALID (each is NULL).
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_hosts(const mailslot_host *host,
               mailslot_err (*each)(void *ctx, const mailslot_node *node), void *ctx);

/* ---- mailslotd --------------------------------------------------------------------------- */

/** Most interfaces in mailslot_daemon_status; mailslotd leaves out the rest. */
#define MAILSLOT_DAEMON_INTERFACES_MAX 32

/** Most names in mailslot_daemon_status; mailslotd leaves out the rest. */
#define MAILSLOT_DAEMON_NAMES_MAX 16

/** Most users in mailslot_daemon_status; mailslotd leaves out those with fewest connections. */
#define MAILSLOT_DAEMON_USERS_MAX 64

/** Most kinds of malformed datagrams in mailslot_daemon_status. */
#define MAILSLOT_DAEMON_MALFORMED_MAX 16

/** How mailslotd receives datagrams. */
typedef enum mailslot_daemon_nmbd {
    MAILSLOT_DAEMON_NMBD_UNUSED = 0,    /**< it owns the NetBIOS ports itself */
    MAILSLOT_DAEMON_NMBD_WAITING = 1,   /**< from Samba's nmbd, which does not answer now */
    MAILSLOT_DAEMON_NMBD_CONNECTED = 2, /**< from Samba's nmbd */
} mailslot_daemon_nmbd;

/** State of a NetBIOS name of this computer. */
typedef enum mailslot_daemon_name_state {
    MAILSLOT_DAEMON_NAME_CLAIMING = 0, /**< asked for; no other computer has objected yet */
    MAILSLOT_DAEMON_NAME_HELD = 1,     /**< it is this computer's */
    MAILSLOT_DAEMON_NAME_CONFLICT = 2, /**< another computer has it; claimed again later */
    MAILSLOT_DAEMON_NAME_RELEASED = 3, /**< given up, as mailslotd ends */
} mailslot_daemon_name_state;

/** A network that mailslotd is on. May not grow. */
typedef struct {
    char name[16];      /**< of the interface, such as "eth0" */
    char address[16];   /**< "192.0.2.7" */
    char broadcast[16]; /**< "192.0.2.255" */
} mailslot_daemon_interface;

/** A NetBIOS name of this computer. May not grow. */
typedef struct {
    char name[72]; /**< NAME<20>; bytes that are not printable ASCII are hex escapes */
    mailslot_daemon_name_state state; /**< its state */
} mailslot_daemon_name;

/** What a user of this computer takes up in mailslotd. May not grow. */
typedef struct {
    uint32_t uid;         /**< the user */
    uint32_t connections; /**< of its programs; readers included */
    uint32_t readers;     /**< mailslots that it has registered */
    uint64_t queued;      /**< bytes of kernel memory that hold messages its readers did not take */
} mailslot_daemon_user;

/** Datagrams that were malformed in one way. May not grow. */
typedef struct {
    char kind[24];  /**< such as "short" or "not_mailslot" */
    uint64_t count; /**< since mailslotd started */
} mailslot_daemon_malformed;

/**
 * The counters of mailslotd, as X(member, help). New ones are added at the end, so a counter's
 * position in this list is its number and never changes. Every datagram received ends as one of:
 * malformed, not_for_us, duplicates, no_reader, or accepted; an accepted one ends, for each of its
 * readers, as delivered, full or too_big.
 */
#define MAILSLOT_DAEMON_COUNTERS(X)                                                                \
    X(received, "Datagrams received at the datagram port or from nmbd.")                           \
    X(not_for_us, "Datagrams for other names, or from interfaces that were not chosen.")           \
    X(duplicates, "Datagrams that had been received before by another way.")                       \
    X(no_reader, "Datagrams for a mailslot that has no reader here.")                              \
    X(delivered, "Messages from the network delivered to a reader.")                               \
    X(full, "Messages from the network dropped because the reader's queue was full.")              \
    X(too_big, "Messages from the network larger than the reader's limit.")                        \
    X(kernel_drops, "Packets dropped by the kernel because a port's queue was full.")              \
    X(broadcasts, "Broadcasts sent by writers of this computer.")                                  \
    X(crossings_delivered, "Messages delivered from one user to another.")                         \
    X(crossings_denied, "Attempts to write to a mailslot that does not admit the user.")           \
    X(crossings_full, "Messages to another user refused because the queue was full.")              \
    X(name_packets, "Packets received at the name service port.")                                  \
    X(name_malformed, "Packets of the name service that were malformed.")                          \
    X(clients_hostile, "Connections closed because the client broke the protocol.")                \
    X(clients_refused, "Connections refused because there were too many.")                         \
    X(nmbd_connections, "Times that nmbd accepted the subscription.")                              \
    X(names_forged, "Times that responses which guess a name's transaction id were ignored.")      \
    X(clients_silent, "Connections closed because the client sent no request.")                    \
    X(clients_evicted, "Idle connections closed to make room for another user.")

/** Its gauges, which go up and down; as MAILSLOT_DAEMON_COUNTERS. */
#define MAILSLOT_DAEMON_GAUGES(X)                                                                  \
    X(readers, "Mailslots that are registered.")                                                   \
    X(clients, "Connections of programs of this computer.")                                        \
    X(names_held, "NetBIOS names that this computer holds.")

/** Members that MAILSLOT_DAEMON_COUNTERS and MAILSLOT_DAEMON_GAUGES declare. */
#define MAILSLOT_DAEMON_MEMBER(name, help) uint64_t name;

/** Counters since mailslotd started. May grow at the end, and with it mailslot_daemon_status. */
typedef struct {
    MAILSLOT_DAEMON_COUNTERS(MAILSLOT_DAEMON_MEMBER)
} mailslot_daemon_counters;

/** Gauges, as they are now. May not grow. */
typedef struct {
    MAILSLOT_DAEMON_GAUGES(MAILSLOT_DAEMON_MEMBER)
} mailslot_daemon_gauges;

/**
 * The state of mailslotd at one instant. About 6,000 bytes without pointers: it may be copied and
 * kept. Strings end with a NUL and contain printable ASCII or UTF-8. Grows at the end.
 */
typedef struct {
    size_t size;               /**< in: sizeof(mailslot_daemon_status); only that much is filled */
    char version[32];          /**< mailslotd's, such as "0.1.0" */
    uint32_t pid;              /**< its process */
    uint16_t name_port;        /**< UDP port of the name service; 0: nmbd has it */
    uint16_t datagram_port;    /**< UDP port of datagrams; 0: nmbd has it */
    char computer[16];         /**< this computer's NetBIOS name */
    char workgroup[16];        /**< its workgroup */
    char scope[256];           /**< its NetBIOS scope; "" for none */
    mailslot_daemon_nmbd nmbd; /**< whether datagrams come from nmbd */
    char nmbd_socket[108];     /**< the path of nmbd's socket; "" if nmbd is UNUSED */
    size_t interface_count;    /**< how many interfaces follow */
    /** The interfaces. */
    mailslot_daemon_interface interfaces[MAILSLOT_DAEMON_INTERFACES_MAX]; /**< by number */
    size_t name_count; /**< how many names follow; 0: nmbd has the names */
    mailslot_daemon_name names[MAILSLOT_DAEMON_NAMES_MAX];
    /**< of this computer */ /**< the NetBIOS names */
    size_t user_count;       /**< how many users follow, those with most connections first */
    mailslot_daemon_user users[MAILSLOT_DAEMON_USERS_MAX];
    /**< of this computer */ /**< the users */
    size_t malformed_count;  /**< how many kinds follow */
    /** The kinds of malformed datagrams. */
    mailslot_daemon_malformed malformed[MAILSLOT_DAEMON_MALFORMED_MAX]; /**< by kind */
    mailslot_daemon_gauges gauges;                                      /**< the gauges */
    mailslot_daemon_counters counters; /**< the last member, so that both can grow */
} mailslot_daemon_status;

/** Initializer of a counter or gauge. */
#define MAILSLOT_DAEMON_ZERO(name, help) 0,

/** `mailslot_daemon_status status = MAILSLOT_DAEMON_STATUS_INIT;` */
#define MAILSLOT_DAEMON_STATUS_INIT                                                                \
    {                                                                                              \
        sizeof(mailslot_daemon_status), "", 0, 0, 0, "", "", "", MAILSLOT_DAEMON_NMBD_UNUSED, "",  \
            0, {{"", "", ""}}, 0, {{"", MAILSLOT_DAEMON_NAME_CLAIMING}}, 0, {{0, 0, 0, 0}}, 0,     \
            {{"", 0}}, {MAILSLOT_DAEMON_GAUGES(MAILSLOT_DAEMON_ZERO)}, {                           \
            MAILSLOT_DAEMON_COUNTERS(MAILSLOT_DAEMON_ZERO)                                         \
        }                                                                                          \
    }

/**
 * Asks the mailslotd of this computer for its state and fills in *status, up to status->size. No
 * options: there is one daemon, which listens at $MAILSLOT_DIR/mailslotd or, if that variable is
 * not set, /run/mailslotd/socket. On failure *status is as before.
 *
 * NOT_FOUND (no mailslotd runs here, or the process that listens there is not trusted: it must be
 * of root, of this process's user, or of the owner of a directory that only its owner can write;
 * mailslot_detail() says which), INVALID (status is NULL or its size is too small), FULL (mailslotd
 * has no room for the connection), UNSUPPORTED (the running mailslotd is of a version without
 * this), OS (no answer within a second, or a malformed one).
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_daemon_status_get(mailslot_daemon_status *status);

#ifdef __cplusplus
}
#endif

#endif
