/* IPv4 addresses as text. Pure. */
#ifndef MSI_IP_H
#define MSI_IP_H

#include <stdbool.h>
#include <stdint.h>

enum { MSI_IP_TEXT = 16 }; /* bytes of an address as text, with the NUL */

/** An address, in host byte order, as text. */
void msi_ip_text(uint32_t ip, char text[MSI_IP_TEXT]);

/** Reads four decimal numbers between dots, without zeros before them, and nothing else. */
bool msi_ip_parse(const char *text, uint32_t *ip);

#endif
