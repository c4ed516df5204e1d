/**
 * @file
 * protoc-c's code for a schema that imports mailslot/size.proto includes this file. It declares
 * nothing, because generated C code contains no options.
 */
#ifndef MAILSLOT_SIZE_PB_C_H
#define MAILSLOT_SIZE_PB_C_H

#include <protobuf-c/protobuf-c.h>

#endif
