/**
 * @file
 * The NetBIOS network around this computer: what this computer is there, who has a name, and who is
 * there at all. Writing to a mailslot of another computer needs none of this; it is for programs
 * that show or check the network.
 *
 * Everything is asked anew, by a socket of its own, and takes up to a second or two. Answers are
 * what others say: anybody on a segment can answer for any name. All functions may be called from
 * several threads at once.
 *
 * host says what this computer is; NULL: as configured; see <mailslot/mailslot.h>. If host, the
 * environment or the configuration file is wrong, every function here fails with INVALID, NOT_FOUND
 * or DENIED and names the member, variable or file. Every function here can also fail with
 * NO_MEMORY and OS.
 */
#ifndef MAILSLOT_NETWORK_H
#define MAILSLOT_NETWORK_H

#include <mailslot/mailslot.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- This computer ----------------------------------------------------------------------- */

/** Who said a setting; the greater number wins. */
typedef enum mailslot_setting_source {
    MAILSLOT_SOURCE_DEFAULT = 0,     /**< it is the default, or the system's */
    MAILSLOT_SOURCE_FILE = 1,        /**< the configuration file */
    MAILSLOT_SOURCE_ENVIRONMENT = 2, /**< a variable of the environment */
    MAILSLOT_SOURCE_OPTION = 3,      /**< the caller's mailslot_host */
} mailslot_setting_source;

/** An interface that messages for many go out on, with one of its addresses. */
typedef struct {
    const char *name;      /**< such as "eth0" */
    const char *address;   /**< "192.0.2.7" */
    const char *broadcast; /**< "192.0.2.255" */
} mailslot_interface;

/** What this computer is on its network. May grow at the end. */
typedef struct {
    const char *computer;                 /**< its NetBIOS name, upper case */
    const char *workgroup;                /**< its workgroup, upper case */
    const char *scope;                    /**< its NetBIOS scope; "" for none */
    const char *file;                     /**< the configuration file that was read, if it exists */
    const mailslot_interface *interfaces; /**< those that are up, can broadcast and are wanted */
    size_t interface_count;               /**< how many; an interface has one for each network */
    const char *const *wins;              /**< addresses of WINS servers, by preference */
    size_t wins_count;                    /**< how many */
    uint16_t name_port;                   /**< UDP port of the name service: 137 unless set */
    uint16_t datagram_port;               /**< UDP port of datagrams: 138 unless set */
    mailslot_setting_source computer_source;   /**< who said computer */
    mailslot_setting_source workgroup_source;  /**< who said workgroup */
    mailslot_setting_source interfaces_source; /**< who said which interfaces are wanted */
    mailslot_setting_source wins_source;       /**< who said wins */
} mailslot_network;

/** Tells what this computer is, in one piece of memory, to be freed with mailslot_network_free(). A
 *  computer without a network has no interfaces, which is no error. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_network_get(mailslot_network **network,
                                                                 const mailslot_host *host);

/** Frees it; NULL is ignored. */
MAILSLOT_API void mailslot_network_free(mailslot_network *network);

/* ---- A name ------------------------------------------------------------------------------ */

/** An address of a name. Strings live as long as the call that shows it. May grow at the end. */
typedef struct {
    const char *address; /**< of a computer that has the name */
    bool group;          /**< the name is a group's, and the address one of its members'; a WINS
                              server shows a group as 255.255.255.255 or 0.0.0.0 */
    bool wins;           /**< it was a WINS server that answered */
    const char *by;      /**< the address that answered */
} mailslot_name_owner;

/**
 * Asks who has a NetBIOS name, of 1 to 15 characters in any case, with a suffix from 0x00 to 0xff:
 * 0x00 is what mailslots are sent to, 0x20 a file server. WINS servers are asked first, where there
 * are any, then the segments by broadcast. Calls each for every address in every answer that came,
 * each pair of address and answerer once, 1,024 at most. Stops early with what each returned if
 * that is not MAILSLOT_OK.
 *
 * NO_HOST (nobody answered; the detail says who was asked), BAD_NAME, INVALID (a suffix over 0xff).
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_lookup(const char *name, unsigned suffix, const mailslot_host *host,
                mailslot_err (*each)(void *ctx, const mailslot_name_owner *owner), void *ctx);

/* ---- Computers --------------------------------------------------------------------------- */

/** A name that a computer says it has. May not grow: an array has them. */
typedef struct {
    const char *name; /**< without padding; what is not printable ASCII is shown as '.' */
    uint8_t suffix;   /**< the 16th byte, which says what kind of name it is */
    bool group;       /**< others have it too */
    bool active;      /**< false: it is in conflict, or being claimed or given up */
} mailslot_node_name;

/** A computer, by what it says of itself. Strings live as long as the call that shows it. May grow
 *  at the end. */
typedef struct {
    const char *address;             /**< that answered */
    const char *computer;            /**< its unique name of suffix 0x00; "" if it told none */
    const char *workgroup;           /**< its group of suffix 0x00; "" if it told none */
    const mailslot_node_name *names; /**< all its names, as it told them */
    size_t name_count;               /**< how many; 0: it is there, but did not tell */
} mailslot_node;

/** Asks the computer at an IPv4 address for its names and calls each once with it. NO_HOST (no
 *  answer), INVALID (not an IPv4 address), and what each returned. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_node_status(const char *address, const mailslot_host *host,
                     mailslot_err (*each)(void *ctx, const mailslot_node *node), void *ctx);

/**
 * Asks everybody on this computer's segments to answer, then each who did for its names, and calls
 * each for each address that answered, in numerical order, 1,024 at most. Stops early with what
 * each returned if that is not MAILSLOT_OK. NO_HOST (nobody answered; the detail says on which
 * interfaces).
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_hosts(const mailslot_host *host,
               mailslot_err (*each)(void *ctx, const mailslot_node *node), void *ctx);

/* ---- mailslotd --------------------------------------------------------------------------- */

/**
 * Asks the mailslotd of this computer how it fares, and calls each with every line of its answer,
 * without the newline, in its order; the manual page mailslotd(8) says what they mean. Stops early
 * with what each returned if that is not MAILSLOT_OK. No options: there is one daemon, which
 * listens at $MAILSLOT_DIR/mailslotd or, if that variable is not set, /run/mailslotd/socket.
 *
 * NOT_FOUND (no mailslotd runs here), INVALID (each is NULL), OS (it did not answer within a
 * second, or not as it should).
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_host_status(mailslot_err (*each)(void *ctx, const char *line), void *ctx);

#ifdef __cplusplus
}
#endif

#endif
