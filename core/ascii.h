/* Letters of names, which fold in ASCII alone, whatever the locale. */
#ifndef MSI_ASCII_H
#define MSI_ASCII_H

static inline char msi_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static inline char msi_upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c; }

#endif
