"""Fashion-MNIST Lab without the browser: everything that the app shows, as plain Python.

Importing this package is cheap: each module imports what is heavy only when it is used.
"""

__version__ = "0.1.0"
