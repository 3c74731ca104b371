"""What hedge writes, read by the tools other people use."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import nbformat
import numpy
import pandas
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[2]
HEDGE = Path(os.environ.get("HEDGE", ROOT / ".build/release/hedge"))
TINY = """
name: tiny
seed: 3
market: {model: black-scholes, volatility: 0.2}
calendar: {steps: 5}
claim: {kind: call, strike: 100}
costs: {proportional: 0.002}
policy: {kind: no-transaction-band, hidden: [8]}
training: {paths: 512, epochs: 20}
evaluation: {paths: 4000, against: [delta, whalley-wilmott, none]}
"""


def hedge(*arguments):
    return subprocess.run([HEDGE, *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


class Interchange(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = Path(cls.folder.name)
        experiment = cls.path / "tiny.yaml"
        experiment.write_text(TINY)
        cls.trained = json.loads(hedge("train", experiment, "--models", cls.path / "models", "--json"))
        hedge("compare", experiment, "--export", cls.path / "runs")
        cls.run_folder = cls.path / "runs" / "tiny"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_weights_open_as_safetensors(self):
        tensors = load_file(self.path / "models/tiny/1/weights.safetensors")
        self.assertEqual(sum(tensor.size for tensor in tensors.values()), self.trained["training"]["parameterCount"])
        self.assertTrue(all(numpy.isfinite(tensor).all() for tensor in tensors.values()))

    def test_parquet_and_csv_hold_the_same_tables(self):
        files = sorted(self.run_folder.glob("*.parquet"))
        self.assertTrue(files)
        for file in files:
            parquet = pandas.read_parquet(file)
            csv = pandas.read_csv(file.with_suffix(".csv"), keep_default_na=False, na_values=["", "nan"])
            # CSV does not tell an empty text from no number.
            texts = parquet.select_dtypes("object").columns
            csv[texts] = csv[texts].fillna("")
            pandas.testing.assert_frame_equal(parquet, csv, check_dtype=False)

    def test_a_surface_table_opens_with_units_and_times(self):
        table = self.path / "surface.parquet"
        chains = ROOT / "datasets/simulated-chains/chains/eth-2026-01.csv.gz"
        answer = json.loads(hedge("surface", "fit", "--data", chains, "--from", "2026-01-05", "--to", "2026-01-07", "--out", table, "--json"))
        frame = pandas.read_parquet(table)
        fitted = frame[frame.outcome == "fitted"]
        self.assertEqual(len(fitted), answer["slices"])
        self.assertEqual(fitted.time.nunique(), answer["snapshots"])
        self.assertEqual(frame.attrs["units"]["sigma"], "log-moneyness")
        self.assertEqual(frame.attrs["family"], "svi")
        # Raw SVI gives the at-the-money volatility again.
        level = fitted.a + fitted.b * (-fitted.rho * fitted.m + (fitted.m**2 + fitted.sigma**2) ** 0.5)
        self.assertTrue(numpy.allclose((level / fitted.timeToExpiry) ** 0.5, fitted.atTheMoneyVolatility, rtol=1e-12))
        self.assertTrue((fitted.minimumButterflyDensity >= 0).all() and (fitted.inside <= fitted.quotes).all())

    def test_notebook_is_valid_ran_and_shows_pictures(self):
        notebook = nbformat.read(self.run_folder / "comparison.ipynb", as_version=4)
        nbformat.validate(notebook)
        ids = [cell["id"] for cell in notebook.cells]
        self.assertEqual(len(ids), len(set(ids)))
        outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
        self.assertFalse([output for output in outputs if output.output_type == "error"])
        pictures = [output for output in outputs if any(kind.startswith("image/") for kind in output.get("data", {}))]
        self.assertGreaterEqual(len(pictures), 3)

    def test_notebook_runs_top_to_bottom(self):
        subprocess.run(
            [Path(os.sys.executable), "-m", "nbconvert", "--to", "notebook", "--execute", "--output", "again.ipynb", "comparison.ipynb"],
            cwd=self.run_folder, check=True, capture_output=True)
        self.assertTrue((self.run_folder / "again.ipynb").exists())
