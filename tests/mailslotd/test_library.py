"""Programs that use the library, with a daemon: what arrives is got with its origin, readers find a
daemon that comes and comes back, users write to each other."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import unittest

from harness.daemon import IN_USE, LoopbackTest, NOT_FOUND
from harness.datagram import TO_GROUP, datagram
from harness.waiting import PATIENCE, wait_until, on_one_processor, repeated

TOOL, EXCHANGE = os.environ["MAILSLOT_TOOL"], os.environ["MAILSLOT_EXCHANGE"]
ALICE, BOB, SHARED = 61001, 61002, 61100


class Program:
    """A program that runs, as some user, and what it prints."""

    def __init__(self, case, *command, uid=None, gid=None):
        become = ["setpriv", "--reuid", str(uid), "--regid", str(gid or uid),
                  "--clear-groups"] if uid else []
        self.process = subprocess.Popen([*become, *command], env=case.env, text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.lines = []
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()
        case.addCleanup(self.stop)

    def listen(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for_lines(self, count):
        wait_until(lambda: len(self.lines) >= count or not self.listener.is_alive(),
                   f"{count} lines, of which came {self.lines}")
        assert len(self.lines) >= count, self.lines
        return self.lines

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.listener.join()
        self.process.stdout.close()


class FromTheNetwork(LoopbackTest):
    def listen(self, name, *options):
        return Program(self, TOOL, "listen", name, "--meta", *options)

    def test_a_message_is_got_with_its_origin(self):
        daemon = self.start()
        listener = self.listen("trace")
        daemon.wait_for_status(readers=1)
        self.send(datagram("TRACE", b"hello", source="SENDER"))
        got = json.loads(listener.wait_for_lines(1)[0])
        self.assertEqual(got["value"], "hello")
        self.assertEqual(got["origin"], {"computer": "SENDER", "address": "127.0.0.1",
                                         "pid": None, "uid": None})

    def test_a_reader_finds_a_daemon_that_comes_and_comes_back(self):
        listener = self.listen("x")
        wait_until(lambda: subprocess.run([TOOL, "info", "x"], env=self.env,
                                          capture_output=True).returncode == 0)
        for number in range(1, 4):
            daemon = self.start()
            daemon.wait_for_status(readers=1)
            self.send(datagram("x", b"%d" % number))
            lines = listener.wait_for_lines(number)
            self.assertEqual(json.loads(lines[-1])["value"], str(number))
            daemon.end((signal.SIGKILL, signal.SIGTERM)[number % 2])
            self.assertEqual(subprocess.run([TOOL, "send", "x", "local"], env=self.env).returncode,
                             0)
            listener.wait_for_lines(number + 1)
            listener.lines.pop()

    def test_a_reader_that_ends_is_forgotten_at_once(self):
        daemon = self.start()
        listener = self.listen("x", "--count", "1")
        daemon.wait_for_status(readers=1)
        self.send(datagram("x", b"only"))
        listener.wait_for_lines(1)
        daemon.wait_for_status(readers=0)

    def test_many_messages_arrive_in_order(self):
        daemon = self.start()
        listener = self.listen("x")
        daemon.wait_for_status(readers=1)
        with on_one_processor():
            for number in range(500):
                self.send(datagram("x", b"%d" % number))
                if number % 50 == 49:
                    listener.wait_for_lines(number + 1)
        values = [int(json.loads(line)["value"]) for line in listener.lines]
        self.assertEqual(values, list(range(500)))

    def test_the_tool_shows_what_the_daemon_says(self):
        daemon = self.start()
        self.send(b"nonsense")
        daemon.wait_for_status(received=1)
        def ask():
            return subprocess.run([TOOL, "info", "--host", "--json"], env=self.env, text=True,
                                  capture_output=True, timeout=PATIENCE)
        done = repeated(ask, lambda done: done.returncode == 0)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        shown = json.loads(done.stdout)
        self.assertEqual(shown["computer"], "HOST")
        self.assertEqual(shown["counters"]["received"], 1)
        self.assertEqual(len(shown["names"]), 4)


@unittest.skipIf(os.geteuid() != 0, "SKIPPED: several users, which needs root")
class BetweenUsers(LoopbackTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()

    def reader(self, access, uid=ALICE, gid=None):
        reader = Program(self, EXCHANGE, "read", "x", access, uid=uid, gid=gid)
        reader.wait_for_lines(1)
        self.daemon.wait_for_status(readers=1)
        return reader

    def write(self, text, uid=BOB, gid=None, times=1):
        """What a writer says, and which one: another, if the daemon was late to answer it."""
        def attempt():
            writer = Program(self, EXCHANGE, "write", "x", text, str(times), uid=uid, gid=gid)
            writer.process.wait(PATIENCE)
            return writer.wait_for_lines(1)[0], writer.process.pid
        return repeated(attempt, lambda result: not re.match("OS .*does not answer", result[0]))

    def test_another_users_message_arrives_with_who_sent_it(self):
        """S3a, S10, S38"""
        reader = self.reader("everyone")
        said, pid = self.write("hello")
        self.assertEqual(said, "OK ")
        expected = f"hello pid {pid} uid {BOB} computer . address  remote 0"
        wait_until(lambda: expected in reader.lines, expected)

    def test_a_stranger_is_denied_and_told_whose_it_is(self):
        self.reader("user")
        said, _ = self.write("hello")
        self.assertTrue(said.startswith("DENIED "), said)
        self.assertIn(str(ALICE), said)

    def test_a_group_lets_its_members_in(self):
        reader = self.reader("group", gid=SHARED)
        self.assertTrue(self.write("no")[0].startswith("DENIED "))
        self.assertEqual(self.write("yes", gid=SHARED)[0], "OK ")
        self.assertTrue(reader.wait_for_lines(2)[1].startswith("yes "))

    def test_every_message_of_many_arrives_or_is_refused(self):
        reader = self.reader("everyone")
        done = 0
        for _ in range(5):
            said, _ = self.write("m", times=100)
            self.assertRegex(said, "^(OK|FULL) ")
            done += 100 if said == "OK " else 0
        status = self.daemon.status()
        self.assertGreaterEqual(status["crossings_delivered"], done)
        reader.wait_for_lines(1 + status["crossings_delivered"])

    def test_a_broadcast_of_this_computer_reaches_users_once(self):
        """S36, S37"""
        reader = self.reader("user")
        packet = datagram("x", b"all", "GROUP", TO_GROUP, 4)
        self.assertEqual(self.daemon.client().broadcast(packet), (NOT_FOUND, ""))
        self.send(packet)
        self.daemon.wait_for_status(duplicates=1)
        line, = reader.wait_for_lines(2)[1:]
        self.assertRegex(line, rf"^all pid {os.getpid()} uid 0 computer \. ")


def become(uid):
    return ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups"]


def listen_as(path, uid):
    """A socket that another user made and listens on: a child becomes that user, makes it, and hands
    it over."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            listener.bind(path)
            os.chmod(path, 0o777)
            listener.listen()
            socket.send_fds(theirs, [b"x"], [listener.fileno()])
            status = 0
        finally:
            os._exit(status)
    descriptors = socket.recv_fds(ours, 1, 1)[1]
    os.waitpid(child, 0)
    ours.close()
    theirs.close()
    listener = socket.socket(fileno=descriptors[0])
    listener.settimeout(PATIENCE)
    return listener


