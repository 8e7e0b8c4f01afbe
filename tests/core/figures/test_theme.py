import subprocess
import sys

import pytest

# As while another thread is in the middle of importing it: the module is there, and nothing in it.
_WITH_HALF_OF_PANDAS = """
import sys, threading, time, types
import numpy as np

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas.core.api":
            time.sleep(1.5)

sys.meta_path.insert(0, Slow())
threading.Thread(target=__import__, args=("pandas",)).start()
time.sleep(0.3)
{call}
"""


@pytest.mark.parametrize(
    "call",
    ["from fmnist_core.figures.prediction import plot_probabilities; plot_probabilities(np.full(10, 0.1))"],
)
def test_a_chart_waits_for_pandas_where_another_thread_is_importing_it(call):
    # A first visitor's chart failed while the server warmed up.
    code = _WITH_HALF_OF_PANDAS.format(call=call)
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 0, found.stderr
