"""Set before anything is imported: figures are drawn without a display."""

import os

os.environ.setdefault("MPLBACKEND", "agg")
