/* What is kept of answers about names, and for how long. */
#include "test.h"

#include <netbios/namecache.h>

#include <stdio.h>

#define S(n) ((uint64_t)(n)*1000000000u)

static msi_namecache cache; /* too big for a stack */

static int empty_cache(void **state) {
    (void)state;
    memset(&cache, 0, sizeof cache);
    return 0;
}

static msi_namecache_key key_of(const char *name) {
    msi_namecache_key key = {.view = 1};
    msi_nbname_set(&key.name, name, 0);
    return key;
}

static const msi_name_owner host = {.ip = 0x0a4d0007};
static const msi_name_owner group = {.group = true};

static void check_state(msi_namecache_state expected, const char *name, uint64_t now) {
    msi_namecache_key key = key_of(name);
    msi_name_owner owner;
    uint64_t until;
    check_int(expected, msi_namecache_look(&cache, &key, now, &owner, &until));
}

static void learn(const char *name, msi_name_owner owner, uint32_t ttl, uint64_t now) {
    msi_namecache_key key = key_of(name);
    check(msi_namecache_ask(&cache, &key, now));
    check_state(MSI_NAMECACHE_ASKING, name, now);
    msi_namecache_found(&cache, &key, owner, ttl, now);
}

static void an_answer_lives_as_long_as_its_ttl(void **state) {
    (void)state;
    msi_namecache_key key = key_of("HOST");
    msi_name_owner owner;
    uint64_t until;
    check_state(MSI_NAMECACHE_UNKNOWN, "HOST", S(1));
    learn("HOST", host, 10, S(1));
    check_int(MSI_NAMECACHE_FOUND, msi_namecache_look(&cache, &key, S(11) - 1, &owner, &until));
    check(owner.ip == host.ip && !owner.group && until == S(11));
    check_state(MSI_NAMECACHE_UNKNOWN, "HOST", S(11));
}

static void an_answer_lives_a_minute_at_most(void **state) {
    (void)state;
    learn("HOST", host, 300000, S(1));
    learn("GROUP", group, 0, S(1)); /* 0: for ever */
    check_state(MSI_NAMECACHE_FOUND, "HOST", S(61) - 1);
    check_state(MSI_NAMECACHE_FOUND, "GROUP", S(61) - 1);
    check_state(MSI_NAMECACHE_UNKNOWN, "HOST", S(61));
    check_state(MSI_NAMECACHE_UNKNOWN, "GROUP", S(61));
}

static void nobody_is_remembered_for_two_seconds(void **state) {
    (void)state;
    msi_namecache_key key = key_of("HOST");
    check(msi_namecache_ask(&cache, &key, S(1)));
    msi_namecache_not_found(&cache, &key, S(2));
    check_state(MSI_NAMECACHE_NOT_FOUND, "HOST", S(4) - 1);
    check_state(MSI_NAMECACHE_UNKNOWN, "HOST", S(4));
}

static void names_suffixes_scopes_and_views_are_told_apart(void **state) {
    (void)state;
    learn("HOST", host, 60, S(1));
    msi_namecache_key other_view = key_of("HOST"), other_suffix = key_of("HOST"),
                      other_scope = key_of("HOST");
    other_view.view = 2;
    other_suffix.name.bytes[15] = 0x20;
    check(msi_nbname_set_scope(&other_scope.name, "a.b"));
    const msi_namecache_key *others[] = {&other_view, &other_suffix, &other_scope};
    msi_name_owner owner;
    uint64_t until;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check_int(MSI_NAMECACHE_UNKNOWN,
                  msi_namecache_look(&cache, others[i], S(1), &owner, &until));
    check_state(MSI_NAMECACHE_UNKNOWN, "HOTS", S(1));
    check_state(MSI_NAMECACHE_FOUND, "HOST", S(1));
}

static void giving_up_leaves_nothing(void **state) {
    (void)state;
    msi_namecache_key key = key_of("HOST");
    check(msi_namecache_ask(&cache, &key, S(1)));
    msi_namecache_give_up(&cache, &key);
    check_state(MSI_NAMECACHE_UNKNOWN, "HOST", S(1));
}

static void a_forked_child_forgets_who_was_asking_but_not_answers(void **state) {
    (void)state;
    msi_namecache_key key = key_of("ASKED");
    learn("HOST", host, 60, S(1));
    check(msi_namecache_ask(&cache, &key, S(1)));
    msi_namecache_give_up_all(&cache);
    check_state(MSI_NAMECACHE_UNKNOWN, "ASKED", S(1));
    check_state(MSI_NAMECACHE_FOUND, "HOST", S(1));
}

static void what_was_not_asked_for_is_not_kept(void **state) {
    (void)state;
    msi_namecache_key key = key_of("HOST");
    msi_namecache_found(&cache, &key, host, 60, S(1));
    msi_namecache_not_found(&cache, &key, S(1));
    check_state(MSI_NAMECACHE_UNKNOWN, "HOST", S(1));
}

static void number(char name[16], unsigned i) { snprintf(name, 16, "HOST%u", i); }

static void a_full_table_forgets_what_is_over_soonest(void **state) {
    (void)state;
    char name[16];
    for (unsigned i = 0; i < MSI_NAMECACHE_SIZE; i++) {
        number(name, i);
        learn(name, host, i == 7 ? 20 : 50, S(1));
    }
    learn("NEW", host, 60, S(2));
    check_state(MSI_NAMECACHE_FOUND, "NEW", S(2));
    for (unsigned i = 0; i < MSI_NAMECACHE_SIZE; i++) {
        number(name, i);
        check_state(i == 7 ? MSI_NAMECACHE_UNKNOWN : MSI_NAMECACHE_FOUND, name, S(2));
    }
}

static void a_table_full_of_questions_takes_no_other(void **state) {
    (void)state;
    char name[16];
    msi_namecache_key key;
    for (unsigned i = 0; i < MSI_NAMECACHE_SIZE; i++) {
        number(name, i);
        key = key_of(name);
        check(msi_namecache_ask(&cache, &key, S(1)));
    }
    msi_namecache_key late = key_of("LATE");
    check(!msi_namecache_ask(&cache, &late, S(1)));
    msi_namecache_not_found(&cache, &key, S(1));
    check(msi_namecache_ask(&cache, &late, S(1)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_answer_lives_as_long_as_its_ttl, empty_cache),
        cmocka_unit_test_setup(an_answer_lives_a_minute_at_most, empty_cache),
        cmocka_unit_test_setup(nobody_is_remembered_for_two_seconds, empty_cache),
        cmocka_unit_test_setup(names_suffixes_scopes_and_views_are_told_apart, empty_cache),
        cmocka_unit_test_setup(giving_up_leaves_nothing, empty_cache),
        cmocka_unit_test_setup(a_forked_child_forgets_who_was_asking_but_not_answers, empty_cache),
        cmocka_unit_test_setup(what_was_not_asked_for_is_not_kept, empty_cache),
        cmocka_unit_test_setup(a_full_table_forgets_what_is_over_soonest, empty_cache),
        cmocka_unit_test_setup(a_table_full_of_questions_takes_no_other, empty_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
