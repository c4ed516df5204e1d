/**
 * @file
 * libmailslot: named, one-way queues of small messages.
 *
 * One process opens a mailslot by name to read from it; any number of processes open it by that
 * name to write to it. A message is a value, which the slot's codec turns into bytes and back:
 *
 *     value -> codec.encode -> limit -> put ~~~~> get -> codec.decode -> value
 *
 * Rules that hold throughout this header:
 *
 *  - Names are UTF-8: `\\.\mailslot\path\name`, or bare `name` and `path\name` for the same slot;
 *    `/` equals `\`, ASCII case does not matter. `\\HOST\mailslot\x` names a slot on another
 *    computer, `\\GROUP\mailslot\x` that slot on every computer of a workgroup or domain, and
 *    `\\*\mailslot\x` on every computer of this one's workgroup: these can only be written to.
 *    If HOST is this computer's own NetBIOS name, the slot is the local one.
 *  - Sizes are bytes of encoded message; timeouts are milliseconds of the monotonic clock.
 *  - Every function that can fail returns a mailslot_err. When it fails, mailslot_detail() has the
 *    reason, and output arguments are unchanged unless the function documents otherwise.
 *  - All functions on a mailslot may be called from several threads at once, except that no call on
 *    it may begin once mailslot_close() has been called. A record belongs to one thread at a time.
 *  - After fork(), the child's copies of its parent's slots are closed: every call but
 *    mailslot_close() returns MAILSLOT_ERR_CLOSED. Nothing is inherited across exec. A child made
 *    by a raw clone() system call, which runs no fork handlers, must not use them at all.
 *  - Functions of the program that this library calls (codecs, and the function arguments of
 *    mailslot_each(), mailslot_list(), mailslot_put_msgpack() and so on) run in the calling thread
 *    and hold none of this library's locks. They may call this library, fork, and, built with GCC
 *    or Clang, leave by a C++ exception: the call then ends as a failed one does, a message taken
 *    is lost, and the slot can be used on and closed. They must not close the slot that they were
 *    called for, and must not leave by longjmp().
 *  - Do not close a mailslot's descriptors with closefrom() or close_range(): that drops its locks,
 *    and other processes then take this one for dead.
 *  - The library never prints, never exits and installs no signal handler.
 *  - On Windows, slots are the system's own mailslots. Windows reports no capacity (capacity, used
 *    and refused are 0, and a slot is never full) and no origin (pid and uid are -1, and arrival_ns
 *    is the time of the get). local_only, and any access but MAILSLOT_ACCESS_USER, are
 *    MAILSLOT_ERR_UNSUPPORTED there.
 */
#ifndef MAILSLOT_MAILSLOT_H
#define MAILSLOT_MAILSLOT_H

#include <mailslot/export.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One end of a mailslot: its name, codec, limits and, once used, its direction. */
typedef struct mailslot mailslot;

/** What one get fills: the message's bytes, its decoded value, its origin, and their memory. */
typedef struct mailslot_record mailslot_record;

/** A serialiser pair and its schema; see <mailslot/codec.h>. */
typedef struct mailslot_codec mailslot_codec;

/** A range of bytes, owned by whatever it was obtained from. */
typedef struct {
    const void *data; /**< may be NULL only where len is 0 */
    size_t len;       /**< length in bytes */
} mailslot_bytes;

/* ---- Errors ------------------------------------------------------------------------------ */

/** Every error: name, number, short text. Numbers are part of the binary interface and are never
 *  reused. */
#define MAILSLOT_ERROR_LIST(X)                                                                     \
    X(EMPTY, 1, "no message is waiting")                                                           \
    X(TOO_BIG, 2, "message too big")                                                               \
    X(TOO_SMALL, 3, "buffer too small")                                                            \
    X(TOO_COMPLEX, 4, "message too complex to decode within bounds")                               \
    X(BAD_MESSAGE, 5, "message does not decode")                                                   \
    X(BAD_VALUE, 6, "value cannot be encoded")                                                     \
    X(BAD_NAME, 7, "not a valid mailslot name")                                                    \
    X(INVALID, 8, "invalid argument")                                                              \
    X(WRONG_DIRECTION, 9, "not possible in this slot's direction")                                 \
    X(NOT_FOUND, 10, "no such mailslot")                                                           \
    X(IN_USE, 11, "the mailslot already has a reader")                                             \
    X(GONE, 12, "the mailslot's reader is gone")                                                   \
    X(CLOSED, 13, "the mailslot is closed")                                                        \
    X(FULL, 14, "the mailslot is full")                                                            \
    X(DENIED, 15, "access denied")                                                                 \
    X(NO_HOST, 16, "no computer answers to that name")                                             \
    X(UNSUPPORTED, 17, "not supported")                                                            \
    X(DAMAGED, 18, "the mailslot's shared memory is damaged")                                      \
    X(NO_MEMORY, 19, "out of memory")                                                              \
    X(OS, 20, "the operating system refused")

