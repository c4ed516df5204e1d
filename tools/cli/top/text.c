/* Text cut or padded to columns, and amounts cut to six characters. */
#include "text.h"

#include "base/utf8.h"

#include <mailslot/codec.h>

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* Takes the character at *text; WEOF for a byte that is not UTF-8, which is skipped alone. */
static wint_t take_character(const char **text) {
    const char *at = *text;
    size_t size = mailslot_utf8_length(at, strlen(at));
    *text += size ? size : 1;
    return size ? utf8_decode(at, size) : WEOF;
}

/* The bytes of a character in the locale of the terminal, and its columns: 0 for a combining mark,
 * 2 for many CJK characters. "?" stands for what it cannot show. */
static size_t encode_character(wint_t character, char bytes[MB_LEN_MAX], int *columns) {
    mbstate_t state = {0};
    if (character != WEOF && iswprint(character) && !utf8_is_control(character)) {
        size_t len = wcrtomb(bytes, (wchar_t)character, &state);
        *columns = wcwidth((wchar_t)character);
        if (len != (size_t)-1 && *columns >= 0)
            return len;
    }
    bytes[0] = '?';
    *columns = 1;
    return 1;
}

void top_append_fitted(struct buffer *out, const char *text, int columns) {
    char bytes[MB_LEN_MAX];
    while (*text) {
        int width;
        size_t len = encode_character(take_character(&text), bytes, &width);
        /* A wide character that does not fit is replaced by spaces. */
        if (width > columns)
            break;
        buffer_append(out, bytes, len);
        columns -= width;
    }
    while (columns-- > 0)
        buffer_append_text(out, " ");
}

/* At most six characters. The limits are where "%.*f" rounds up to a digit more: 9.95 would become
 * 10.0. */
void top_amount(char out[TOP_AMOUNT_SIZE], double amount) {
    static const char units[] = "kMGTPE";
    if (amount < 9999.5) {
        bool decimal = amount < 9.95 && amount != floor(amount);
        snprintf(out, TOP_AMOUNT_SIZE, "%.*f", decimal, amount);
        return;
    }
    size_t unit = 0;
    for (amount /= 1000; amount >= 999.5 && unit < strlen(units) - 1; unit++)
        amount /= 1000;
    int decimals = amount < 9.995 ? 2 : amount < 99.95 ? 1 : 0;
    snprintf(out, TOP_AMOUNT_SIZE, "%.*f%c", decimals, amount, units[unit]);
}

const char *top_marked_name(char out[TOP_MARKED_NAME_SIZE], const char *name,
                            const mailslot_info *info) {
    bool refused = info->registration == MAILSLOT_REFUSED;
    snprintf(out, TOP_MARKED_NAME_SIZE, "%s%s", name, refused ? " (refused by mailslotd)" : "");
    return out;
}
