/* mailslot doctor: checks whether messages between this computer and others can arrive, and prints
 * what to do about each fault. Checks read only; the round trip uses a mailslot of its own. */
#include "base/options.h"
#include "output/host_status.h"
#include "platform/udp_owner.h"
#include "self_test.h"

#include <errno.h>
#include <mailslot/network.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct verb_word doctor_verdicts[] = {
    {"ok", "the check passed"},
    {"note", "cannot be checked from here, or matters only in some networks"},
    {"fix", "keeps messages from arriving; the line says what to do"},
    {NULL, NULL},
};

static const struct verb_list doctor_lists[] = {
    {"Each line begins with one of:", doctor_verdicts},
    {NULL, NULL},
};

static const struct option_spec doctor_options[] = {{.name = NULL}};

static const struct verb_status doctor_statuses[] = {
    {STATUS_DONE, "nothing to fix"},
    {STATUS_ERROR, "something to fix, or an error"},
    {STATUS_USAGE, "invalid command line"},
    {0, NULL},
};

/* FIX decides the exit status; NOTE does not, since it may be no fault. */
enum verdict { OK, NOTE, FIX };

struct visit {
    mailslot_network *network;
    bool running; /* mailslotd answers, by status */
    mailslot_daemon_status status;
    bool to_fix;
    enum status failed; /* set if output cannot be written */
};

MAILSLOT_PRINTF(3, 4)
static void doctor_say(struct visit *visit, enum verdict verdict, const char *format, ...) {
    static const char *const words[] = {[OK] = "ok  ", [NOTE] = "note", [FIX] = "fix "};
    char text[1024], line[1040];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    int len = snprintf(line, sizeof line, "%s  %s\n", words[verdict], text);
    /* After a failed write nothing more is printed, but the checks go on: they are short. */
    if (!visit->failed)
        visit->failed = output_whole(line, (size_t)len);
    visit->to_fix = visit->to_fix || verdict == FIX;
}

/* ---- This computer ---- */

static void doctor_check_host(struct visit *visit) {
    /* The source tells which of several places to edit when a name is wrong. */
    static const char *const speakers[] = {
        [MAILSLOT_SOURCE_DEFAULT] = "default",
        [MAILSLOT_SOURCE_FILE] = "from the configuration file",
        [MAILSLOT_SOURCE_ENVIRONMENT] = "from the environment",
        [MAILSLOT_SOURCE_OPTION] = "from an option",
    };
    const mailslot_network *network = visit->network;
    doctor_say(visit, OK, "computer %s (%s), workgroup %s (%s)", network->computer,
               speakers[network->computer_source], network->workgroup,
               speakers[network->workgroup_source]);
    for (size_t i = 0; i < network->wins_count; i++)
        doctor_say(visit, OK, "WINS server %s", network->wins[i]);
}

static void doctor_check_interfaces(struct visit *visit) {
    const mailslot_network *network = visit->network;
    for (size_t i = 0; i < network->interface_count; i++)
        doctor_say(visit, OK, "interface %s: address %s, broadcast %s", network->interfaces[i].name,
                   network->interfaces[i].address,
                   *network->interfaces[i].broadcast ? network->interfaces[i].broadcast
                                                     : "none (messages to one computer only)");
    if (network->interfaces_left_out)
        doctor_say(visit, FIX,
                   "%zu more networks are left out, since at most %zu are used: choose the ones to "
                   "use with 'interface' in %s, such as \"interface = eth*\"",
                   network->interfaces_left_out, network->interface_count, network->file);
    if (network->interface_count)
        return;
    if (network->interfaces_source == MAILSLOT_SOURCE_DEFAULT)
        doctor_say(visit, FIX,
                   "no interface is up and has an IPv4 address, which NetBIOS needs (it does not "
                   "work over IPv6): connect one");
    else
        doctor_say(visit, FIX,
                   "no configured interface is up and has an IPv4 address: check "
                   "'interface' in %s",
                   network->file);
}

/* ---- The daemon ---- */

/* mailslotd found the socket before it gave up root: what keeps it away since is most often a
 * directory that its user may not enter. */
static void doctor_check_waiting(struct visit *visit) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = visit->status.nmbd_socket;
    memcpy(address.sun_path, path, strnlen(path, sizeof address.sun_path - 1));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = connect(fd, (struct sockaddr *)&address, sizeof address) ? errno : 0;
    if (fd >= 0)
        close(fd);
    if (error && error != EACCES && error != EAGAIN)
        doctor_say(visit, FIX,
                   "mailslotd waits for Samba's nmbd at %s: %s; start nmbd again, or stop it and "
                   "restart mailslotd",
                   path, strerror(error));
    else
        doctor_say(visit, FIX,
                   "mailslotd cannot connect to Samba's nmbd at %s%s: let mailslotd's user ('user' "
                   "in %s) enter that directory and write to the socket, or change 'user'",
                   path, error == EACCES ? ": Permission denied" : ", where nmbd answers root",
                   visit->network->file);
}