/** MAILSLOT_OK, or MAILSLOT_ERR_ and a name from MAILSLOT_ERROR_LIST. */
typedef enum mailslot_err {
    MAILSLOT_OK = 0, /**< no error */
#define MAILSLOT_ENUM_MEMBER(name, number, text) MAILSLOT_ERR_##name = number,
    MAILSLOT_ERROR_LIST(MAILSLOT_ENUM_MEMBER)
#undef MAILSLOT_ENUM_MEMBER
} mailslot_err;

/** The short text of an error, "no error" for MAILSLOT_OK; static, never NULL. */
MAILSLOT_API const char *mailslot_strerror(mailslot_err err);

/** The name of an error without its prefix, such as "TOO_BIG"; "OK" for MAILSLOT_OK,
 *  "UNKNOWN" for any other number. Static, never NULL. */
MAILSLOT_API const char *mailslot_errname(mailslot_err err);

/**
 * Describes this thread's last failure in one line that names the slot, the cause and the numbers,
 * such as "trace: message too big: 425 bytes, limit 424". Empty before the first failure; calls
 * that succeed do not change it. Never NULL; valid until this thread's next failure.
 */
MAILSLOT_API const char *mailslot_detail(void);

/* ---- Options ----------------------------------------------------------------------------- */

/**
 * @name Timeouts
 * Milliseconds, or one of these. Any other negative number is MAILSLOT_ERR_INVALID.
 * @{
 */
#define MAILSLOT_NO_WAIT      0    /**< do not wait */
#define MAILSLOT_FOREVER      (-1) /**< wait without a limit */
#define MAILSLOT_SLOT_TIMEOUT (-2) /**< for a get: use the slot's own timeout */
/** @} */

/** mailslot_info.next_size when no message waits. */
#define MAILSLOT_NEXT_NONE SIZE_MAX

/** Which end of the mailslot a handle is. */
typedef enum mailslot_direction {
    MAILSLOT_AUTO = 0,  /**< the first use decides: get or count makes a reader, put a writer */
    MAILSLOT_READ = 1,  /**< the reader, created at open */
    MAILSLOT_WRITE = 2, /**< a writer, attached at open */
} mailslot_direction;

/**
 * Which local users may write to a reader's slot. mailslotd carries other users' messages; the
 * slot's shared memory is never opened to them. While mailslotd is not running,
 * MAILSLOT_ACCESS_GROUP and MAILSLOT_ACCESS_EVERYONE are equivalent to MAILSLOT_ACCESS_USER. A
 * reader that calls get, or waits in one, registers about a second after mailslotd starts.
 */
typedef enum mailslot_access {
    MAILSLOT_ACCESS_USER = 0,     /**< processes of the reader's own user */
    MAILSLOT_ACCESS_GROUP = 1,    /**< also members of the reader's group */
    MAILSLOT_ACCESS_EVERYONE = 2, /**< also every other local user */
} mailslot_access;

/** What a get does with a message that its codec cannot decode. */
typedef enum mailslot_bad {
    /** Takes and counts it (bad_messages of mailslot_info) and goes on to the next message, within
     *  the same timeout. */
    MAILSLOT_BAD_SKIP = 0,
    /** Takes and counts it and returns BAD_MESSAGE or TOO_COMPLEX; the record has its bytes. */
    MAILSLOT_BAD_REPORT = 1,
} mailslot_bad;

/**
 * On Windows, which implementation sends to other computers. Without effect on Linux, where the
 * library always does.
 */
