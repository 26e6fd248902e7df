"""Drills in full, both engines: python -m bench.drills [R1 …] [--engine …] [--seconds …]."""

import argparse
import sys

from bench.drills import (
    r1_racing,
    r2_collisions,
    r3_http,
    r4_paths,
    r5_kills,
    r9_retries,
    r10_dst,
    r11_api,
    r12_model,
    r13_sign_in,
    r14_hostile,
    r15_budget,
    r17_scanners,
)
from bench.drills.result import battlefield

DRILLS = {
    "R1": r1_racing, "R2": r2_collisions, "R3": r3_http, "R4": r4_paths, "R5": r5_kills,
    "R9": r9_retries, "R10": r10_dst, "R11": r11_api, "R12": r12_model,
    "R13": r13_sign_in, "R14": r14_hostile, "R15": r15_budget, "R17": r17_scanners,
}  # fmt: skip
ENGINES = ("sqlite", "postgresql")


def main(words: list[str]) -> int:
    """Return 0 when every chosen drill passed."""
    parser = argparse.ArgumentParser(prog="python -m bench.drills")
    parser.add_argument("drills", nargs="*", metavar="DRILL", help=f"of {', '.join(DRILLS)}")
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--seconds", type=float, help="a short form instead of the full one")
    chosen = parser.parse_args(words)
    failed = 0
    for name in chosen.drills or DRILLS:
        for engine in chosen.engine or ENGINES:
            with battlefield(engine) as settings:
                result = DRILLS[name].run(settings, engine, chosen.seconds)
            print(result.line(), flush=True)
            failed += bool(result.problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
