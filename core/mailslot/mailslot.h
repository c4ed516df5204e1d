/**
 * @file
 * libmailslot: named, one-way queues of small messages.
 *
 * One process opens a mailslot by name and reads; any number of processes write to it by that
 * name. What travels is a value, turned into bytes and back by the slot's codec:
 *
 *     value -> codec.encode -> limit -> put ~~~~> get -> codec.decode -> value
 *
 * Rules that hold throughout this header:
 *
 *  - Names are UTF-8: `\\.\mailslot\path\name`, or bare `name` and `path\name` for the same slot;
 *    `/` equals `\`, ASCII case does not matter. `\\HOST\mailslot\x`, `\\GROUP\mailslot\x` and
 *    `\\*\mailslot\x` name slots on other computers and can only be written.
 *  - Sizes are bytes of encoded message; timeouts are milliseconds of the monotonic clock.
 *  - Every function that can fail returns mailslot_err and changes nothing it does not say;
 *    mailslot_detail() then says in full words what was wrong.
 *  - All functions on a mailslot may be called from several threads at once, except that no call on
 *    it may begin once mailslot_close() has been called. A record belongs to one thread at a time.
 *  - After fork(), the child's copies of its parent's slots are closed: every call but
 *    mailslot_close() gives MAILSLOT_ERR_CLOSED. Nothing is inherited by exec. A child made by a
 *    raw clone() system call, which runs no fork handlers, must not touch them at all.
 *  - closefrom() or close_range() over descriptors of a live mailslot breaks it: its locks are
 *    gone, and other processes believe that this one is dead.
 *  - The library never prints, never exits and installs no signal handler.
 *  - On Windows slots are the system's own mailslots. It tells no capacity (capacity, used and
 *    refused are 0, and a slot is never full), no origin (pid and uid are -1, the arrival is when
 *    the message was taken), and refuses local_only and any access but USER as UNSUPPORTED.
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

/** Bytes that belong to somebody else. */
typedef struct {
    const void *data; /**< may be NULL only where len is 0 */
    size_t len;       /**< how many there are */
} mailslot_bytes;

/* ---- Errors ------------------------------------------------------------------------------ */

/** Every error: name, number, short text. Numbers are part of the binary interface: never reused.
 */
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
 *  "UNKNOWN" for a number that is none. Static, never NULL. */
MAILSLOT_API const char *mailslot_errname(mailslot_err err);

/**
 * What this thread's last failing call had to say, naming slot, cause and numbers, such as
 * "trace: message too big: 425 bytes, limit 424". Empty if nothing failed yet; calls that succeed
 * leave it alone. Never NULL; valid until this thread's next failure.
 */
MAILSLOT_API const char *mailslot_detail(void);

/* ---- Options ----------------------------------------------------------------------------- */

/**
 * @name Timeouts
 * Milliseconds, or one of these. Any other negative number is MAILSLOT_ERR_INVALID.
 * @{
 */
#define MAILSLOT_NO_WAIT      0    /**< do not wait */
#define MAILSLOT_FOREVER      (-1) /**< wait until it happens */
#define MAILSLOT_SLOT_TIMEOUT (-2) /**< for a get: wait as long as the slot's own timeout says */
/** @} */

/** mailslot_info.next_size when no message waits. */
#define MAILSLOT_NEXT_NONE SIZE_MAX

/** Which end of the mailslot a handle is. */
typedef enum mailslot_direction {
    MAILSLOT_AUTO = 0,  /**< the first use decides: get or look makes a reader, put a writer */
    MAILSLOT_READ = 1,  /**< the reader, created at open */
    MAILSLOT_WRITE = 2, /**< a writer, attached at open */
} mailslot_direction;

/**
 * Who of this computer may write to a reader's slot. Other users' messages come by way of
 * mailslotd, never by opening the slot's memory to them: while it does not run on this computer,
 * MAILSLOT_ACCESS_GROUP and MAILSLOT_ACCESS_EVERYONE are as MAILSLOT_ACCESS_USER, and a reader that
 * asked for more gets it within a second or so of its start, if it gets or waits meanwhile.
 */