typedef enum mailslot_sender {
    /** As $MAILSLOT_SENDER says ("auto", "system" or "library"), else `sender` in the configuration
     *  file, else MAILSLOT_SENDER_AUTO. */
    MAILSLOT_SENDER_DEFAULT = 0,
    /** Windows, and this library once Windows refuses with error 3025. */
    MAILSLOT_SENDER_AUTO = 1,
    /** Windows only. Newer versions refuse with error 3025, which is UNSUPPORTED. */
    MAILSLOT_SENDER_SYSTEM = 2,
    /** This library only, as on Linux. */
    MAILSLOT_SENDER_LIBRARY = 3,
} mailslot_sender;

/**
 * What this computer is on its NetBIOS network, for programs that override its configuration. Start
 * from MAILSLOT_HOST_INIT and set what differs. The library copies what it needs during the call
 * that takes the struct; neither it nor its strings have to outlive that call.
 *
 * A member that is NULL, or MAILSLOT_SENDER_DEFAULT, comes from the environment, else from the
 * configuration file ($MAILSLOT_CONFIG, else `/etc/mailslot.conf` or
 * `C:\ProgramData\mailslot.conf`), else from the system.
 */
typedef struct {
    /** sizeof(mailslot_host), which lets this struct grow without breaking binaries. */
    size_t size;
    /** NetBIOS name of this computer, 1 to 15 characters; else $MAILSLOT_NAME, `name` in the
     *  configuration file, or the system's host name. */
    const char *computer;
    /** Workgroup, 1 to 15 characters; else $MAILSLOT_WORKGROUP, `workgroup` in the configuration
     *  file, or WORKGROUP. */
    const char *workgroup;
    /** Interfaces to use, separated by commas: names, alternative names, patterns ("eth*"),
     * addresses
     *  ("192.0.2.7") or networks ("192.0.2.0/24"); else `interface` in the configuration file, or
     *  every interface with an IPv4 address. */
    const char *interfaces;
    /** Which implementation sends. */
    mailslot_sender sender;
} mailslot_host;

/** Everything as configured: `mailslot_host host = MAILSLOT_HOST_INIT;` */
#define MAILSLOT_HOST_INIT                                                                         \
    { sizeof(mailslot_host), NULL, NULL, NULL, MAILSLOT_SENDER_DEFAULT }

/** How to open a mailslot. Start from MAILSLOT_OPTIONS_INIT and set what differs. */
typedef struct {
    /** sizeof(mailslot_options), which lets this struct grow without breaking binaries. */
    size_t size;
    /** Which end to open; MAILSLOT_AUTO leaves it to the first use. */
    mailslot_direction direction;
    /** The slot's codec, used by put and get; NULL: text. Must outlive the slot. */
    const mailslot_codec *codec;
    /**
     * Largest encoded message in bytes; 0: no maximum set, which limits local messages to 65,535.
     * A reader's maximum also applies to its local writers. It may exceed 65,535 if a message of
     * that size fits the capacity.
     */
    size_t max_message;
    /** The slot's timeout, for gets with MAILSLOT_SLOT_TIMEOUT: ms, or MAILSLOT_FOREVER. */
    int timeout_ms;
    /** How long a put waits for room in a full slot: ms, MAILSLOT_NO_WAIT or MAILSLOT_FOREVER. */
    int put_timeout_ms;
    /**
     * For a reader: size of the queue in bytes, 4 KiB to 8 GiB; 0: 16 MiB. Each waiting message
     * takes its own bytes plus 24, rounded up to a multiple of 8. Memory is allocated only as the
     * queue fills.
     */
    size_t capacity;
    /** For a reader: who may write. */
    mailslot_access access;
    /** For a reader: receive no messages from other computers, and none that local programs send
     *  to a group or to `\\*`. */
    bool local_only;
    /** Limit in bytes on the memory that decoding one message may allocate; 0: 64 KiB, or 64 times
     *  the message's size if that is larger. */
    size_t decode_budget;
    /** For a name on other computers: what this computer is on its network; NULL: as configured.
     *  Read during mailslot_open() only. */
    const mailslot_host *host;
    /** For a reader: what a get does with messages that do not decode. Any process that may write
     *  to the slot can put such a message, and so can any computer on the network unless
     *  local_only is set: the default keeps them from ending a loop of gets. */
    mailslot_bad bad_messages;
} mailslot_options;

