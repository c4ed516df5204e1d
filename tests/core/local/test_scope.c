/* The local transport as this computer's part in a message for many: S36, S39. */
#include "slotdir.h"
#include "slots.h"

#include <local/local.h>

static const msi_transport *const local = &msi_local_transport;

static mailslot *open_one(bool local_only) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.local_only = local_only;
    return open_with("trace", &options);
}

static mailslot_err put_towards(msi_scope scope) {
    const msi_name name = {.scope = scope, .path = "trace", .key = "trace"};
    msi_endpoint *writer;
    size_t limit;
    mailslot_err err = local->open_writer(&writer, &name, NULL, &limit);
    if (!err) {
        err = local->put(writer, "x", 1, 0);
        local->close(writer);
    }
    return err;
}

static void s36_a_reader_takes_messages_of_every_scope(void **state) {
    (void)state;
    mailslot *reader = open_one(false);
    check_ok(put_towards(MSI_SCOPE_LOCAL));
    check_ok(put_towards(MSI_SCOPE_COMPUTER));
    check_ok(put_towards(MSI_SCOPE_DOMAIN));
    check_int(3, (int64_t)drain(reader));
    mailslot_close(reader);
}

static void s39_one_that_refuses_the_network_takes_local_ones_alone(void **state) {
    (void)state;
    mailslot *reader = open_one(true);
    check_err(MAILSLOT_ERR_NOT_FOUND, put_towards(MSI_SCOPE_COMPUTER));
    check_err(MAILSLOT_ERR_NOT_FOUND, put_towards(MSI_SCOPE_DOMAIN));
    expect_empty(reader);
    check_ok(put_towards(MSI_SCOPE_LOCAL));
    check_int(1, (int64_t)drain(reader));
    mailslot_close(reader);
    reader = open_one(false); /* the name's next reader decides for itself */
    check_ok(put_towards(MSI_SCOPE_DOMAIN));
    mailslot_close(reader);
}

static void without_a_reader_there_is_none_in_any_scope(void **state) {
    (void)state;
    for (msi_scope scope = MSI_SCOPE_LOCAL; scope <= MSI_SCOPE_DOMAIN; scope++)
        check_err(MAILSLOT_ERR_NOT_FOUND, put_towards(scope));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s36_a_reader_takes_messages_of_every_scope),
        slot_test(s39_one_that_refuses_the_network_takes_local_ones_alone),
        slot_test(without_a_reader_there_is_none_in_any_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
