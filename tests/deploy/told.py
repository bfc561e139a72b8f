"""A process that says what it was born with: ``python -m tests.deploy.told CODE [wait]``."""

import json
import os
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    said = {
        "argv": sys.argv,
        "env": dict(os.environ),
        "cwd": str(Path.cwd()),
        "leads": os.getsid(0),
    }
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    if "wait" in sys.argv:
        time.sleep(600)
    sys.exit(int(sys.argv[1]))
