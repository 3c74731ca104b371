"""Writes the weight files of Tests/References/safetensors with the reference implementation (pip install safetensors numpy).

    python Tests/References/safetensors_fixtures.py

`reference.safetensors` holds every type this project uses. `malformed.json` lists broken files (base64) with what the
reference implementation says of each: an error's name, or null where it lets the file pass and this project must not.
"""

import base64
import json
import pathlib
import struct

import numpy
import safetensors
from safetensors.numpy import load, save_file

FIXTURES = pathlib.Path(__file__).parent / "safetensors"

arrays = {
    "band.bias": numpy.array([-1.5, 0.25], dtype=numpy.float32),
    "band.weight": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 8,
    "empty": numpy.zeros((0, 4), dtype=numpy.float32),
    "mean": numpy.array([0.1, -2.2250738585072014e-308, 1.7976931348623157e308]),
    "scalar": numpy.array(0.1, dtype=numpy.float32),
    "steps": numpy.array([-(2**63), 0, 2**63 - 1], dtype=numpy.int64),
}


def header(text, body=b"", length=None):
    raw = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + body


def entry(dtype="F32", shape=(2,), begin=0, end=8, **extra):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end], **extra}


def file(entries, body=bytes(8)):
    return header(json.dumps(entries), body)


nan, infinity = struct.pack("<2f", 1, float("nan")), struct.pack("<2f", float("-inf"), 1)
malformed = {
    "empty file": b"",
    "seven bytes": bytes(7),
    "header longer than the file": header("{}", length=100),
    "header of 100 000 001 bytes": header("{}", length=100_000_001),
    "header of 2^64 - 1 bytes": header("{}", length=2**64 - 1),
    "no header": header(""),
    "header is no JSON": header("{'a'}"),
    "header is an array": header("[]"),
    "header begins with a space": header(b' {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', bytes(8)),
    "header is no UTF-8": header(b'{"\xff":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', bytes(8)),
    "text after the header's object": header(b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} 1', bytes(8)),
    "body cut short": file({"a": entry()}, bytes(7)),
    "trailing bytes": file({"a": entry()}, bytes(9)),
    "hole at the start": file({"a": entry(begin=4, end=12)}, bytes(12)),
    "hole between": file({"a": entry(), "b": entry(begin=12, end=20)}, bytes(20)),
    "overlap": file({"a": entry(), "b": entry(begin=4, end=12)}, bytes(12)),
    "same bytes twice": file({"a": entry(), "b": entry()}),
    "end before begin": file({"a": entry(begin=8, end=0)}),
    "negative offset": file({"a": entry(begin=-8, end=0)}),
    "offset with a fraction": header(b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.0]}}', bytes(8)),
    "three offsets": header(b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}', bytes(8)),
    "size is not shape times width": file({"a": entry(shape=(3,))}),
    "shape product overflows": file({"a": entry(shape=(2**40, 2**40))}),
    "shape product wraps to the right size": file({"a": entry(shape=(2**62, 2, 2, 2))}, b""),
    "negative shape": file({"a": entry(shape=(-1, -2))}),
    "shape with an exponent": header(b'{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}', bytes(8)),
    "shape is text": header(b'{"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}', bytes(8)),
    "unknown type": file({"a": entry(dtype="F33")}),
    "type missing": header(b'{"a":{"shape":[2],"data_offsets":[0,8]}}', bytes(8)),
    "metadata is a number": file({"__metadata__": {"k": 1}, "a": entry()}),
    "metadata is a list": file({"__metadata__": ["k"], "a": entry()}),
    "name given twice": header(
        b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}', bytes(8)
    ),
    "unknown field": file({"a": entry(strides=[1])}),
    "a weight is NaN": file({"a": entry()}, nan),
    "a weight is infinite": file({"a": entry()}, infinity),
    "a pickle": b"\x80\x04\x95" + bytes(40),
    "a zip": b"PK\x03\x04" + bytes(40),
}


def verdict(raw):
    try:
        load(raw)
    except Exception as error:  # noqa: BLE001 - the library raises several kinds, all of them are an answer
        return str(error) or type(error).__name__
    return None


FIXTURES.mkdir(parents=True, exist_ok=True)
save_file(arrays, FIXTURES / "reference.safetensors", metadata={"strategy": "no-transaction-band β"})
(FIXTURES / "reference.safetensors").chmod(0o644)
(FIXTURES / "malformed.json").write_text(
    json.dumps(
        {
            "safetensors": safetensors.__version__,
            "files": [
                {"name": name, "base64": base64.b64encode(raw).decode(), "reference": verdict(raw)} for name, raw in malformed.items()
            ],
        },
        indent=1,
        ensure_ascii=False,
    )
    + "\n"
)
