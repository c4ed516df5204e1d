/* The tables by which protobuf-c finds fields and enum values by name and by number. */
#ifndef MSI_SCHEMA_LOOKUP_H
#define MSI_SCHEMA_LOOKUP_H

#include "types.h"

/** Sorts names, as protobuf-c requires. False if two are equal; *duplicate is then that name. */
bool msi_schema_sort_names(ProtobufCEnumValueIndex *names, size_t count, const char **duplicate);

/** Finds the runs of consecutive numbers among count ascending ints that lie stride bytes apart.
 *  The result lies in the arena, has *range_count runs and protobuf-c's end marker; NULL if the
 *  arena is used up. */
const ProtobufCIntRange *msi_schema_make_ranges(struct msi_arena *arena, const void *numbers,
                                                size_t stride, size_t count, unsigned *range_count);

#endif
