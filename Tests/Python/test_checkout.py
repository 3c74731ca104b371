"""The checkout itself: what a person sees first."""

import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOP = {"Package.swift", "Sources", "Tests", "models", "datasets", "notebooks-export", "README.md", "Makefile", "LICENSE"}


def tracked():
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    return [name for name in found.stdout.split("\0") if name]


@unittest.skipUnless(tracked(), "not a git checkout")
class Checkout(unittest.TestCase):
    def test_the_top_level_holds_only_what_the_readme_names(self):
        top = {name.split("/")[0] for name in tracked()}
        self.assertEqual({name for name in top if not name.startswith(".")} - TOP, set())

    def test_no_tracked_file_is_large(self):
        large = [name for name in tracked() if (ROOT / name).is_file() and (ROOT / name).stat().st_size > 2_000_000]
        self.assertEqual(large, [])

    def test_every_script_parses(self):
        for script in sorted((ROOT / ".ci").iterdir()):
            self.assertEqual(subprocess.run(["bash", "-n", script]).returncode, 0, script)
