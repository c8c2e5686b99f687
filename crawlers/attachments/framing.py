"""How files go to the child process, and readings come back."""

import struct

HEADER = struct.Struct(">dQ")
"""Before a file: seconds for recognition (0.0: text only) and its length in bytes."""

LENGTH = struct.Struct(">Q")
"""Before a reading: its length in bytes."""
