"""What the test cases have in common: one network for all tests of a class, and its programs' logs
when a test fails."""

import unittest

from harness.network import Network
from harness.host_programs import state
from harness.waiting import wait_until


class NetworkTest(unittest.TestCase):
    BRIDGES = 1

    @classmethod
    def setUpClass(cls):
        cls.network = Network(cls.BRIDGES)
        cls.addClassCleanup(cls.network.close)
        cls.addClassCleanup(cls.network.end_well)
        try:
            cls.build()
        except BaseException:
            print(cls.network.logs(), flush=True)
            raise

    @classmethod
    def build(cls):
        """Makes the hosts, and starts what all tests share."""

    def run(self, result=None):
        failures = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > failures:
            print(self.network.logs(), flush=True)
        return result

    wait_until = staticmethod(wait_until)
    state_of = staticmethod(state)

    def wait_until_equal(self, current, expected):
        """Waits until current() returns what is expected."""
        try:
            wait_until(lambda: current() == expected, expected)
        except AssertionError:
            self.assertEqual(current(), expected)

    def assert_done(self, result):
        self.assertEqual(result.status, 0, result)
