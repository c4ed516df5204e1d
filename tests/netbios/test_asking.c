/* Asking for names from several threads, while slots are closed and as time passes (S20, S28, S35).
 */
#include "lan.h"

/* ---- Threads ---- */

static void s28_closing_ends_the_asking_of_every_thread(void **state) {
    (void)state;
    struct blocker putters[3];
    mailslot *slot = open_writer("//asked/mailslot/x");
    for (size_t i = 0; i < 3; i++) {
        putters[i] = (struct blocker){.slot = slot, .call = put_hello};
        blocker_start(&putters[i]);
    }
    (void)hear_query_for("ASKED");
    int64_t begun = now_ms();
    mailslot_close(slot);
    check(now_ms() - begun < SOON_MS);
    for (size_t i = 0; i < 3; i++)
        check_err(MAILSLOT_ERR_CLOSED, blocker_join(&putters[i]));
}

static void s35_a_question_that_was_given_up_is_asked_anew(void **state) {
    (void)state;
    struct blocker first, second;
    start_put(&first, "//anew/mailslot/x");
    struct query given_up = hear_query_for("ANEW");
    start_put(&second, "//anew/mailslot/x");
    mailslot_close(first.slot);
    check_err(MAILSLOT_ERR_CLOSED, blocker_join(&first));
    struct query query;
    do
        query = hear_query_for("ANEW");
    while (query.id == given_up.id);
    answer(&query, OWN_ADDRESS, 60);
    finish_put(&second, MAILSLOT_OK);
    (void)hear_datagram("hello");
}

/* Asking for the first name ends by itself after a while; on a machine too busy to begin with the
 * second one before that, it is tried again. */
static bool second_is_asked_for_while_first_is(const char *first, const char *second) {
    char slot[2][64];
    struct blocker putters[2];
    snprintf(slot[0], sizeof slot[0], "//%s/mailslot/x", first);
    snprintf(slot[1], sizeof slot[1], "//%s/mailslot/x", second);
    start_put(&putters[0], slot[0]);
    (void)hear_query_for(first);
    start_put(&putters[1], slot[1]);
    struct query query = hear_query_for(second);
    bool overlap = !putters[0].done;
    answer(&query, OWN_ADDRESS, 60);
    finish_put(&putters[1], MAILSLOT_OK);
    finish_put(&putters[0], MAILSLOT_ERR_NO_HOST);
    (void)hear_datagram("hello");
    return overlap;
}

static void s35_names_do_not_wait_for_each_other(void **state) {
    (void)state;
    check(second_is_asked_for_while_first_is("ONE", "TWO") ||
          second_is_asked_for_while_first_is("THREE", "FOUR") ||
          second_is_asked_for_while_first_is("FIVE", "SIX"));
}

static void s35_many_that_want_one_name_ask_once(void **state) {
    (void)state;
    enum { PUTTERS = 8 };
    struct blocker putters[PUTTERS];
    for (size_t i = 0; i < PUTTERS; i++)
        start_put(&putters[i], "//shared/mailslot/x");
    struct query query = hear_query_for("SHARED");
    answer(&query, OWN_ADDRESS, 60);
    for (size_t i = 0; i < PUTTERS; i++) {
        finish_put(&putters[i], MAILSLOT_OK);
        (void)hear_datagram("hello");
    }
    while (has_packet(name_port, 0))
        check_int(query.id, hear_query().id);
}

/* ---- Time ---- */

static void s35_who_comes_later_is_found_then(void **state) {
    (void)state;
    mailslot *slot = open_writer("//later/mailslot/x");
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_put(slot, "hello"));
    check_detail("nobody answers to the name LATER<00>");
    check_detail("lan0 (10.77.0.255)");
    uint16_t id = hear_query_for("LATER").id;
    while (has_packet(name_port, 0))
        check_int(id, hear_query().id);
    sleep_ms(2100); /* as long as nobody is remembered, by the header of the cache */
    struct blocker putter = {.slot = slot, .call = put_hello};
    blocker_start(&putter);
    struct query query = hear_query_for("LATER");
    check(query.id != id);
    answer(&query, OWN_ADDRESS, 60);
    finish_put(&putter, MAILSLOT_OK);
    (void)hear_datagram("hello");
}

static void s35_an_answer_is_forgotten_when_its_ttl_is_over(void **state) {
    (void)state;
    mailslot *slot = open_writer("//short/mailslot/x");
    struct blocker putter = {.slot = slot, .call = put_hello};
    blocker_start(&putter);
    struct query query = hear_query_for("SHORT");
    answer(&query, OWN_ADDRESS, 1);
    check_ok(blocker_join(&putter));
    (void)hear_datagram("hello");
    sleep_ms(2100); /* the TTL, and what a writer takes for granted */
    putter = (struct blocker){.slot = slot, .call = put_hello};
    blocker_start(&putter);
    struct query again = hear_query_for("SHORT");
    answer(&again, OWN_ADDRESS, 60);
    finish_put(&putter, MAILSLOT_OK);
    (void)hear_datagram("hello");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lan_test(s28_closing_ends_the_asking_of_every_thread),
        lan_test(s35_a_question_that_was_given_up_is_asked_anew),
        lan_test(s35_names_do_not_wait_for_each_other),
        lan_test(s35_many_that_want_one_name_ask_once),
        lan_test(s35_who_comes_later_is_found_then),
        lan_test(s35_an_answer_is_forgotten_when_its_ttl_is_over),
    };
    return lan_run(tests, sizeof tests / sizeof *tests);
}