static void doctor_check_nmbd(struct visit *visit) {
    const mailslot_daemon_status *status = &visit->status;
    if (status->nmbd == MAILSLOT_DAEMON_NMBD_CONNECTED)
        doctor_say(visit, OK, "mailslotd receives datagrams from Samba's nmbd at %s",
                   status->nmbd_socket);
    else if (status->nmbd == MAILSLOT_DAEMON_NMBD_WAITING)
        doctor_check_waiting(visit);
}

/* NOT_FOUND also covers a socket that this user may not connect to, which looks the same to a
 * client as no daemon. */
static void doctor_check_daemon(struct visit *visit) {
    visit->status = (mailslot_daemon_status)MAILSLOT_DAEMON_STATUS_INIT;
    mailslot_err err = mailslot_daemon_status_get(&visit->status);
    visit->running = !err;
    if (!err)
        doctor_say(visit, OK, "mailslotd %s runs, process %lu", visit->status.version,
                   (unsigned long)visit->status.pid);
    else if (err == MAILSLOT_ERR_NOT_FOUND)
        doctor_say(visit, FIX,
                   "%s; messages from other computers do not arrive; start it "
                   "(systemctl start mailslotd)",
                   mailslot_detail());
    else if (err == MAILSLOT_ERR_FULL)
        doctor_say(visit, FIX, "%s", mailslot_detail());
    else
        doctor_say(visit, FIX, "mailslotd: %s; restart it (systemctl restart mailslotd)",
                   mailslot_detail());
    if (!err)
        doctor_check_nmbd(visit);
}

/* Compares with the comm of the process, which the kernel cuts to 15 bytes (proc(5)); both names
 * are shorter. */
/* mailslotd takes its names from its options too, programs only from environment and file. */
static void doctor_compare_name(struct visit *visit, const char *setting, const char *daemons,
                                const char *programs) {
    if (strcmp(daemons, programs) != 0)
        doctor_say(
            visit, FIX,
            "mailslotd has the %s %s, and programs have %s: they do not hear what is sent to "
            "the other; set '%s' in %s for both, and neither the option of mailslotd nor "
            "the environment, then restart mailslotd",
            setting, daemons, programs, setting, visit->network->file);
}

static void doctor_compare_names(struct visit *visit) {
    if (!visit->running)
        return;
    doctor_compare_name(visit, "name", visit->status.computer, visit->network->computer);
    doctor_compare_name(visit, "workgroup", visit->status.workgroup, visit->network->workgroup);
}

static bool doctor_is_program(const struct udp_owner *owner, const char *name) {
    return strcmp(owner->program, name) == 0;
}

static void doctor_check_port(struct visit *visit, uint16_t port) {
    struct udp_owner owner;
    if (!udp_owner_find(port, &owner))
        doctor_say(visit, FIX, "UDP port %u: no process owns it; mailslotd or Samba's nmbd must",
                   port);
    /* /proc/net/udp gives the uid of every socket, but /proc/PID/fd of other users is readable by
     * root only. */
    else if (!owner.pid)
        doctor_say(visit, NOTE,
                   "UDP port %u: a process of user %u owns it; run doctor as root to see which",
                   port, owner.uid);
    else if (doctor_is_program(&owner, "mailslotd") || doctor_is_program(&owner, "nmbd"))
        doctor_say(visit, OK, "UDP port %u: %s, process %lld", port, owner.program,
                   (long long)owner.pid);
    else
        doctor_say(visit, FIX,
                   "UDP port %u: %s, process %lld, owns it instead of mailslotd; stop that, then "
                   "restart mailslotd",
                   port, owner.program, (long long)owner.pid);
}

static void doctor_check_name(struct visit *visit, const mailslot_daemon_name *name) {
    if (name->state == MAILSLOT_DAEMON_NAME_HELD)
        doctor_say(visit, OK, "name %s: held", name->name);
    else if (name->state == MAILSLOT_DAEMON_NAME_CONFLICT)
        doctor_say(visit, FIX,
                   "name %s: another computer has it; give one of the two another name ('name' or "
                   "'workgroup' in the configuration file)",
                   name->name);
    else
        doctor_say(visit, NOTE, "name %s: %s; this takes a second after mailslotd starts",
                   name->name, host_status_name_state(name->state));
}

static void doctor_check_names(struct visit *visit) {
    for (size_t i = 0; visit->running && i < visit->status.name_count; i++)
        doctor_check_name(visit, &visit->status.names[i]);
    if (visit->running && !visit->status.name_count)
        doctor_say(visit, NOTE, "names: managed by nmbd");
}

/* ---- Mailslots ---- */

static mailslot_err doctor_check_slot(void *ctx, const char *name, const mailslot_info *info) {
    if (info->registration == MAILSLOT_REFUSED)
        doctor_say(ctx, FIX,
                   "mailslot %s, process %lld: gets no messages of other computers and users, "
                   "since mailslotd refused it: %s",
                   name, (long long)info->reader_pid, info->refusal);
    return MAILSLOT_OK;
}

