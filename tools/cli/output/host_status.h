/* mailslotd's status as JSON. */
#ifndef CLI_HOST_STATUS_H
#define CLI_HOST_STATUS_H

#include <json-c/json.h>
#include <mailslot/network.h>

/** Makes an object of a status: "version", "pid", "computer", "workgroup", "scope" if there is one,
 *  "ports" or "nmbd" with their words, "interfaces"
 *  [{"name":"eth0","address":"192.0.2.7","broadcast":"192.0.2.255"},...], "names"
 *  [{"name":"HOST<00>","state":"held"},...], "users"
 *  [{"uid":1000,"connections":2,"readers":1,"queued":0},...] and "counters" {"received":N,...}. */
struct json_object *host_status_to_json(const mailslot_daemon_status *status);

/** Makes the object for the mailslotd of this computer. Errors as mailslot_daemon_status_get(). */
mailslot_err host_status_get(struct json_object **json);

/** The name of a state, such as "held". */
const char *host_status_name_state(mailslot_daemon_name_state state);

#endif
