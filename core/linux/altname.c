/* Asks rtnetlink(7) which interface has a name, which may be one of its alternative names (Linux
 * 5.5). if_nametoindex() takes no more than 15 characters, and has the kernel try to load a module
 * of that name if there is no interface of it. */
#include "altname.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ALTNAME_SIZE = 128 }; /* ALTIFNAMSIZ of <linux/if.h> */

typedef struct {
    struct nlmsghdr head;
    struct ifinfomsg link;
    struct rtattr attribute;
    char name[ALTNAME_SIZE];
} altname_request;

/* RTM_GETLINK with IFLA_ALT_IFNAME; false if the name is too long. */
static bool altname_make_request(altname_request *request, const char *name) {
    size_t len = strlen(name) + 1;
    if (len > sizeof request->name)
        return false;
    *request = (altname_request){
        .head = {.nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST},
        .attribute = {.rta_type = IFLA_ALT_IFNAME, .rta_len = (unsigned short)RTA_LENGTH(len)},
    };
    request->head.nlmsg_len = (uint32_t)(NLMSG_LENGTH(sizeof request->link) + RTA_LENGTH(len));
    memcpy(request->name, name, len);
    return true;
}

/* The kernel has answered by the time that send() returns. An error has another type. */
static unsigned altname_ask(int fd, const altname_request *request) {
    union {
        struct nlmsghdr head;
        char bytes[16384]; /* of one link, cut where longer: only the beginning is needed */
    } answer;
    struct ifinfomsg link;
    if (send(fd, request, request->head.nlmsg_len, MSG_NOSIGNAL) < 0)
        return 0;
    ssize_t len = recv(fd, &answer, sizeof answer, MSG_DONTWAIT);
    if (len < (ssize_t)NLMSG_LENGTH(sizeof link) || answer.head.nlmsg_type != RTM_NEWLINK)
        return 0;
    memcpy(&link, NLMSG_DATA(&answer.head), sizeof link);
    return link.ifi_index > 0 ? (unsigned)link.ifi_index : 0;
}

unsigned msi_altname_index(const char *name) {
    altname_request request;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    unsigned index =
        fd >= 0 && altname_make_request(&request, name) ? altname_ask(fd, &request) : 0;
    if (fd >= 0)
        close(fd);
    return index;
}
