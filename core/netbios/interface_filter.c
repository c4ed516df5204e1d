/* Patterns, addresses and networks that select interfaces; see interface_filter.h. */
#include "interface_filter.h"
#include "ip.h"

#include <string.h>

/* '*' is any text and '?' any character, as in a shell. Linear space, and time of the product of
 * the lengths: a mismatch goes back to the last '*' only. */
static bool filter_matches_pattern(const char *pattern, const char *name) {
    const char *star = NULL, *from = NULL;
    while (*name)
        if (*pattern == '*') {
            star = ++pattern;
            from = name;
        } else if (*pattern == '?' || *pattern == *name) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star;
            name = ++from;
        } else
            return false;
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

/* One or two digits, 32 at most. */
static bool filter_read_prefix(const char *text, unsigned *prefix) {
    size_t len = strspn(text, "0123456789");
    if (!len || len > 2 || text[len])
        return false;
    *prefix = (unsigned)(text[0] - '0');
    if (len == 2)
        *prefix = *prefix * 10 + (unsigned)(text[1] - '0');
    return *prefix <= 32;
}

/* Reads "192.0.2.7" as a network of one address. */
static bool filter_read_network(const char *text, uint32_t *ip, uint32_t *netmask) {
    char address[MSI_IP_TEXT];
    size_t len = strcspn(text, "/");
    unsigned prefix = 32;
    if (len >= sizeof address || (text[len] && !filter_read_prefix(text + len + 1, &prefix)))
        return false;
    memcpy(address, text, len);
    address[len] = 0;
    *netmask = prefix ? UINT32_MAX << (32 - prefix) : 0;
    return msi_ip_parse(address, ip);
}

bool msi_interface_filter_is_valid(const char *text) {
    uint32_t ip, netmask;
    return !strchr(text, '/') || filter_read_network(text, &ip, &netmask);
}

bool msi_interface_filter_matches(const char *text, const char *name, uint32_t ip) {
    uint32_t network, netmask;
    if (filter_read_network(text, &network, &netmask))
        return ((network ^ ip) & netmask) == 0;
    return filter_matches_pattern(text, name);
}
