"""What is known of a run's mistakes, to be taken away: one HTML file that needs nothing else, and tables as CSV."""

from fmnist_core.reporting.content import Report, load_report
from fmnist_core.reporting.page import write_html
from fmnist_core.reporting.tables import build_tables, export_tables

__all__ = ["Report", "build_tables", "export_tables", "load_report", "write_html"]