typedef enum mailslot_access {
    MAILSLOT_ACCESS_USER = 0,     /**< processes of the reader's own user */
    MAILSLOT_ACCESS_GROUP = 1,    /**< and those that are in the reader's group */
    MAILSLOT_ACCESS_EVERYONE = 2, /**< and everybody */
} mailslot_access;

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
    /** Interfaces to send on, separated by commas; else `interface` in the configuration file, or
     *  every interface that can broadcast. */
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
     * Largest encoded message in bytes; 0: none set, which means 65,535 locally. A reader's
     * maximum also binds local writers. More than 65,535 is possible if capacity holds it.
     */
    size_t max_message;
    /** How long a get waits unless it says otherwise: ms, or MAILSLOT_FOREVER. */
    int timeout_ms;
    /** How long a put waits for room in a full slot: ms, MAILSLOT_NO_WAIT or MAILSLOT_FOREVER. */
    int put_timeout_ms;
    /**
     * For a reader: bytes of queue, with 24 bytes and padding to 8 for each waiting message;
     * 0: 16 MiB. From 4 KiB to 8 GiB. Memory is taken only as the queue fills.
     */
    size_t capacity;
    /** For a reader: who may write. */
    mailslot_access access;
    /** For a reader: refuse what comes from other computers, and what others of this one write to
     *  a group or to everybody. */
    bool local_only;
    /** Most memory in bytes that decoding one message may take; 0: the larger of 64 KiB and
     *  64 times the message. */
    size_t decode_budget;
    /** For a name on other computers: what this computer is on its network; NULL: as configured.
     *  Read during mailslot_open() only. */
    const mailslot_host *host;
} mailslot_options;

/** Every default: `mailslot_options options = MAILSLOT_OPTIONS_INIT;` */
#define MAILSLOT_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(mailslot_options), MAILSLOT_AUTO, NULL, 0, MAILSLOT_FOREVER, MAILSLOT_NO_WAIT, 0,   \
            MAILSLOT_ACCESS_USER, false, 0, NULL                                                   \
    }

/* ---- Opening and closing ----------------------------------------------------------------- */

/**
 * Opens a mailslot and stores the handle in *slot, to be closed with mailslot_close(). options may
 * be NULL for every default; it is copied. With MAILSLOT_AUTO a local name touches the system only
 * at the first use, which may then fail with the errors marked (*); such a failure fixes nothing,
 * and the next use tries again.
 *
 * A reader registers with mailslotd, where that runs, unless it is local_only with access USER; it
 * then has one helper thread for what comes that way, until it closes or mailslotd ends. Opening it
 * waits for mailslotd's answer, a tenth of a second at most. A writer that asks mailslotd for
 * another user's slot waits a second at most, and who closes it meanwhile waits with it.
 *
 * BAD_NAME; INVALID (an option is out of range); UNSUPPORTED (a name on another computer);
 * WRONG_DIRECTION (reading from another computer); NO_MEMORY;
 * IN_USE (*) (reading: somebody reads already); NOT_FOUND (*) (writing: nobody reads);
 * DENIED (*) (the slot is another user's, whose reader does not let this one write or cannot be
 * asked for want of mailslotd; or the slot directory is not safely ours);
 * DAMAGED (*) (the slot's file is not one this library made); FULL (*) (no memory left for slots);
 * OS (*). On failure *slot is NULL.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_open(mailslot **slot, const char *name,
                                                          const mailslot_options *options);

/**
 * Closes a mailslot and frees it; NULL is ignored. Closing a reader frees the name at once and
 * discards what waits; closing a writer disturbs nobody. Calls in progress in other threads return
 * MAILSLOT_ERR_CLOSED; close waits for them, at most about 100 ms plus what a codec or an
 * iteration's function takes. A call that begins once close has been called may find the slot
 * freed: there must be none. Must not be called by such a function on its own slot.
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
 * Encodes value with the slot's codec and queues it as one message. The pointer's type is the
 * codec's to say (text: const char *). Copied before return. Does not wait for a reader.
 *
 * TOO_BIG (more than the writer's or the reader's maximum: nothing is queued, the detail has both
 * numbers); BAD_VALUE (the codec refuses it); FULL (no room, for as long as put_timeout_ms says; a
 * writer stopped in the middle of a put can add a second); GONE (the reader closed, or was killed
 * over 100 ms ago); CLOSED; WRONG_DIRECTION (this handle is the reader); DAMAGED; NO_MEMORY; and at
 * first use what mailslot_open() says of writing. Nothing is queued unless MAILSLOT_OK.
 *
 * To other computers: NO_HOST (nobody answers for the name, or no interface can broadcast; this
 * user's own reader has a message for many all the same); FULL (the network card takes no more for
 * put_timeout_ms, and a second); OS (no route, or no descriptor). Whether it arrives nobody says.
 *
 * To another user's slot mailslotd carries the message: FULL also means that it has more for that
 * reader than the reader has taken from it yet; GONE also that it ended, or had not answered
 * before; OS that it refused, or did not answer within a second: then alone the message may arrive
 * all the same, and the slot is to be opened again. Such messages keep their order among
 * themselves; one put locally right afterwards may overtake them.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_put(mailslot *slot, const void *value);

/** Queues len bytes as they are, past the codec; data may be NULL if len is 0. Errors as
 *  mailslot_put(), without BAD_VALUE. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_put_bytes(mailslot *slot, const void *data,
                                                               size_t len);

/**
 * Stores in *len how many bytes value has in the slot's codec. Nothing is sent, and no limit
 * applies. INVALID, BAD_VALUE, NO_MEMORY, CLOSED.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_encoded_size(mailslot *slot, const void *value,
                                                                  size_t *len);

/**
 * Stores the largest message in bytes that a put to the slot lets pass: the smaller of the writer's
 * maximum and the reader's, or what a name on other computers leaves room for. A first use that
 * makes the writer; nothing is sent. CLOSED, WRONG_DIRECTION, INVALID, and at first use what
 * mailslot_open() says of writing.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_limit(mailslot *slot, size_t *limit);

/* ---- Getting ----------------------------------------------------------------------------- */

