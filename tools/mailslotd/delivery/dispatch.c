/* Decodes datagrams, drops those that are not for this computer or came before, and finds the
 * readers of the rest. */
#include "dispatch.h"
#include "ascii.h"
#include "netbios/udp.h"

#define WHENEVER UINT64_MAX

void dispatch_init(struct dispatch *dispatch, struct counters *counters,
                   const struct readers *readers, struct deliver *deliver) {
    dispatch->counters = counters;
    dispatch->readers = readers;
    dispatch->deliver = deliver;
    dispatch->name_count = 0;
    dedup_init(&dispatch->dedup, readers->seed);
    dispatch->message = (msi_relay_message){.type = MSI_RELAY_DELIVER};
    /* The parts of the envelope that are the same for all datagrams are set once. */
    dispatch->message.envelope.remote = true;
    dispatch->last_ip = 0;
    msi_ip_text(0, dispatch->message.envelope.address);
}

/* ---- Destinations ---- */

static void add_name(struct dispatch *dispatch, const msi_config *host, const char *name,
                     uint8_t suffix) {
    msi_nbname *added = &dispatch->names[dispatch->name_count++];
    msi_nbname_set(added, name, suffix);
    msi_nbname_set_scope(added, host->scope);
}

void dispatch_set_host(struct dispatch *dispatch, const msi_config *host) {
    dispatch->name_count = 0;
    add_name(dispatch, host, host->computer, MSI_SUFFIX_WORKSTATION);
    add_name(dispatch, host, host->computer, MSI_SUFFIX_MESSENGER);
    add_name(dispatch, host, host->computer, MSI_SUFFIX_SERVER);
    add_name(dispatch, host, host->workgroup, MSI_SUFFIX_WORKSTATION);
    /* The group name of browser elections, which computers of a workgroup broadcast to. */
    add_name(dispatch, host, host->workgroup, MSI_SUFFIX_ELECTION);
    add_name(dispatch, host, "*", 0);
}

static bool dispatch_is_ours(const struct dispatch *dispatch, const msi_nbname *name) {
    for (size_t i = 0; i < dispatch->name_count; i++)
        if (msi_nbname_equal(&dispatch->names[i], name))
            return true;
    return false;
}

/* Lower case, as the key of msi_name. A `/` is kept: it is no separator in a datagram, and no key
 * contains one. */
static struct reader *find_readers(const struct dispatch *dispatch, msi_smb_mailslot *write) {
    for (char *p = write->path; *p; p++)
        *p = msi_lower(*p);
    return readers_first(dispatch->readers, write->path);
}

/* Skips readers that refuse the network, or registered later than `by`. */
static struct reader *dispatch_skip(struct reader *reader, uint64_t by) {
    while (reader && (reader->local_only || reader->since > by))
        reader = readers_next(reader);
    return reader;
}

/* ---- From the network ---- */

/* Decodes a datagram. False, and counted, if it is malformed, not for us or a duplicate. */
static bool dispatch_accept(struct dispatch *dispatch, const unsigned char *bytes, size_t len,
                            uint64_t now, msi_datagram *datagram, msi_smb_mailslot *write) {
    struct counters *counters = dispatch->counters;
    msi_wire_err err =
        len > MSI_DATAGRAM_MAX ? MSI_WIRE_LENGTH : msi_datagram_decode(datagram, bytes, len);
    if (err) {
        counters->malformed[err]++;
        return false;
    }
    if (!dispatch_is_ours(dispatch, &datagram->destination)) {
        counters->not_for_us++;
        return false;
    }
    err = msi_smb_mailslot_decode(write, datagram->data, datagram->len);
    if (err) {
        counters->malformed[err]++;
        return false;
    }
    /* Senders repeat a broadcast on each of their networks; a computer on two of them gets it
     * twice. A unique datagram has one destination. */
    if (datagram->type != MSI_DATAGRAM_UNIQUE && dedup_note(&dispatch->dedup, datagram, now)) {
        counters->duplicates++;
        return false;
    }
    return true;
}

