"""A run taken away: its network in the formats that others read, its training as a script, a report and logs.

Each export is checked on the spot: the file that was written is loaded again in its own runtime and compared.
"""

from fmnist_core.export.checking import CHECKED_ITEMS, Check, Export
from fmnist_core.export.exporting import export_run, suggest_name
from fmnist_core.export.formats import FORMATS, ExportError, Format, check_possible, is_installed

__all__ = [
    "CHECKED_ITEMS",
    "FORMATS",
    "Check",
    "Export",
    "ExportError",
    "Format",
    "check_possible",
    "export_run",
    "is_installed",
    "suggest_name",
]
