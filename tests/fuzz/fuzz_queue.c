/*
 * The queue on plain memory, driven by the input: puts, takes, looks and waits, deaths and stopped
 * writers, and overwritten memory. While nothing is overwritten it behaves as the model; from then
 * on it gives errors at worst.
 */
#include "fuzz.h"
#include "memory_queue.h"
#include "queue_model.h"
#include "shortcuts.h"

/* A second in slices of 20 ms, and the longest deadline, take a tenth of LOOKS_MOST. */
enum { WRITERS = 3, FIRST_SIZE = 4096, LOOKS_MOST = 1000 };

/* What is in the corpus by number, so new ones go to the end. */
enum action {
    PUT,
    TAKE,
    LOOK,
    WAIT,
    OVERWRITE_WORD,
    OVERWRITE_TABLE,
    OVERWRITE_RING,
    KILL,
    HOLD_LOCK,
    CLOSE,
    REATTACH,
    INTERRUPT,
    ACTIONS
};

struct play {
    struct input input;
    memory_queue *memory;
    msi_queue reader, writers[WRITERS + 1];
    struct queue_model model;
    bool sound;  /* nothing was overwritten yet */
    bool locked; /* somebody was made to hold the lock */
};

/* ---- Users ---- */

static uint64_t take_deadline(struct play *play) {
    uint64_t ms = take_number(&play->input, 1);
    return ms ? shortcut_now() + ms * 1000000 : 0;
}

static void check_put(struct play *play, const msi_queue *writer, mailslot_err err, bool room) {
    const memory_queue *memory = play->memory;
    bool reserved = memory->reservable >= memory->layout.chunks;
    switch (err) {
    case MAILSLOT_OK:
        require(room && !memory->shared->closed);
        model_put(&play->model);
        break;
    case MAILSLOT_ERR_FULL:
        require(!room || !reserved || play->locked);
        play->model.refused++;
        break;
    case MAILSLOT_ERR_GONE:
        require(memory->shared->closed || memory->dead[0]);
        break;
    default:
        require(err == MAILSLOT_ERR_CLOSED && writer->interrupted);
    }
}

static void put(struct play *play) {
    msi_queue *writer = &play->writers[1 + take_number(&play->input, 1) % WRITERS];
    uint64_t how = take_number(&play->input, 2);
    int timeout_ms = (int)take_number(&play->input, 1);
    size_t len = (size_t)(how / 2 % (msi_queue_largest(&play->memory->layout) + 1));
    msi_message message;
    unsigned char *data = model_make(&play->model, len, how % 2, shortcut_now(), &message);
    bool room = play->sound && model_has_room(&play->model, &play->memory->layout);
    uint64_t looks = shortcut_looks();
    mailslot_err err = msi_queue_put(writer, &message, data, timeout_ms);
    require(shortcut_looks() - looks < LOOKS_MOST); /* it sleeps while it waits */
    free(data);
    if (play->sound)
        check_put(play, writer, err, room);
    else
        require(!err || err == MAILSLOT_ERR_FULL || err == MAILSLOT_ERR_GONE ||
                err == MAILSLOT_ERR_CLOSED || err == MAILSLOT_ERR_DAMAGED);
}

static void check_take(struct play *play, mailslot_err err, const msi_message *message,
                       const unsigned char *data, size_t cap) {
    const struct model_message *oldest = model_oldest(&play->model);
    if (!oldest) {
        require(err == MAILSLOT_ERR_EMPTY);
    } else if (oldest->len > cap) {
        require(err == MAILSLOT_ERR_TOO_SMALL && message->len == oldest->len);
    } else {
        require(err == MAILSLOT_OK);
        model_take(&play->model, message, data);
    }
}

static void check_any_take(mailslot_err err, const msi_message *message, size_t cap) {
    require(!err || err == MAILSLOT_ERR_EMPTY || err == MAILSLOT_ERR_TOO_SMALL ||
            err == MAILSLOT_ERR_DAMAGED);
    require(err || message->len <= cap);
    require(err != MAILSLOT_ERR_TOO_SMALL || message->len > cap);
    if (!err && message->remote)
        require(strlen(message->computer) < MSI_COMPUTER_SIZE &&
                strlen(message->address) < MSI_ADDRESS_SIZE);
}

/* What is not there to be read is not there to be written either: the buffer is as small as said.
 */
static void take(struct play *play) {
    size_t cap = (size_t)take_number(&play->input, 2) * 2;
    unsigned char *data = fuzz_memory(cap);
    msi_message message;
    uint64_t head = play->reader.head;
    mailslot_err err = msi_queue_take(&play->reader, data, cap, &message);
    require(!err || head == play->reader.head);
    require(msi_position(play->reader.head) - msi_position(head) <=
            msi_position(play->reader.tail_seen) - msi_position(head));
    check_any_take(err, &message, cap);
    if (play->sound)
        check_take(play, err, &message, data, cap);
    free(data);
}

/* As one who only looks. The newest message of a sound queue may have gone, but is never damaged.
 */
static void peek(struct play *play, size_t cap) {
    unsigned char *data = fuzz_memory(cap);
    msi_message message;
    mailslot_err err = msi_queue_peek(&play->writers[1], data, cap, &message);
    check_any_take(err, &message, cap);
    require(!play->sound || err != MAILSLOT_ERR_DAMAGED);
    free(data);
}

