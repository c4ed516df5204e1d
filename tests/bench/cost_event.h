/* What the message of the typed ways says: a line of a server's log, of about 170 bytes. */
#ifndef BENCH_COST_EVENT_H
#define BENCH_COST_EVENT_H

#define EVENT_SEVERITY   2
#define EVENT_HOST       "web-17.example.net"
#define EVENT_PROCESS    "sshd[811]"
#define EVENT_MESSAGE    "Accepted publickey for alice from 192.0.2.17 port 52144 ssh2"
#define EVENT_ATTRIBUTES 3

static const char *const event_keys[EVENT_ATTRIBUTES] = {"user", "address", "session"};
static const char *const event_values[EVENT_ATTRIBUTES] = {"alice", "192.0.2.17", "4f2c81d03a"};

#endif