/** Every default: `mailslot_options options = MAILSLOT_OPTIONS_INIT;` */
#define MAILSLOT_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(mailslot_options), MAILSLOT_AUTO, NULL, 0, MAILSLOT_FOREVER, MAILSLOT_NO_WAIT, 0,   \
            MAILSLOT_ACCESS_USER, false, 0, NULL, MAILSLOT_BAD_SKIP                                \
    }

/* ---- Opening and closing ----------------------------------------------------------------- */

/**
 * Opens a mailslot and stores the handle in *slot; close it with mailslot_close(). options may be
 * NULL for the defaults; it is copied. With MAILSLOT_AUTO the slot is created or attached to by the
 * first use, which can then fail with the errors marked (*). After such a failure the slot still
 * has no direction, and the next use tries again.
 *
 * A reader registers with mailslotd if that is running, unless the reader is local_only with
 * MAILSLOT_ACCESS_USER. It then has one helper thread, which receives from mailslotd until the
 * reader closes or mailslotd exits. Opening such a reader waits at most 100 ms for mailslotd's
 * answer. A writer that asks mailslotd for another user's slot waits at most one second; closing
 * it meanwhile waits as long.
 *
 * BAD_NAME; INVALID (an option is out of range); WRONG_DIRECTION (reading a slot on another
 * computer); NO_MEMORY; OS (the configuration file cannot be read);
 * UNSUPPORTED (options set a member that this library does not know, or (*) one that Windows does
 * not support; or (*) the slot directory's file system cannot share a file's memory and locks);
 * IN_USE (*) (reading: the slot already has a reader);
 * NOT_FOUND (*) (writing: the slot has no reader);
 * DENIED (*) (the slot belongs to another user, and its reader does not accept this user's messages
 * or mailslotd is not running; or the slot directory's owner or mode is unsafe);
 * DAMAGED (*) (the slot's file was not made by this library); FULL (*) (no memory is left for
 * slots, or the capacity exceeds RLIMIT_FSIZE, which raises no signal here); OS (*). On failure
 * *slot is NULL.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_open(mailslot **slot, const char *name,
                                                          const mailslot_options *options);

/**
 * Closes a mailslot and frees it; NULL is ignored. Closing a reader frees the name at once and
 * discards the waiting messages; closing a writer affects no other handle. Calls in progress in
 * other threads return MAILSLOT_ERR_CLOSED. Close waits for them: at most about 100 ms, plus the
 * time that a codec or a function passed to mailslot_each() takes. No call on the slot may begin
 * once close has been called. Codecs and such functions must not close their own slot.
 */
MAILSLOT_API void mailslot_close(mailslot *slot);

/** For MAILSLOT_SCOPED: closes *slot. */
MAILSLOT_API void mailslot_close_scoped(mailslot **slot);

/** `MAILSLOT_SCOPED mailslot *slot = NULL;` closes the slot when the variable leaves its scope. */
#if defined(__GNUC__)
#define MAILSLOT_SCOPED __attribute__((cleanup(mailslot_close_scoped)))
#endif

/**
 * Returns whether names a and b mean the same mailslot: it ignores the prefix of a local name, the
 * kind and number of separators, and the case of ASCII letters, whatever the locale. Computer names
 * are compared as names: `\\HOST\mailslot\x` never equals `\\.\mailslot\x`, even on HOST.
 * A malformed name, or NULL, equals nothing, not even itself. Touches neither the system nor
 * mailslot_detail(). Thread-safe.
 */
MAILSLOT_API bool mailslot_name_equal(const char *a, const char *b);

/* ---- Putting ----------------------------------------------------------------------------- */

