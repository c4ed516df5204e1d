/* Strict UTF-8, for the codecs whose strings are text. */
#ifndef MSI_CODECS_UTF8_H
#define MSI_CODECS_UTF8_H

#include <stddef.h>

/** The offset at which the first character begins that is not UTF-8 by RFC 3629 or is NUL; len if
 *  there is none. */
size_t msi_utf8_prefix(const void *data, size_t len);

#endif
