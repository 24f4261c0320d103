"""Writes the Parquet files that the tests read: python make-parquet.py (needs pyarrow)."""
import datetime
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
noon = datetime.datetime(2018, 3, 1, 12, tzinfo=datetime.timezone.utc)
table = pa.table(
    {
        "text": ["Bridge opens a day early", "Nine bridges you will not believe", "海边的桥今天开放"],
        "label": pa.array([1, 0, 1], pa.int64()),
        "tags": [["local", "transport"], [], ["transport"]],
        "grade": pa.array([0.5, -1.25, 3.0], pa.float32()),
        "entity_list": [[{"entity": "Harbour Bridge"}], [], [{"entity": "海边"}]],
        "time": pa.array([noon, noon + datetime.timedelta(days=1), noon + datetime.timedelta(days=2)], pa.timestamp("us", tz="UTC")),
        "votes": pa.array([3, None, 5], pa.int32()),
    }
)
for compression in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    pq.write_table(table, here / f"{compression}.parquet", compression=compression, row_group_size=2)
