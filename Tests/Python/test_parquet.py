"""Parquet files as hedge writes them, read by pandas, pyarrow and Polars."""

import json
import math
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas
import polars
import pyarrow
import pyarrow.parquet

FILES = Path(__file__).resolve().parents[1] / "References/parquet"
SAMPLE = FILES / "sample.parquet"
PIECES = FILES / "pieces.parquet"
FIRST = datetime(2026, 3, 3, 8, 0, 0, 123456, tzinfo=timezone.utc)
UNITS = {"volatility": "annual decimal", "basis": 'per "year"'}
NAMES = ["BTC-27MAR26-90000-C", "", 'β, "quoted"']
COUNTS = [2**63 - 1, -2, -2**63]


class ParquetFiles(unittest.TestCase):
    def test_pandas_reads_values_kinds_and_units(self):
        frame = pandas.read_parquet(SAMPLE)
        self.assertEqual(frame.shape, (3, 18))
        self.assertEqual(str(frame.dtypes["time"]), "datetime64[us, UTC]")
        self.assertEqual([time.to_pydatetime() for time in frame["time"]], [FIRST + timedelta(hours=row) for row in range(3)])
        self.assertEqual(frame["expiry"][0].to_pydatetime(), datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=timezone.utc))
        self.assertEqual(list(frame["name"]), NAMES)
        self.assertEqual(list(frame["count"]), COUNTS)
        self.assertEqual(frame["volatility"].isna().tolist(), [False, True, False])
        self.assertEqual((frame["volatility"][0], frame["volatility"][2]), (0.1, 1e300))
        self.assertEqual(math.copysign(1, frame["basis"][0]), -1)
        self.assertEqual(frame["basis"].tolist()[1:], [math.inf, 5e-324])
        self.assertEqual(frame["f11"].tolist(), [0, 11, 22])
        self.assertEqual(frame.attrs["units"], UNITS)
        self.assertEqual(frame.attrs["schema"], "0f3a")

    def test_pyarrow_reads_schema_and_metadata(self):
        schema = pyarrow.parquet.read_schema(SAMPLE)
        self.assertEqual(schema.field("time").type, pyarrow.timestamp("us", tz="UTC"))
        self.assertEqual([str(schema.field(name).type) for name in ["name", "count", "volatility"]], ["string", "int64", "double"])
        self.assertFalse(any(field.nullable for field in schema))
        metadata = {key.decode(): value.decode() for key, value in schema.metadata.items()}
        self.assertEqual(json.loads(metadata["units"]), UNITS)
        self.assertEqual(metadata["about"], 'three rows, "and" no more')
        self.assertEqual(metadata["schema"], "0f3a")

    def test_polars_reads_the_same(self):
        frame = polars.read_parquet(SAMPLE)
        self.assertEqual(frame.schema["time"], polars.Datetime("us", "UTC"))
        self.assertEqual(frame["time"].to_list(), [FIRST + timedelta(hours=row) for row in range(3)])
        self.assertEqual(frame["name"].to_list(), NAMES)
        self.assertEqual(frame["count"].to_list(), COUNTS)
        self.assertEqual(frame["volatility"].is_nan().to_list(), [False, True, False])
        self.assertEqual(json.loads(polars.read_parquet_metadata(SAMPLE)["units"]), UNITS)

    def test_row_groups_are_one_table_and_a_range_of_time_needs_only_its_own(self):
        file = pyarrow.parquet.ParquetFile(PIECES)
        groups = [file.metadata.row_group(group) for group in range(file.num_row_groups)]
        self.assertEqual([group.num_rows for group in groups], [2, 5])
        extremes = groups[1].column(0).statistics
        self.assertEqual((extremes.min, extremes.max), (FIRST + timedelta(hours=2), FIRST + timedelta(hours=6)))
        self.assertEqual(groups[0].column(3).statistics.max, 2**63 - 1)
        self.assertIsNone(groups[0].column(4).statistics)
        late = FIRST + timedelta(hours=2)
        self.assertEqual(pandas.read_parquet(PIECES, filters=[("time", ">=", late)])["f1"].tolist(), [2, 3, 4, 5, 6])
        lazy = polars.scan_parquet(PIECES).filter(polars.col("time") < late)
        self.assertEqual(lazy.collect()["f1"].to_list(), [0, 1])
