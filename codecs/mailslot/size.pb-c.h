/**
 * @file
 * What the code of protoc-c includes for a schema that imports mailslot/size.proto. There is
 * nothing in it: the options are for those who read schemas, and C code has none of them.
 */
#ifndef MAILSLOT_SIZE_PB_C_H
#define MAILSLOT_SIZE_PB_C_H

#include <protobuf-c/protobuf-c.h>

#endif
