/* Sorted tables, in the form in which protobuf-c looks up names and numbers. */
#include "lookup.h"

#include <stdlib.h>
#include <string.h>

static int lookup_compare_names(const void *a, const void *b) {
    return strcmp(((const ProtobufCEnumValueIndex *)a)->name,
                  ((const ProtobufCEnumValueIndex *)b)->name);
}

bool msi_schema_sort_names(ProtobufCEnumValueIndex *names, size_t count, const char **twice) {
    qsort(names, count, sizeof *names, lookup_compare_names);
    for (size_t i = 1; i < count; i++) {
        *twice = names[i].name;
        if (strcmp(names[i - 1].name, names[i].name) == 0)
            return false;
    }
    return true;
}

/* By memcpy(), since the ints are members of different structs. */
static int number_at(const void *numbers, size_t stride, size_t i) {
    int number;
    memcpy(&number, (const char *)numbers + i * stride, sizeof number);
    return number;
}

/* protobuf-c stores numbers as runs of consecutive ones. 64 bits, since INT_MAX has no successor.
 */
static bool starts_range(const void *numbers, size_t stride, size_t i) {
    return i == 0 ||
           (int64_t)number_at(numbers, stride, i) != (int64_t)number_at(numbers, stride, i - 1) + 1;
}

const ProtobufCIntRange *msi_schema_make_ranges(struct msi_arena *arena, const void *numbers,
                                                size_t stride, size_t count,
                                                unsigned *range_count) {
    *range_count = 0;
    for (size_t i = 0; i < count; i++)
        *range_count += starts_range(numbers, stride, i);
    ProtobufCIntRange *ranges = msi_arena_array(arena, (size_t)*range_count + 1, sizeof *ranges);
    if (!ranges)
        return NULL;
    ProtobufCIntRange *range = ranges;
    for (size_t i = 0; i < count; i++)
        if (starts_range(numbers, stride, i))
            *range++ = (ProtobufCIntRange){number_at(numbers, stride, i), (unsigned)i};
    range->orig_index =
        (unsigned)count; /* where the last range ends: protobuf-c looks at the next */
    return ranges;
}