class Refusals(LoopbackTest):
    """What mailslotd refuses shows wherever a user looks."""

    def tool(self, *arguments):
        return subprocess.run([TOOL, *arguments], env=self.env, text=True, capture_output=True,
                              timeout=PATIENCE)

    def wait_for_refusal(self, name, words):
        def refused():
            done = self.tool("info", name, "--json")
            info = json.loads(done.stdout) if not done.returncode else {}
            return info.get("registered") == "refused" and words in info["refusal"]
        wait_until(refused, f"the refusal of {name}")

    def test_a_reader_too_many_of_one_name(self):
        self.configure("max-readers-per-name = 1\n")
        daemon = self.start()
        first = daemon.reader("x")
        Program(self, TOOL, "listen", "x")
        self.wait_for_refusal("x", "max-readers-per-name")
        daemon.wait_for('refused the mailslot "x" .*max-readers-per-name')
        self.assertRegex(self.tool("doctor").stdout,
                         r"(?m)^fix   mailslot x, process \d+: .*max-readers-per-name")
        self.assertIn(" x (refused by mailslotd)", self.tool("top", "--once").stdout)
        first.close()
        wait_until(lambda: json.loads(self.tool("info", "x", "--json").stdout)["registered"] == "yes")

    def test_a_connection_too_many_of_one_user(self):
        self.configure("max-connections-per-user = 2\n")
        daemon = self.start()
        taken = [daemon.reader("a"), daemon.reader("b")]
        Program(self, TOOL, "listen", "x")
        self.wait_for_refusal("x", "as many of this user, as it allows")
        done = self.tool("info", "--host")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("max-connections-per-user", done.stderr)
        doctor = self.tool("doctor").stdout
        self.assertRegex(doctor, "(?m)^fix   mailslotd has no room .*max-connections-per-user")
        self.assertNotIn("restart it", doctor)
        self.assertRegex(doctor, "(?m)^fix   mailslot x, process ")
        daemon.wait_for("refused a connection .*max-connections-per-user")
        taken[0].close()
        wait_until(lambda: json.loads(self.tool("info", "x", "--json").stdout)["registered"] == "yes")

    def test_limits_can_be_raised_while_it_runs(self):
        self.configure("max-readers-per-name = 1\nmax-connections-per-user = 2\n")
        daemon = self.start()
        daemon.reader("x")
        self.assertEqual(daemon.client().register("x")[0], IN_USE)
        self.configure("max-readers-per-name = 2\nmax-connections-per-user = 3\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("configuration reloaded")
        daemon.reader("x")


class Doctor(LoopbackTest):
    def doctor(self):
        return subprocess.run([TOOL, "doctor"], env=self.env, text=True, capture_output=True,
                              timeout=PATIENCE).stdout

    def test_names_of_mailslotd_that_programs_do_not_use(self):
        self.configure("name = PROGRAMS\nworkgroup = OTHERS\n")
        self.start()
        found = self.doctor()
        self.assertRegex(found, "(?m)^fix   mailslotd has the name HOST, and programs have PROGRAMS")
        self.assertRegex(found, f"(?m)^fix   mailslotd has the workgroup GROUP, .* OTHERS.*"
                                f"{re.escape(self.config)}")

    def test_names_that_agree_are_no_fault(self):
        self.configure("name = HOST\nworkgroup = GROUP\n")
        self.start()
        self.assertNotIn("programs have", self.doctor())

    def test_the_firewall_must_let_answers_to_broadcasts_in(self):
        self.assertRegex(self.doctor(), "(?m)^note  firewall: .* from port 137 .* to any port")


@unittest.skipIf(os.geteuid() != 0, "SKIPPED: several users, which needs root")
class Impostor(LoopbackTest):
    """A program takes only a trusted user's process for mailslotd."""

    def tool(self, *arguments):
        return subprocess.run([TOOL, *arguments], env=self.env, text=True, capture_output=True,
                              timeout=PATIENCE)

    def assert_refused(self, uid):
        done = self.tool("info", "--host")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f"not mailslotd: user {uid} listens at {self.directory}/mailslotd",
                      done.stderr)

    def test_in_a_shared_directory_another_users_process_is_no_daemon(self):
        listener = listen_as(os.path.join(self.directory, "mailslotd"), ALICE)
        self.addCleanup(listener.close)
        self.assert_refused(ALICE)
        reader = Program(self, EXCHANGE, "read", "x", "everyone", uid=BOB)
        reader.wait_for_lines(1)
        self.assertNotEqual(self.tool("send", "secret", "text").returncode, 0)
        listener.settimeout(0.0)
        heard = []
        try:
            while True:
                heard.append(listener.accept()[0].recv(70000))
        except BlockingIOError:
            pass
        self.assertGreaterEqual(len(heard), 3)
        self.assertEqual(set(heard), {b""})

    def test_doctor_says_why(self):
        listener = listen_as(os.path.join(self.directory, "mailslotd"), ALICE)
        self.addCleanup(listener.close)
        done = self.tool("doctor")
        self.assertRegex(done.stdout, f"(?m)^fix   not mailslotd: user {ALICE} ")

    def test_the_owner_of_a_directory_that_others_cannot_write(self):
        os.chown(self.directory, ALICE, ALICE)
        os.chmod(self.directory, 0o755)
        self.start(prefix=become(ALICE))
        self.assertEqual(self.tool("info", "--host").returncode, 0)
        for mode in (0o1777, 0o757, 0o775):
            os.chmod(self.directory, mode)
            self.assert_refused(ALICE)

    def test_ones_own_user_wherever_it_is(self):
        listener = listen_as(os.path.join(self.directory, "mailslotd"), BOB)
        self.addCleanup(listener.close)
        reader = Program(self, EXCHANGE, "read", "x", "everyone", uid=BOB)
        self.assertIn(b"x", listener.accept()[0].recv(70000))
        reader.wait_for_lines(1)

    def test_the_user_nobody_in_a_shared_directory_identifies_no_user(self):
        listener = listen_as(os.path.join(self.directory, "mailslotd"), 65534)
        self.addCleanup(listener.close)
        Program(self, EXCHANGE, "read", "x", "everyone", uid=65534).wait_for_lines(1)
        self.assertEqual(listener.accept()[0].recv(70000), b"")


if __name__ == "__main__":
    unittest.main()
