/* The syntax of names in the Protobuf language. */
#ifndef MSI_SCHEMA_NAMES_H
#define MSI_SCHEMA_NAMES_H

#include <stdbool.h>

/** Whether text is an identifier: letters, digits and underscores, not beginning with a digit. */
bool msi_schema_is_identifier(const char *text);

/** Whether text is a package name: identifiers with dots between them. */
bool msi_schema_is_package(const char *text);

#endif
