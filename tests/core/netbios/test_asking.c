/* Asking for names from several threads, while slots are closed and as time passes (S20, S28, S35).
 */
#include "lan.h"

/* ---- Threads ---- */

static bool closing_ends_the_asking(const char *name) {
    struct blocker putters[3];
    mailslot *slot = open_writer_to(name);
    for (size_t i = 0; i < 3; i++)
        start_put_to(&putters[i], slot);
    (void)hear_query_for(name);
    mailslot_close(slot);
    int closed = 0;
    for (size_t i = 0; i < 3; i++)
        closed += ends(&putters[i], MAILSLOT_ERR_CLOSED);
    return closed == 3;
}

static void s28_closing_ends_the_asking_of_every_thread(void **state) {
    (void)state;
    try_names("CLOSED", closing_ends_the_asking);
}

static bool second_asks_anew_when_first_gives_up(const char *name) {
    struct blocker first, second;
    start_put(&first, name);
    struct query given_up = hear_query_for(name);
    start_put(&second, name);
    mailslot_close(first.slot);
    if (!ends(&first, MAILSLOT_ERR_CLOSED)) {
        (void)put_ends(&second, MAILSLOT_ERR_NO_HOST);
        return false;
    }
    struct query query = hear_new_query(&given_up);
    answer(&query, OWN_ADDRESS, 60);
    return put_arrives(&second);
}

static void s35_a_question_that_was_given_up_is_asked_anew(void **state) {
    (void)state;
    try_names("ANEW", second_asks_anew_when_first_gives_up);
}

static bool second_is_asked_for_while_first_is(const char *first) {
    char second[64];
    struct blocker putters[2];
    snprintf(second, sizeof second, "%s-2", first);
    start_put(&putters[0], first);
    (void)hear_query_for(first);
    start_put(&putters[1], second);
    struct query query = hear_query_for(second);
    bool overlap = !putters[0].done;
    answer(&query, OWN_ADDRESS, 60);
    bool arrived = put_arrives(&putters[1]);
    check(put_ends(&putters[0], MAILSLOT_ERR_NO_HOST));
    return arrived && overlap;
}

static void s35_names_do_not_wait_for_each_other(void **state) {
    (void)state;
    try_names("FIRST", second_is_asked_for_while_first_is);
}

static bool many_ask_once(const char *name) {
    enum { PUTTERS = 8 };
    struct blocker putters[PUTTERS];
    for (size_t i = 0; i < PUTTERS; i++)
        start_put(&putters[i], name);
    struct query query = hear_query_for(name);
    answer(&query, OWN_ADDRESS, 60);
    int arrived = 0;
    for (size_t i = 0; i < PUTTERS; i++)
        arrived += put_arrives(&putters[i]);
    if (arrived == PUTTERS)
        check_no_new_query(&query);
    return arrived == PUTTERS;
}

static void s35_many_that_want_one_name_ask_once(void **state) {
    (void)state;
    try_names("SHARED", many_ask_once);
}

/* ---- Time ---- */

static void check_nobody_is(const char *name, mailslot *slot) {
    char words[64];
    snprintf(words, sizeof words, "no answer for the name %s<00>", name);
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_put(slot, "hello"));
    check_detail(words);
    check_detail("lan0 (10.77.0.255)");
}

static bool who_comes_later_is_found(const char *name) {
    mailslot *slot = open_writer_to(name);
    check_nobody_is(name, slot);
    struct query unanswered = hear_query_for(name);
    check_no_new_query(&unanswered);
    sleep_ms(2100); /* as long as nobody is remembered, by the header of the cache */
    struct blocker putter;
    start_put_to(&putter, slot);
    struct query query = hear_new_query(&unanswered);
    answer(&query, OWN_ADDRESS, 60);
    return put_arrives(&putter);
}

static void s35_who_comes_later_is_found_then(void **state) {
    (void)state;
    try_names("LATER", who_comes_later_is_found);
}

static bool an_answer_is_forgotten(const char *name) {
    mailslot *slot = open_writer_to(name);
    struct blocker putter;
    start_put_to(&putter, slot);
    struct query query = hear_query_for(name);
    answer(&query, OWN_ADDRESS, 1);
    if (!ends(&putter, MAILSLOT_OK)) {
        mailslot_close(slot);
        return false;
    }
    (void)hear_datagram("hello");
    sleep_ms(2100); /* the TTL, and what a writer takes for granted */
    start_put_to(&putter, slot);
    struct query again = hear_new_query(&query);
    answer(&again, OWN_ADDRESS, 60);
    return put_arrives(&putter);
}

static void s35_an_answer_is_forgotten_when_its_ttl_is_over(void **state) {
    (void)state;
    try_names("SHORT", an_answer_is_forgotten);
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
