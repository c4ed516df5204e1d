/* Alternative names of network interfaces (ip-link(8), `altname`). */
#ifndef MSI_ALTNAME_H
#define MSI_ALTNAME_H

/** The index of the interface with a name of any kind; 0: none, or the kernel cannot tell. */
unsigned msi_altname_index(const char *name);

#endif