/**
 * Encodes value with the slot's codec and queues it as one message. The codec defines the type that
 * value points to (text: char). The value is copied. Does not wait for the reader to take it.
 *
 * TOO_BIG (over the writer's or the reader's maximum; the detail has both numbers); BAD_VALUE (the
 * codec cannot encode it); FULL (no room within put_timeout_ms; up to a second later if another
 * writer is stopped in the middle of a put); GONE (the reader closed, or was killed more than
 * 100 ms ago); CLOSED; WRONG_DIRECTION (this handle is the reader); INVALID (slot or value is
 * NULL); DAMAGED; NO_MEMORY; and at first use the errors of mailslot_open() for writing. Unless the
 * result is MAILSLOT_OK, nothing is queued locally.
 *
 * Signals neither end nor prolong the wait for room; see mailslot_get().
 *
 * To other computers, delivery is not confirmed. NO_HOST (no computer answers for the name, or no
 * interface can broadcast; a local reader of a broadcast name gets the message even so); FULL (the
 * network card accepted no packet for put_timeout_ms plus a second); OS (no route, or no free
 * descriptor).
 *
 * To another user's slot, mailslotd carries the message. FULL also means that mailslotd already
 * holds too much for that reader; GONE also that mailslotd exited, or failed to answer an earlier
 * put; OS that it refused, or did not answer within a second. In that last case the message may
 * still arrive; open the slot again before the next put. These messages keep their order, but a
 * message put afterwards by the reader's own user may overtake them.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_put(mailslot *slot, const void *value);

/** Queues len bytes without encoding them; data may be NULL if len is 0. Errors as mailslot_put(),
 *  except BAD_VALUE. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_put_bytes(mailslot *slot, const void *data,
                                                               size_t len);

/**
 * Stores in *len the size in bytes of value as the slot's codec encodes it. Sends nothing and
 * applies no limit. INVALID, BAD_VALUE, NO_MEMORY, CLOSED.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_encoded_size(mailslot *slot, const void *value,
                                                                  size_t *len);

/**
 * Stores in *limit the size in bytes of the largest message that a put accepts: the smaller of the
 * writer's maximum and the reader's, or, for other computers, what fits a datagram beside the name.
 * As a first use it makes this handle a writer; it sends nothing. CLOSED, WRONG_DIRECTION, INVALID,
 * and at first use the errors of mailslot_open() for writing.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_limit(mailslot *slot, size_t *limit);

/* ---- Getting ----------------------------------------------------------------------------- */

/**
 * Takes the oldest message out of the slot into record, waiting up to timeout_ms for one, and
 * decodes it with the slot's codec. The record's previous content is discarded whatever the result.
 * A reader's loop is therefore
 *
 *     while (!mailslot_get(slot, record, MAILSLOT_FOREVER))
 *         use(mailslot_record_value(record));
 *
 * which no message can end: a message that does not decode is taken, counted in bad_messages of
 * mailslot_info, and skipped, without a change to mailslot_detail(). Skipping does not prolong the
 * timeout: after it, the get returns EMPTY even if more messages wait. A get that does not wait
 * skips at most the messages that waited when it met the first one to skip, or 1,024 if those are
 * fewer, so EMPTY means that none of them decodes. With MAILSLOT_BAD_REPORT the get returns
 * BAD_MESSAGE or TOO_COMPLEX instead: the message was taken and counted, the record has its bytes,
 * its origin and a NULL value, the detail names the sender, and the next get is unaffected.
 *
 * Signals neither end nor prolong a wait, here or in a put: a handler runs, with or without
 * SA_RESTART, and the wait goes on; no call fails because of a signal. To end a wait, have another
 * thread call mailslot_close(), or wait for mailslot_waitable() and a signal at once with ppoll().
 * No function of this library is async-signal-safe.
 *
 * EMPTY (no message in time); BAD_MESSAGE, TOO_COMPLEX (with MAILSLOT_BAD_REPORT only); INVALID;
 * CLOSED; WRONG_DIRECTION (this handle is a writer, or the slot is on another computer); DAMAGED;
 * NO_MEMORY (the message stays in the queue, or the record has its bytes); GONE (another program,
 * such as rm or a cleaner of temporary files, removed the slot's file, so that no new writer finds
 * it; noticed within a second by a get that waits or finds the queue empty, and returned once the
 * messages that waited are taken: close the slot and open it again); and at first use the errors of
 * mailslot_open() for reading.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_get(mailslot *slot, mailslot_record *record,
                                                         int timeout_ms);

/** mailslot_get() with MAILSLOT_NO_WAIT. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_get_nowait(mailslot *slot,
                                                                mailslot_record *record);

/**
 * Takes the oldest message undecoded into buf, which holds cap bytes, and stores its size in *len.
 * TOO_SMALL: *len is the size needed, and the message stays. Otherwise errors as mailslot_get(),
 * with *len set to 0.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_get_bytes(mailslot *slot, void *buf,
                                                               size_t cap, size_t *len,
                                                               int timeout_ms);

/**
 * Takes messages one by one, each with the slot's timeout, and calls fn with each. The record is
 * valid during that call. A message that does not decode is skipped as in mailslot_get(); with
 * MAILSLOT_BAD_REPORT it is passed too, with a NULL value, and mailslot_detail() says why.
 *
 * fn may call any function of this library on any slot, this one included, except that it must not
 * close this slot.
 *
 * Returns MAILSLOT_OK once the timeout expires without a message. Returns at once if fn returns
 * anything but MAILSLOT_OK, with that result, or if a get fails, with its error.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_each(mailslot *slot, mailslot_err (*fn)(void *ctx, const mailslot_record *), void *ctx);

/* ---- Inspecting -------------------------------------------------------------------------- */

