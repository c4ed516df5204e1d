/* First-level names. The input is two bytes of offset and a packet, at whose offset a name may
 * stand; its bytes also serve as the text of a scope. */
#include "fuzz.h"

#include <same.h>

static void check_shown(const msi_nbname *name) {
    char text[MSI_NBNAME_TEXT], computer[MSI_NBNAME_SIZE];
    memset(text, 0x7f, sizeof text);
    memset(computer, 0x7f, sizeof computer);
    msi_nbname_text(name, text);
    msi_nbname_computer(name, computer);
    size_t len = strnlen(text, sizeof text);
    require(len >= 4 && len < sizeof text && text[len - 4] == '<' && text[len - 1] == '>');
    require(strnlen(computer, sizeof computer) < sizeof computer);
    for (size_t i = 0; text[i]; i++)
        require(text[i] >= 0x20 && text[i] < 0x7f);
    for (size_t i = 0; computer[i]; i++)
        require(computer[i] >= 0x20 && computer[i] < 0x7f);
}

/* It has one encoding, of one size, which means the same. */
static void check_encoding(const msi_nbname *name) {
    size_t size = (size_t)MSI_NBNAME_PLAIN + name->scope_len, end = 0;
    require(size <= MSI_NBNAME_ENCODED_MAX);
    unsigned char *out = fuzz_memory(size);
    msi_nbname again;
    require(msi_nbname_encode(name, out, size - 1) == 0);
    require(msi_nbname_encode(name, out, size) == size);
    require(msi_nbname_decode(&again, out, size, &end) && end == size);
    require(same_name(name, &again) && msi_nbname_equal(name, &again));
    free(out);
}

static void check_packet(const uint8_t *packet, size_t size, size_t offset) {
    size_t next = offset;
    msi_nbname name;
    if (!msi_nbname_decode(&name, packet, size, &next)) {
        require(next == offset);
        return;
    }
    require(next > offset && next <= size);
    check_encoding(&name);
    check_shown(&name);
}

static void check_scope(const uint8_t *data, size_t size) {
    char *text = fuzz_memory(size + 1);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    msi_nbname name;
    msi_nbname_set(&name, text, 0x20);
    require(name.scope_len == 0);
    if (msi_nbname_set_scope(&name, text))
        require(name.scope_len == (*text ? strlen(text) + 1 : 0));
    else
        require(name.scope_len == 0);
    check_encoding(&name);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    size_t offset = (size_t)take_number(&input, 2);
    check_packet(input.at, input.left, offset);
    check_scope(input.at, input.left);
    return 0;
}