/**
 * Takes the oldest message out of the slot into record, waiting up to timeout_ms for one, and
 * decodes it with the slot's codec. What record held before is gone whatever the result.
 *
 * EMPTY (none came in time); BAD_MESSAGE or TOO_COMPLEX (taken, counted, not decodable: its bytes
 * are in the record, its value is NULL); INVALID; CLOSED; WRONG_DIRECTION (this handle is a
 * writer); DAMAGED; NO_MEMORY (the message stays, or its bytes are in the record); and at first use
 * what mailslot_open() says of reading.
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
 * Takes message after message with the slot's timeout and hands each to fn, whose record is valid
 * during that call. A message that does not decode is handed over too, with a NULL value;
 * mailslot_detail() then says why. fn must not close the slot.
 *
 * MAILSLOT_OK once no message came in time; what fn returned, if not MAILSLOT_OK, at once;
 * otherwise the error that ended it, as of mailslot_get(), CLOSED included.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_each(mailslot *slot, mailslot_err (*fn)(void *ctx, const mailslot_record *), void *ctx);

/* ---- Looking ----------------------------------------------------------------------------- */

/** Number of classes in mailslot_info.sizes. */
#define MAILSLOT_SIZE_CLASSES 18

/**
 * What there is to know of a slot, at one instant. The statistics count since the reader opened;
 * while messages flow they may differ from the instant by what is on its way, and a process that is
 * killed may have put a message that no statistic has. On Windows, which tells nothing of what
 * others write, those that only a writer or the queue knows are 0.
 */
typedef struct {
    size_t size;           /**< in: sizeof(mailslot_info); only that much is filled in */
    size_t max_message;    /**< the reader's maximum in bytes as given; 0: none set */
    size_t next_size;      /**< bytes of the oldest message, or MAILSLOT_NEXT_NONE */
    size_t count;          /**< messages waiting */
    size_t capacity;       /**< bytes the queue can hold, as in mailslot_options */
    size_t used;           /**< bytes of it taken */
    int timeout_ms;        /**< the slot's timeout: ms, or MAILSLOT_FOREVER */
    int64_t reader_pid;    /**< process id of the reader */
    uint64_t bad_messages; /**< messages taken that did not decode */
    uint64_t refused;      /**< puts that failed FULL */
    uint64_t messages_in;  /**< messages put */
    uint64_t bytes_in;     /**< bytes of them */
    uint64_t messages_out; /**< messages taken */
    uint64_t bytes_out;    /**< bytes of them */
    uint64_t too_big;      /**< puts that failed TOO_BIG, of writers that were attached */
    uint64_t too_complex;  /**< of bad_messages, those that were TOO_COMPLEX */
    uint64_t lost;         /**< messages that mailslotd delivered and the queue did not take */
    uint64_t largest;      /**< bytes of the largest message put */
    /** Messages put, by size: sizes[0] had no bytes, sizes[i] had 2^(i-1) to 2^i - 1, and the last
     *  has all that had more. */
    uint64_t sizes[MAILSLOT_SIZE_CLASSES];
} mailslot_info;

/** `mailslot_info info = MAILSLOT_INFO_INIT;` */
#define MAILSLOT_INFO_INIT                                                                         \
    {                                                                                              \
        sizeof(mailslot_info), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, { 0 }            \
    }

