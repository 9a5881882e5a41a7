"""Makes `network_rows`, `student_rows` and `letters` importable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
