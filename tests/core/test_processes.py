import os
import subprocess
import sys
import time

from fmnist_core.processes import describe_this_process, is_here, lives, measure_memory


def test_this_process_lives_and_one_that_has_ended_does_not():
    assert lives(describe_this_process(), time.time())
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    assert not lives({**describe_this_process(), "pid": int(ended.stdout)}, time.time())


def test_a_later_process_of_the_same_number_is_another_one():
    assert not lives(describe_this_process(), 1_000_000.0)


def test_of_processes_elsewhere_nothing_is_known():
    assert lives({"host": "elsewhere", "pid": 1}, 0)


def test_a_process_that_was_killed_is_gone_before_its_parent_has_asked():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        described = {**describe_this_process(), "pid": child.pid}
        assert lives(described, time.time())
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not lives(described, time.time())


def test_only_processes_of_this_machine_are_here():
    assert is_here(describe_this_process())
    assert not is_here({"host": "elsewhere", "pid": 1})
    assert not is_here({})


def test_the_memory_of_a_process_grows_with_what_it_keeps():
    before = measure_memory()
    kept = bytearray(os.urandom(50_000_000))
    assert 40 < measure_memory() - before < 120
    assert len(kept) == 50_000_000
