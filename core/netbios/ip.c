/* Prints and parses IPv4 addresses. */
#include "ip.h"

#include <stdio.h>

void msi_ip_text(uint32_t ip, char text[MSI_IP_TEXT]) {
    snprintf(text, MSI_IP_TEXT, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 0xff, ip >> 8 & 0xff,
             ip & 0xff);
}

static bool ip_is_digit(char c) { return c >= '0' && c <= '9'; }

/* A zero before other digits is refused: inet_aton() reads an octal number there, so the text
 * would mean different addresses to different programs. The loop stops above 255, before an
 * overflow. */
static bool ip_parse_byte(const char **p, unsigned *byte) {
    const char *start = *p;
    for (*byte = 0; ip_is_digit(**p) && *byte <= 255; (*p)++)
        *byte = *byte * 10 + (unsigned)(**p - '0');
    return *p > start && *byte <= 255 && (*start != '0' || *p == start + 1);
}

bool msi_ip_parse(const char *text, uint32_t *ip) {
    *ip = 0;
    for (int i = 0; i < 4; i++) {
        unsigned byte;
        if ((i && *text++ != '.') || !ip_parse_byte(&text, &byte))
            return false;
        *ip = *ip << 8 | byte;
    }
    return !*text;
}
