"""Run the course: `python -m lib.course run`.  `lib.course.command` says what else it can do."""

import sys


def start() -> int:
    """Import what it takes, which lasts a second or two, and run the command."""
    try:
        from .command import main

        return main()
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # a claim may hold what a Windows console cannot show
    sys.exit(start())
