/* Finds the owner of a UDP port in /proc (proc(5)): /proc/net/udp lists the sockets with their
 * inodes, and /proc/PID/fd the descriptors of a process. */
#include "udp_owner.h"

#include "platform.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "  12: 00000000:0089 00000000:0000 07 00000000:00000000 00:00000000 00000000  0  0 34567 ..." */
static bool read_socket(const char *line, uint16_t port, unsigned *uid, uint64_t *inode) {
    unsigned found;
    return sscanf(line, " %*d: %*[0-9A-F]:%x %*s %*s %*s %*s %*s %u %*d %" SCNu64, &found, uid,
                  inode) == 3 &&
           found == port;
}

static bool find_socket(uint16_t port, unsigned *uid, uint64_t *inode) {
    /* IPv4 only: NetBIOS over TCP/IP has no IPv6 (RFC 1001). */
    FILE *file = fopen("/proc/net/udp", "re");
    if (!file)
        return false;
    char line[512];
    bool found = false;
    while (!found && fgets(line, sizeof line, file))
        found = read_socket(line, port, uid, inode);
    fclose(file);
    return found;
}

/* The link of a socket reads "socket:[INODE]". opendir() fails for processes of other users, unless
 * we are root. */
static bool has_descriptor(const char *pid, const char *wanted) {
    char path[64], link[64];
    snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
    DIR *dir = opendir(path);
    bool found = false;
    struct dirent *entry;
    while (dir && !found && (entry = readdir(dir))) {
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);
        link[len < 0 ? 0 : len] = '\0';
        found = strcmp(link, wanted) == 0;
    }
    if (dir)
        closedir(dir);
    return found;
}

/* A process chooses its name, which goes to a terminal. */
static void make_printable(char *program) {
    for (char *c = program; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

bool udp_owner_find(uint16_t port, struct udp_owner *owner) {
    uint64_t inode;
    char wanted[32];
    *owner = (struct udp_owner){0};
    if (!find_socket(port, &owner->uid, &inode))
        return false;
    snprintf(wanted, sizeof wanted, "socket:[%" PRIu64 "]", inode);
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    while (dir && !owner->pid && (entry = readdir(dir)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
            has_descriptor(entry->d_name, wanted)) {
            owner->pid = strtoll(entry->d_name, NULL, 10);
            platform_process_name(owner->pid, owner->program, sizeof owner->program);
            make_printable(owner->program);
        }
    if (dir)
        closedir(dir);
    return true;
}
