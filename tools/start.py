"""Run several commands of the application in one process: Python and imports are paid for once.

python -m tools.start db upgrade -- demo --if-empty -- serve --port 8000
"""

import itertools
import sys
from collections.abc import Sequence

import click
from flask.cli import ScriptInfo

from booking import create_app


def main(words: Sequence[str]) -> int:
    """Run the commands in order and return 0, or the exit code of the first that fails."""
    app = create_app()
    for dashes, command in itertools.groupby(words, lambda word: word == "--"):
        if dashes:
            continue
        try:
            app.cli.main(
                list(command),
                prog_name="flask --app booking",
                obj=ScriptInfo(create_app=lambda: app),
                standalone_mode=False,
            )
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except (click.Abort, KeyboardInterrupt):
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
