"""A feature matrix as hedge builds it, read by pandas, pyarrow and Polars."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import pandas
import polars
import pyarrow.parquet

ROOT = Path(__file__).resolve().parents[2]
HEDGE = Path(os.environ.get("HEDGE", ROOT / ".build/release/hedge"))
CHAIN = ROOT / "datasets/simulated-chains/chains/eth-2026-01.csv.gz"


class FeatureFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.files = [Path(cls.folder.name) / name for name in ("features.parquet", "features.csv")]
        for file in cls.files:
            command = [HEDGE, "features", "build", "--data", CHAIN, "--currency", "ETH", "--out", file, "--json"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        cls.answer = json.loads(done.stdout)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_pandas_and_polars_read_what_the_csv_holds(self):
        parquet = pandas.read_parquet(self.files[0])
        csv = pandas.read_csv(self.files[1], parse_dates=["time"], float_precision="round_trip")
        self.assertEqual(list(parquet.columns), ["time"] + self.answer["features"])
        self.assertEqual(len(parquet), self.answer["snapshots"])
        pandas.testing.assert_frame_equal(parquet, csv, check_dtype=False, check_exact=True)
        frame = polars.read_parquet(self.files[0])
        self.assertEqual(frame.schema["time"], polars.Datetime("us", "UTC"))
        for name in self.answer["features"]:
            self.assertEqual(frame[name].to_list(), parquet[name].tolist(), name)

    def test_units_and_the_schema_s_hash_travel_with_it(self):
        frame = pandas.read_parquet(self.files[0])
        self.assertEqual(frame.attrs["currency"], "ETH")
        self.assertEqual(len(frame.attrs["schema"]), 64)
        self.assertTrue(set(frame.attrs["units"]) <= set(frame.columns))
        metadata = pyarrow.parquet.read_schema(self.files[0]).metadata
        self.assertEqual(json.loads(metadata[b"units"]), frame.attrs["units"])
        self.assertGreater(len(frame.attrs["units"]), len(frame.columns) // 2)
