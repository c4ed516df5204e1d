/* What `interface` in the configuration selects. Pure. */
#ifndef MSI_INTERFACE_FILTER_H
#define MSI_INTERFACE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/** Whether a text can be one: all but text with a '/' that is no network. */
bool msi_interface_filter_is_valid(const char *text);

/** Whether a text selects an interface with a name and an address (host byte order): by its name, a
 *  pattern for names ('*' and '?'), the address, or a network that has it ("192.0.2.0/24"). */
bool msi_interface_filter_matches(const char *text, const char *name, uint32_t ip);

#endif
