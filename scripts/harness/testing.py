"""The frame of a test of real processes: its folder, its exit code, and the end of all that it started."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile

from harness.processes import Failure, Missing, built

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def add_options(parser):
    parser.add_argument("--tributary", help="the program to test (default: the release build)")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the state and the logs in any case")


def end_by_signal(number, _):
    raise KeyboardInterrupt


def main(name, options, make):
    """Makes the test and carries it out; the exit code."""
    signal.signal(signal.SIGTERM, end_by_signal)
    options.tributary = built(ROOT, options.tributary)
    os.environ["OMP_NUM_THREADS"] = "1"
    for variable in [variable for variable in os.environ if variable.startswith("TRIBUTARY_")]:
        del os.environ[variable]
    folder = tempfile.mkdtemp(prefix=f"tributary-{name}.")
    test = None
    is_kept = True
    try:
        test = make(options, folder)
        test.run()
        test.stop()
        test.check()
        print(test.summary())
        is_kept = options.keep
        return 0
    except Missing as missing:
        print(f"{name}: skipped: {missing}")
        is_kept = False
        return 0
    except (Failure, subprocess.CalledProcessError) as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if test is not None:
            test.end_all()
        if is_kept:
            print(f"{name}: the state and the logs are in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder)
