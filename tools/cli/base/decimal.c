/* Decimal texts to integers without a detour by double: 9007199254740993.0 stays exact. */
#include "decimal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A number by the grammar of RFC 8259 section 6, taken apart: sign, digits before and after the
 * point, exponent. The digits stay in the text. */
struct decimal {
    bool negative;
    const char *whole, *fraction;
    size_t whole_len, fraction_len;
    long exponent;
};

static size_t count_digits(const char *text) { return strspn(text, "0123456789"); }

/* Exponents saturate at the range of long, which is out of range with any digits. */
static const char *split_exponent(const char *text, long *exponent) {
    const char *digits = text + (*text == '+' || *text == '-');
    size_t len = count_digits(digits);
    *exponent = strtol(text, NULL, 10);
    return len > 0 ? digits + len : NULL;
}

static bool split_decimal(const char *text, struct decimal *decimal) {
    *decimal = (struct decimal){.negative = *text == '-', .fraction = ""};
    decimal->whole = text + decimal->negative;
    decimal->whole_len = count_digits(decimal->whole);
    if (decimal->whole_len == 0 || (decimal->whole_len > 1 && *decimal->whole == '0'))
        return false;
    const char *rest = decimal->whole + decimal->whole_len;
    if (*rest == '.') {
        decimal->fraction = rest + 1;
        decimal->fraction_len = count_digits(decimal->fraction);
        if (decimal->fraction_len == 0)
            return false;
        rest = decimal->fraction + decimal->fraction_len;
    }
    if (*rest == 'e' || *rest == 'E')
        rest = split_exponent(rest + 1, &decimal->exponent);
    return rest && *rest == '\0';
}

static char digit_at(const struct decimal *decimal, size_t i) {
    if (i < decimal->whole_len)
        return decimal->whole[i];
    i -= decimal->whole_len;
    return i < decimal->fraction_len ? decimal->fraction[i] : '0';
}

/* How many digits, with zeros appended if needed, are before the point; -1 if too many. Beyond
 * `far` the result is zero or out of range whatever the digits, and the sum below cannot
 * overflow. */
static long digits_before_point(const struct decimal *decimal, long digits) {
    const long far = 1000000000;
    if (decimal->exponent > far || decimal->exponent < -far || digits > far)
        return decimal->exponent > 0 ? -1 : 0;
    long before = (long)decimal->whole_len + decimal->exponent;
    return before < 0 ? 0 : before;
}

static bool append_digit(uint64_t *magnitude, char digit) {
    uint64_t value = (uint64_t)(digit - '0');
    if (*magnitude > (UINT64_MAX - value) / 10)
        return false;
    *magnitude = *magnitude * 10 + value;
    return true;
}

static bool all_zero(const struct decimal *decimal) {
    return strspn(decimal->whole, "0") >= decimal->whole_len &&
           strspn(decimal->fraction, "0") >= decimal->fraction_len;
}

bool decimal_integer(const char *text, struct integer *integer) {
    struct decimal decimal;
    *integer = (struct integer){0};
    if (!split_decimal(text, &decimal))
        return false;
    /* Zero with any exponent and sign: 0e999999 would be too long for the loop below. */
    if (all_zero(&decimal))
        return true;
    size_t digits = decimal.whole_len + decimal.fraction_len;
    long before = digits_before_point(&decimal, (long)digits);
    if (before < 0)
        return false;
    for (size_t i = 0; i < digits || i < (size_t)before; i++) {
        /* A digit after the point must be zero: 1.50e1 is an integer, 1.5 is not. */
        bool fractional = i >= (size_t)before;
        if (fractional ? digit_at(&decimal, i) != '0'
                       : !append_digit(&integer->magnitude, digit_at(&decimal, i)))
            return false;
    }
    integer->negative = decimal.negative;
    return true;
}

bool decimal_is_number(const char *text) {
    struct decimal decimal;
    return split_decimal(text, &decimal);
}
