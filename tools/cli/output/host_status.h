/* What mailslotd says of itself. */
#ifndef CLI_HOST_STATUS_H
#define CLI_HOST_STATUS_H

#include <json-c/json.h>
#include <mailslot/mailslot.h>

/** Asks the mailslotd of this computer, and makes an object of what it answers: "version", "pid",
 *  "computer", "workgroup", "ports" and such with their words, "interfaces"
 *  [{"name":"eth0","address":"192.0.2.7","broadcast":"192.0.2.255"},...], "names"
 *  [{"name":"HOST<00>","state":"held"},...] and "counters" {"received":N,...}. NOT_FOUND: none runs
 *  here; OS: it does not answer. */
mailslot_err host_status_get(struct json_object **json);

#endif