static const msi_relay_message *remote_message(struct dispatch *dispatch,
                                               const msi_datagram *datagram,
                                               const msi_smb_mailslot *write, uint32_t from,
                                               uint64_t wall) {
    msi_relay_message *message = &dispatch->message;
    /* Consecutive packets often come from one sender. */
    if (from != dispatch->last_ip) {
        msi_ip_text(from, message->envelope.address);
        dispatch->last_ip = from;
    }
    msi_nbname_computer(&datagram->source, message->envelope.computer);
    message->envelope.arrival_ns = wall;
    message->envelope.len = message->data_len = write->len;
    message->data = write->data;
    return message;
}

/* A writer of this computer that got no answer from the daemon delivers to readers that had not
 * registered itself, so a datagram of this computer must not reach readers registered later. */
void dispatch_network(struct dispatch *dispatch, const unsigned char *bytes, size_t len,
                      uint32_t from, bool own, const struct arrival *arrival) {
    msi_datagram datagram;
    msi_smb_mailslot write;
    dispatch->counters->received++;
    if (!dispatch_accept(dispatch, bytes, len, arrival->now, &datagram, &write))
        return;
    uint64_t by = own && datagram.type != MSI_DATAGRAM_UNIQUE ? arrival->wall : WHENEVER;
    struct reader *reader = dispatch_skip(find_readers(dispatch, &write), by);
    if (!reader) {
        dispatch->counters->no_reader++;
        return;
    }
    uint8_t number = deliver_add(dispatch->deliver,
                                 remote_message(dispatch, &datagram, &write, from, arrival->wall));
    for (; reader; reader = dispatch_skip(readers_next(reader), by)) {
        if (write.len > reader->limit)
            dispatch->counters->too_big++;
        else
            deliver_to(dispatch->deliver, reader, number);
    }
}

/* ---- From this computer ---- */

msi_message dispatch_envelope(const struct peer *writer, size_t len, uint64_t wall) {
    return (msi_message){
        .len = len, .arrival_ns = wall, .pid = (uint32_t)writer->pid, .uid = (uint32_t)writer->uid};
}

static void dispatch_count(struct counters *counters, mailslot_err err) {
    if (err == MAILSLOT_ERR_FULL)
        counters->full++;
    else if (err == MAILSLOT_ERR_TOO_BIG)
        counters->too_big++;
    else if (err)
        counters->no_reader++;
    else
        counters->delivered++;
}

static bool broadcast_to_readers(struct dispatch *dispatch, msi_smb_mailslot *write,
                                 const struct peer *writer, uint64_t wall) {
    const msi_relay_message message = {.type = MSI_RELAY_DELIVER,
                                       .envelope = dispatch_envelope(writer, write->len, wall),
                                       .data = write->data,
                                       .data_len = write->len};
    struct reader *reader = dispatch_skip(find_readers(dispatch, write), WHENEVER);
    if (!reader)
        dispatch->counters->no_reader++;
    bool own = false;
    for (; reader; reader = dispatch_skip(readers_next(reader), WHENEVER)) {
        own = own || reader->peer.uid == writer->uid;
        dispatch_count(dispatch->counters, write->len > reader->limit
                                               ? MAILSLOT_ERR_TOO_BIG
                                               : deliver_from_user(reader, writer->uid, &message));
    }
    return own;
}

/* Never a duplicate: the writer has just made it. */
msi_wire_err dispatch_broadcast(struct dispatch *dispatch, const unsigned char *bytes, size_t len,
                                const struct peer *writer, const struct arrival *arrival,
                                bool *own) {
    msi_datagram datagram;
    msi_smb_mailslot write;
    msi_wire_err err = msi_datagram_decode(&datagram, bytes, len);
    if (!err && datagram.type == MSI_DATAGRAM_UNIQUE)
        err = MSI_WIRE_NOT_DATAGRAM; /* not a broadcast */
    if (!err)
        err = msi_smb_mailslot_decode(&write, datagram.data, datagram.len);
    if (err)
        return err;
    dispatch->counters->broadcasts++;
    /* Noted, so that the same datagram from the network, which loops back to us, is a duplicate. */
    (void)dedup_note(&dispatch->dedup, &datagram, arrival->now);
    *own = false;
    if (dispatch_is_ours(dispatch, &datagram.destination))
        *own = broadcast_to_readers(dispatch, &write, writer, arrival->wall);
    else
        dispatch->counters->not_for_us++;
    return MSI_WIRE_SOUND;
}