static void look(struct play *play) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    size_t len = (size_t)take_number(&play->input, 2);
    size_t size = (MSI_FRAME_HEADER + len + MSI_UNIT - 1) / MSI_UNIT;
    bool full = false;
    peek(play, len);
    mailslot_err err = msi_queue_inspect(&play->writers[1], &info);
    require(!err || err == MAILSLOT_ERR_DAMAGED);
    mailslot_err full_err = msi_queue_full(&play->reader, len, &full);
    require(!full_err || full_err == MAILSLOT_ERR_DAMAGED);
    if (!play->sound)
        return;
    require(!err && !full_err);
    model_check(&play->model, &info);
    require(full == (size > play->memory->layout.capacity - play->model.used));
    require(msi_queue_waiting(&play->reader) == (model_oldest(&play->model) != NULL));
}

static void wait(struct play *play) {
    bool spin = take_number(&play->input, 1) % 2;
    uint64_t deadline = take_deadline(play);
    msi_queue_wait(&play->reader, deadline, spin);
    require(msi_queue_waiting(&play->reader) || play->reader.interrupted ||
            shortcut_now() >= deadline);
}

static void interrupt(struct play *play) {
    uint64_t who = take_number(&play->input, 1) % (WRITERS + 1);
    msi_queue_interrupt(who ? &play->writers[who] : &play->reader);
}

/* The last user of that number is dead, and another process gets it. */
static void reattach(struct play *play) {
    uint32_t who = 1 + (uint32_t)take_number(&play->input, 1) % WRITERS;
    play->writers[who] = memory_queue_view(play->memory, who);
    atomic_store(&play->memory->dead[who], false);
    msi_queue_adopt(&play->writers[who]);
}

/* ---- What happens to the memory ---- */

static void hold_lock(struct play *play) {
    uint64_t owner = 1 + take_number(&play->input, 1) % (2 * WRITERS);
    uint64_t word = take_number(&play->input, 4) << 16;
    atomic_store(&play->memory->shared->lock, word | owner);
    play->locked = true;
}

static void overwrite_word(struct play *play) {
    msi_queue_shared *shared = play->memory->shared;
    _Atomic uint64_t *const words[] = {&shared->lock,        &shared->head_seen, &shared->assigned,
                                       &shared->refused,     &shared->tail,      &shared->head,
                                       &shared->bad_messages};
    _Atomic uint32_t *const flags[] = {&shared->closed, &shared->owner_pid, &shared->room_wanted};
    uint64_t which = take_number(&play->input, 1) % 16, value = take_number(&play->input, 8);
    if (which >= 13)
        *flags[which - 13] = (uint32_t)value;
    else if (which >= 7)
        *words[which - 6] += value; /* what is near the truth goes further */
    else
        *words[which] = value;
}

static void overwrite_table(struct play *play) {
    uint64_t which = take_number(&play->input, 2);
    play->memory->shared->table[which % MSI_TABLE_SIZE] = (uint16_t)take_number(&play->input, 2);
}

static void overwrite_ring(struct play *play) {
    size_t size = msi_queue_ring_size(&play->memory->layout), got;
    size_t offset = (size_t)take_number(&play->input, 3) % size;
    const uint8_t *bytes = take_bytes(&play->input, (size_t)take_number(&play->input, 1), &got);
    memcpy(play->memory->ring + offset, bytes, got < size - offset ? got : size - offset);
}

static void act(struct play *play, enum action action) {
    play->sound = play->sound && (action < OVERWRITE_WORD || action > OVERWRITE_RING);
    switch (action) {
    case PUT:
        put(play);
        break;
    case TAKE:
        take(play);
        break;
    case LOOK:
        look(play);
        break;
    case WAIT:
        wait(play);
        break;
    case OVERWRITE_WORD:
        overwrite_word(play);
        break;
    case OVERWRITE_TABLE:
        overwrite_table(play);
        break;
    case OVERWRITE_RING:
        overwrite_ring(play);
        break;
    case KILL:
        play->memory->dead[take_number(&play->input, 1) % (2 * WRITERS + 1)] = true;
        break;
    case HOLD_LOCK:
        hold_lock(play);
        break;
    case CLOSE:
        msi_queue_close(&play->reader);
        break;
    case REATTACH:
        reattach(play);
        break;
    default:
        interrupt(play);
    }
}

static void begin(struct play *play) {
    static const size_t capacities[] = {FIRST_SIZE, FIRST_SIZE + 8, 3 * FIRST_SIZE,
                                        16 * FIRST_SIZE};
    size_t capacity = capacities[take_number(&play->input, 1) % 4];
    play->memory = memory_queue_new(capacity, (uint32_t)take_number(&play->input, 4));
    uint32_t reservable = (uint32_t)take_number(&play->input, 1);
    play->memory->reservable = reservable < 20 ? reservable : UINT32_MAX;
    memset(play->memory->ring, 0, msi_queue_ring_size(&play->memory->layout));
    play->reader = memory_queue_view(play->memory, 0);
    for (uint32_t i = 1; i <= WRITERS; i++)
        play->writers[i] = memory_queue_view(play->memory, i);
    play->sound = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct play play;
    play.input = (struct input){data, size};
    play.model.put = play.model.taken = play.model.used = 0;
    play.model.refused = 0;
    play.locked = false;
    begin(&play);
    while (play.input.left && play.model.put < MODEL_MOST)
        act(&play, (enum action)(take_number(&play.input, 1) % ACTIONS));
    memory_queue_free(play.memory);
    return 0;
}
