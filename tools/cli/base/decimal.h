/* Exact integers from decimal text; a double would round 9007199254740993.0. */
#ifndef CLI_DECIMAL_H
#define CLI_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/** An integer with its sign apart, so that int64 and uint64 both fit. */
struct integer {
    bool negative; /* never set for 0 */
    uint64_t magnitude;
};

/** Reads the integer that a text such as "-12", "1.50e1" or "1e3" stands for. False if it is not a
 *  JSON number, or not an integer of at most 64 bits. */
bool decimal_integer(const char *text, struct integer *integer);

/** Whether all of text is a JSON number. */
bool decimal_is_number(const char *text);

#endif
