"""Fashion-MNIST Lab without the browser: everything that the app shows, as plain Python.

Importing this package is cheap: each module imports what is heavy only when it is used.
"""

import os

# On a GPU, take memory as it is needed and not all at once: the app asks networks in one process while another one
# trains. The backends read this when they start, so it has to stand before any of them is imported.
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

__version__ = "0.1.0"