/** Looks at the reader's own slot; takes nothing. INVALID (the slot has no direction yet, or
 *  info->size is too small), WRONG_DIRECTION (a writer), CLOSED, DAMAGED. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_info_get(mailslot *slot, mailslot_info *info);

/** Stores the number of messages waiting. A first use that makes the reader; errors as
 *  mailslot_get(), without EMPTY. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_count(mailslot *slot, size_t *count);

/** Stores whether no message waits. Otherwise as mailslot_count(). */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_empty(mailslot *slot, bool *empty);

/** Stores whether the slot would refuse a message of its maximum size, or of 424 bytes (what
 *  [MS-MAIL] lets between computers) where none was set. Otherwise as mailslot_count(). */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_full(mailslot *slot, bool *full);

/** Sets how long later gets wait: ms, or MAILSLOT_FOREVER. Gets in progress keep theirs.
 *  INVALID, WRONG_DIRECTION (a writer), CLOSED. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_set_timeout(mailslot *slot, int timeout_ms);

/**
 * Stores something the platform can wait on, readable while messages wait: never unready for more
 * than 100 ms while one waits, and unready again within 100 ms after a get said EMPTY. It may be
 * ready without a message, so get with MAILSLOT_NO_WAIT until EMPTY. It belongs to the slot: do not
 * read or close it. The first call starts one helper thread, which ends with the slot.
 *
 * INVALID (the slot has no direction yet), WRONG_DIRECTION (a writer), CLOSED, NO_MEMORY, OS.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_waitable(mailslot *slot,
                                                              mailslot_handle *handle);

/** Looks at any live slot of this user on this computer, without becoming its reader. BAD_NAME,
 *  INVALID, UNSUPPORTED (another computer's), NOT_FOUND, DENIED, DAMAGED, NO_MEMORY, OS. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_stat(const char *name, mailslot_info *info);

/**
 * Copies the message that was last put to any live slot of this user on this computer into record,
 * decoded with codec (NULL: text), without becoming its reader: nothing is taken or counted, and
 * nobody waits. The reader may have taken the message long ago. While messages flow, or if a writer
 * was killed in its put, it may not be the very last one. What record held before is gone whatever
 * the result.
 *
 * EMPTY (none was put since the reader opened, or its place was taken by a put that is under way or
 * failed for want of memory); BAD_MESSAGE or TOO_COMPLEX (its bytes are in the
 * record, its value is NULL); BAD_NAME, INVALID, NOT_FOUND, DENIED, DAMAGED, NO_MEMORY, OS;
 * UNSUPPORTED (a slot on another computer, or on Windows).
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_peek(const char *name,
                                                          const mailslot_codec *codec,
                                                          mailslot_record *record);

/**
 * Calls each for every live slot of this user on this computer, in no particular order, with its
 * name as its reader gave it. Slots that vanish meanwhile are left out. Stops early with what each
 * returned if that is not MAILSLOT_OK. DENIED, NO_MEMORY, OS.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_list(
    mailslot_err (*each)(void *ctx, const char *name, const mailslot_info *info), void *ctx);

/* ---- Records ----------------------------------------------------------------------------- */

/** Where a message came from. Strings live as long as the record's content. */
typedef struct {
    bool remote;          /**< it came over the network */
    const char *computer; /**< the sender's computer name as claimed; "." for this one */
    const char *address;  /**< the sender's address; "" for this computer */
    uint64_t arrival_ns;  /**< ns since 1970 (CLOCK_REALTIME), to a few ms for local messages */
    int64_t pid;          /**< process id of a local writer, unverified; -1 when remote */
    int64_t uid;          /**< user id of a local writer, unverified; -1 when remote */
} mailslot_origin;

/**
 * Makes a record, to be freed with mailslot_record_free(). Reused from get to get it stops
 * allocating; what it holds is valid until the next get into it. NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_record_new(mailslot_record **record);

/** Frees a record and all it holds; NULL is ignored. */
MAILSLOT_API void mailslot_record_free(mailslot_record *record);

/** The decoded value, of the codec's type; NULL if there is none. Owned by the record. */
MAILSLOT_API const void *mailslot_record_value(const mailslot_record *record);

/** The message's bytes as they came. A NUL follows them. Owned by the record. */
MAILSLOT_API mailslot_bytes mailslot_record_bytes(const mailslot_record *record);

/** Where the message came from. Never NULL; owned by the record. */
MAILSLOT_API const mailslot_origin *mailslot_record_origin(const mailslot_record *record);

#ifdef __cplusplus
}
#endif

#endif
