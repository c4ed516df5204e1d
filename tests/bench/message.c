/* Makes messages and checks them byte by byte. */
#include "message.h"

#include <string.h>

#define STEP    UINT64_C(0x9e3779b97f4a7c15)                     /* odd, bits well mixed */
#define CHECK   (sizeof(struct message_head) / sizeof(uint64_t)) /* the word after the head */
#define OFFSETS 512                                              /* patterns to choose from */

/* Messages hold a stretch of this: comparing with it costs less than computing it anew. */
static uint64_t pattern[OFFSETS + MESSAGE_MAX / sizeof(uint64_t)];

__attribute__((constructor)) static void make_pattern(void) {
    uint64_t word = STEP;
    for (size_t i = 0; i < sizeof pattern / sizeof *pattern; i++) {
        word = (word ^ word >> 29) * STEP + i;
        pattern[i] = word;
    }
}

/* Differs if one field of the head does: the factors are odd. */
static uint64_t check_of(const struct message_head *head) {
    uint64_t who = (uint64_t)head->writer << 32 | head->last;
    return head->sequence * STEP + who * (STEP << 8 | 1) + head->sent_ns * (STEP >> 8 | 1);
}

/* One message and the next never have the same. */
static const uint64_t *pattern_of(uint64_t check) { return &pattern[check % OFFSETS]; }

static size_t pattern_size(size_t size) { return size - (CHECK + 1) * sizeof(uint64_t); }

void message_fill(union message *message, size_t size) {
    uint64_t check = check_of(&message->head);
    message->words[CHECK] = check;
    memcpy(&message->words[CHECK + 1], pattern_of(check), pattern_size(size));
}

bool message_intact(const union message *message, size_t size) {
    uint64_t check = check_of(&message->head);
    return message->words[CHECK] == check &&
           memcmp(&message->words[CHECK + 1], pattern_of(check), pattern_size(size)) == 0;
}

bool tally_take(struct tally *tally, const union message *message, size_t len, size_t size,
                unsigned writers) {
    const struct message_head *head = &message->head;
    if (len != size || !message_intact(message, size) || head->writer >= writers) {
        tally->torn++;
        return false;
    }
    uint64_t *next = &tally->next[head->writer];
    if (head->sequence < *next) {
        tally->repeated++;
        return false;
    }
    tally->lost += head->sequence - *next;
    *next = head->sequence + 1;
    if (head->last != 0) {
        tally->ended++;
        return false;
    }
    tally->received++;
    return true;
}

uint64_t tally_wrong(const struct tally *tally, uint64_t sent) {
    uint64_t wrong = tally->torn + tally->lost + tally->repeated;
    uint64_t missing = sent > tally->received ? sent - tally->received : tally->received - sent;
    return wrong > missing ? wrong : missing;
}