/** Whether mailslotd knows a slot, and so delivers what other computers and users send to it. */
typedef enum {
    MAILSLOT_UNREGISTERED, /**< no mailslotd runs, or the slot does not need it: it is local_only
                              and for its own user */
    MAILSLOT_REGISTERED,   /**< yes */
    MAILSLOT_REFUSED       /**< mailslotd refused it; the reader asks again each second */
} mailslot_registration;

/** Number of classes in mailslot_info.sizes. */
#define MAILSLOT_SIZE_CLASSES 18

/**
 * State and statistics of a slot. The members from size to reader_pid are one snapshot. The others
 * count from the opening of the reader; they may lag behind the snapshot while messages are put and
 * taken, and miss a message whose writer was killed during the put. On Windows the statistics that
 * only writers or the queue can keep are 0.
 */
typedef struct {
    size_t size;           /**< in: sizeof(mailslot_info); only that much is filled in */
    size_t max_message;    /**< the reader's maximum in bytes as given; 0: none set */
    size_t next_size;      /**< bytes of the oldest message, or MAILSLOT_NEXT_NONE */
    size_t count;          /**< messages waiting */
    size_t capacity;       /**< size of the queue in bytes, as in mailslot_options */
    size_t used;           /**< bytes of it that waiting messages take */
    int timeout_ms;        /**< the slot's timeout: ms, or MAILSLOT_FOREVER */
    int64_t reader_pid;    /**< process id of the reader */
    uint64_t bad_messages; /**< messages taken that did not decode */
    uint64_t refused;      /**< puts that failed FULL */
    uint64_t messages_in;  /**< messages put */
    uint64_t bytes_in;     /**< bytes of them */
    uint64_t messages_out; /**< messages taken */
    uint64_t bytes_out;    /**< bytes of them */
    uint64_t too_big;      /**< puts that failed TOO_BIG, of writers that were attached */
    uint64_t too_complex;  /**< those of bad_messages that failed TOO_COMPLEX */
    uint64_t lost;         /**< messages from mailslotd that did not fit the queue */
    uint64_t largest;      /**< bytes of the largest message put */
    /** Messages put, by size: sizes[0] counts those of 0 bytes, sizes[i] those of 2^(i-1) to
     *  2^i - 1 bytes, and the last element also all larger ones. */
    uint64_t sizes[MAILSLOT_SIZE_CLASSES];
    mailslot_registration registration; /**< with mailslotd; MAILSLOT_UNREGISTERED on Windows */
    const char *refusal; /**< why mailslotd refused the slot: short, static; NULL if it did not */
} mailslot_info;

/** `mailslot_info info = MAILSLOT_INFO_INIT;` */
#define MAILSLOT_INFO_INIT                                                                         \
    {                                                                                              \
        sizeof(mailslot_info), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0},             \
            MAILSLOT_UNREGISTERED, 0                                                               \
    }

/** Stores the state of the reader's own slot in *info, without taking a message. INVALID (the slot
 *  has no direction yet, or info->size is too small), WRONG_DIRECTION (this handle is a writer),
 *  CLOSED, DAMAGED. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_info_get(mailslot *slot, mailslot_info *info);

/** Stores the number of waiting messages. As a first use it makes this handle the reader. Errors as
 *  mailslot_get(), except EMPTY and GONE. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_count(mailslot *slot, size_t *count);

/** Stores whether no message waits. Otherwise as mailslot_count(). */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_empty(mailslot *slot, bool *empty);

