"""Ends a test program as skipped, with the reason where tools/check shows it."""

import os
import sys

SKIPPED = 77  # exit status; CTest's SKIP_RETURN_CODE


def skip(reason):
    print(f"SKIPPED: {reason}", file=sys.stderr, flush=True)
    sys.exit(SKIPPED)


def skip_unless_root(what):
    if os.geteuid() != 0:
        skip(f"{what}, which needs root")