static void doctor_check_slots(struct visit *visit) {
    if (mailslot_list(doctor_check_slot, visit))
        doctor_say(visit, NOTE, "mailslots: %s", mailslot_detail());
}

/* ---- The network ---- */

/* Both addresses are printed by the library in dotted decimal, so equal text is an equal
 * address. */
static bool doctor_is_own_address(const mailslot_network *network, const char *address) {
    for (size_t i = 0; i < network->interface_count; i++)
        if (strcmp(network->interfaces[i].address, address) == 0)
            return true;
    return false;
}

static mailslot_err doctor_check_owner(void *ctx, const mailslot_name_owner *owner) {
    struct visit *visit = ctx;
    const char *computer = visit->network->computer;
    if (owner->group)
        doctor_say(visit, FIX,
                   "%s answers that %s is a group name: give this computer another name", owner->by,
                   computer);
    else if (doctor_is_own_address(visit->network, owner->address))
        doctor_say(visit, OK, "name %s leads to %s, according to %s", computer, owner->address,
                   owner->by);
    else
        doctor_say(visit, FIX, "name %s leads to %s, which is not this computer, according to %s",
                   computer, owner->address, owner->by);
    return MAILSLOT_OK;
}

/* Asks by the network as another computer would (RFC 1002 section 4.2.12); the owner's answer shows
 * that port 137 is reachable from here. */
static void doctor_check_answers(struct visit *visit) {
    mailslot_err err =
        mailslot_lookup(visit->network->computer, 0, NULL, doctor_check_owner, visit);
    if (err)
        doctor_say(visit, FIX, "%s; mailslotd or nmbd must hold the name", mailslot_detail());
}

/* Reading firewall rules needs privileges, so this only looks whether the kernel has a firewall. */
static void doctor_check_filters(struct visit *visit) {
    static const char *const signs[][2] = {{"/sys/module/nf_tables", "nf_tables"},
                                           {"/sys/module/ip_tables", "ip_tables"},
                                           {"/sys/module/bpfilter", "bpfilter"},
                                           {"/proc/net/netfilter", "netfilter"}};
    const char *found = NULL;
    /* A firewall that is compiled into the kernel has a folder in /sys/module only if it has
     * parameters, but netfilter has one in /proc; a missing one proves nothing, hence only a
     * note. */
    for (size_t i = 0; i < sizeof signs / sizeof *signs && !found; i++)
        found = access(signs[i][0], F_OK) == 0 ? signs[i][1] : NULL;
    doctor_say(
        visit, NOTE,
        "firewall: %s%s; it must allow UDP ports %u and %u from the local network, broadcasts "
        "included, and UDP from port %u of other computers to any port: answers to broadcasts, "
        "which connection tracking does not expect",
        found ? "the kernel has " : "none found", found ? found : "", visit->network->name_port,
        visit->network->datagram_port, visit->network->name_port);
}

static void doctor_check_round_trip(struct visit *visit) {
    double ms;
    mailslot_err err = self_test_round_trip(visit->network->computer, &ms);
    if (!err)
        doctor_say(visit, OK,
                   "round trip: a message to \\\\%s through the network came back in %.1f ms",
                   visit->network->computer, ms);
    else
        doctor_say(visit, FIX, "round trip: %s; fix the lines above first, then check the firewall",
                   mailslot_detail());
}

static enum status doctor_check_all(void) {
    struct visit visit = {0};
    mailslot_err err = mailslot_network_get(&visit.network, NULL);
    if (err)
        return report_failure(err);
    doctor_check_host(&visit);
    doctor_check_interfaces(&visit);
    doctor_check_daemon(&visit);
    doctor_compare_names(&visit);
    doctor_check_port(&visit, visit.network->name_port);
    doctor_check_port(&visit, visit.network->datagram_port);
    doctor_check_names(&visit);
    doctor_check_slots(&visit);
    doctor_check_filters(&visit);
    if (visit.running) { /* without mailslotd these must fail */
        doctor_check_answers(&visit);
        doctor_check_round_trip(&visit);
    }
    mailslot_network_free(visit.network);
    return visit.failed ? visit.failed : visit.to_fix ? STATUS_ERROR : STATUS_DONE;
}

static int doctor_run(const struct verb *verb, int argc, char **argv) {
    struct option options[1]; /* the table has none */
    struct arguments operands;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &operands, &status))
        return status;
    return doctor_check_all();
}

const struct verb doctor_verb = {
    .name = "doctor",
    .summary = "check that messages can reach this computer's mailslots",
    .usage = (const char *const[]){"", NULL},
    .description =
        "Checks whether the mailslots of this computer can exchange messages with other computers, "
        "and prints one line for each check: computer name and workgroup, interfaces and broadcast "
        "addresses, mailslotd, the owners of UDP ports 137 and 138, the state of each NetBIOS "
        "name, firewall, the answer to a query for this computer's name, and whether a message "
        "sent through the network comes back. Takes some seconds.",
    .lists = doctor_lists,
    .options = doctor_options,
    .statuses = doctor_statuses,
    .run = doctor_run,
};
