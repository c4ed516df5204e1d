/* A program that chooses text codecs from a registry. It is compiled so that an #include of
 * protobuf-c's or msgpack-c's headers is an error: <mailslot/registry.h> and <mailslot/text.h> must
 * not need them. */
#include "pair.h"

#include <mailslot/registry.h>
#include <mailslot/text.h>

static void codecs_are_found_without_third_party_headers(void **state) {
    static const char *const specs[] = {"text", "utf8", "bytes"};
    const mailslot_codec *const codecs[] = {mailslot_codec_text(), mailslot_codec_utf8(),
                                            mailslot_codec_bytes()};
    mailslot_registry *registry;
    (void)state;
    check_ok(mailslot_registry_new(&registry));
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        const mailslot_codec *found;
        check_ok(mailslot_registry_find(registry, specs[i], &found));
        check(found == codecs[i]);
    }
    mailslot_registry_free(registry);
}

static void a_text_is_put_and_got(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_utf8());
    check_text("h\xc3\xa9", pair_pass(&pair, "h\xc3\xa9"));
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codecs_are_found_without_third_party_headers),
        slot_test(a_text_is_put_and_got),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
