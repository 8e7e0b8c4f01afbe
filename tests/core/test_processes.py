import subprocess
import sys
import time

from fmnist_core.processes import describe_this_process, lives


def test_this_process_lives_and_one_that_has_ended_does_not():
    assert lives(describe_this_process(), time.time())
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    assert not lives({**describe_this_process(), "pid": int(ended.stdout)}, time.time())


def test_a_later_process_of_the_same_number_is_another_one():
    assert not lives(describe_this_process(), 1_000_000.0)


def test_of_processes_elsewhere_nothing_is_known():
    assert lives({"host": "elsewhere", "pid": 1}, 0)