/** Stores whether the queue has too little room for a message of the slot's maximum size or, if no
 *  maximum was set, of 424 bytes (the largest between computers, [MS-MAIL] 2.1). Otherwise as
 *  mailslot_count(). */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_full(mailslot *slot, bool *full);

/** Sets the slot's timeout for later gets: ms, or MAILSLOT_FOREVER. Gets in progress keep theirs.
 *  INVALID, WRONG_DIRECTION (this handle is a writer), CLOSED. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_set_timeout(mailslot *slot, int timeout_ms);

/**
 * Stores a handle that is ready (readable, or signalled on Windows) while messages wait. It becomes
 * ready within 100 ms of a message's arrival, and stops being ready within 100 ms of a get that
 * returned EMPTY. It may be ready without a message: call mailslot_get_nowait() until it returns
 * EMPTY. It becomes ready for good when gets return GONE. The slot owns the handle: do not read,
 * reset or close it. The first call starts a helper
 * thread, which ends with the slot.
 *
 * INVALID (the slot has no direction yet), WRONG_DIRECTION (this handle is a writer), CLOSED,
 * NO_MEMORY, OS.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_waitable(mailslot *slot,
                                                              mailslot_handle *handle);

/** Stores in *info the state of any of this user's slots on this computer that has a reader,
 * without opening it. BAD_NAME, INVALID, UNSUPPORTED (a slot on another computer), NOT_FOUND,
 * DENIED, DAMAGED, NO_MEMORY, OS. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_stat(const char *name, mailslot_info *info);

/**
 * Copies into record the newest message of any of this user's slots on this computer that has a
 * reader, and decodes it with codec (NULL: text). Takes and counts nothing, and delays neither the
 * reader nor writers. The reader may have taken that message long ago. While messages are being
 * put, or if a writer was killed during a put, it may be the one before the newest. The record's
 * previous content is discarded whatever the result.
 *
 * EMPTY (no message was put since the reader opened, or its memory was reused by a put that is in
 * progress or failed for lack of memory); BAD_MESSAGE or TOO_COMPLEX (the record has its bytes, and
 * a NULL value); BAD_NAME, INVALID, NOT_FOUND, DENIED, DAMAGED, NO_MEMORY, OS; UNSUPPORTED (a slot
 * on another computer, or on Windows).
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_peek(const char *name,
                                                          const mailslot_codec *codec,
                                                          mailslot_record *record);

/**
 * Calls each for every slot of this user on this computer that has a reader, in no particular
 * order, with its name as the reader gave it. Omits slots that close meanwhile. If each returns
 * anything but MAILSLOT_OK, stops and returns that. INVALID, DENIED, NO_MEMORY, OS.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_list(
    mailslot_err (*each)(void *ctx, const char *name, const mailslot_info *info), void *ctx);

/* ---- Records ----------------------------------------------------------------------------- */

/** Where a message came from. The strings are valid as long as the record's content. */
typedef struct {
    bool remote;          /**< it came over the network */
    const char *computer; /**< the sender's computer name as claimed; "." for this one */
    const char *address;  /**< the sender's address; "" for this computer */
    uint64_t arrival_ns;  /**< ns since 1970 (CLOCK_REALTIME), within a few ms for local messages */
    int64_t pid;          /**< process id of a local writer, unverified; -1 when remote */
    int64_t uid;          /**< user id of a local writer, unverified; -1 when remote */
} mailslot_origin;

/**
 * Creates a record; free it with mailslot_record_free(). Its content is valid until the next get
 * into it. Reuse one record for many gets: it keeps its memory, so that they need not allocate.
 * INVALID; NO_MEMORY, and then *record is NULL.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_record_new(mailslot_record **record);

/** Frees a record and all it holds; NULL is ignored. */
MAILSLOT_API void mailslot_record_free(mailslot_record *record);

/** The decoded value, of the codec's type; NULL if there is none. Owned by the record. */
MAILSLOT_API const void *mailslot_record_value(const mailslot_record *record);

/** The message's bytes before decoding, followed by a NUL. Owned by the record. */
MAILSLOT_API mailslot_bytes mailslot_record_bytes(const mailslot_record *record);

/** Where the message came from. Never NULL; owned by the record. */
MAILSLOT_API const mailslot_origin *mailslot_record_origin(const mailslot_record *record);

#ifdef __cplusplus
}
#endif

#endif
