"""Writes a table with pyarrow, plain and encrypted in every way it can, into the folder given."""

import base64
import datetime
import decimal
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

FOLDER = sys.argv[1]
ROWS = 3000

table = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int64()),
        "name": pa.array([None if i % 7 == 0 else f"name {i % 40}" for i in range(ROWS)]),
        "price": pa.array([decimal.Decimal(i) / 100 for i in range(ROWS)], pa.decimal128(12, 2)),
        "day": pa.array([datetime.date(2026, 1, 1 + i % 28) for i in range(ROWS)]),
        "ratio": pa.array([i / 8 for i in range(ROWS)], pa.float64()),
        "tags": pa.array([[f"t{j}" for j in range(i % 4)] for i in range(ROWS)]),
        "place": pa.array([{"x": i, "label": str(i)} for i in range(ROWS)]),
    }
)


def write(name, properties=None, compression="zstd", version="1.0"):
    pq.write_table(
        table,
        f"{FOLDER}/{name}.parquet",
        row_group_size=1700,
        data_page_size=2000,
        write_batch_size=200,
        use_dictionary=["name", "tags.list.element"],
        compression=compression,
        data_page_version=version,
        write_page_index=True,
        write_page_checksum=True,
        encryption_properties=properties,
    )


class OpenKMS(pe.KmsClient):
    """Wraps nothing: keys lie open in the key material, for the test to take out."""

    def __init__(self, configuration):
        super().__init__()

    def wrap_key(self, key, master):
        return base64.b64encode(key)

    def unwrap_key(self, wrapped, master):
        return base64.b64decode(wrapped)


write("plain")
write("plain-v2", compression="none", version="2.0")

KEYS = {16: b"0123456789abcdef", 24: b"0123456789abcdef01234567", 32: b"0123456789abcdef" * 2}
for size, key in KEYS.items():
    for algorithm in ("AES_GCM_V1", "AES_GCM_CTR_V1"):
        for plain_footer in (False, True):
            shape = f"{size}-{algorithm}-{'signed' if plain_footer else 'closed'}"
            write(
                f"uniform-{shape}",
                pe.create_encryption_properties(
                    key, encryption_algorithm=algorithm, plaintext_footer=plain_footer
                ),
            )
key = KEYS[16]
write("prefix-stored", pe.create_encryption_properties(key, aad_prefix=b"lake"))
write(
    "prefix-left-out",
    pe.create_encryption_properties(key, aad_prefix=b"lake", store_aad_prefix=False),
)
write("uniform-v2", pe.create_encryption_properties(key), compression="none", version="2.0")

factory = pe.CryptoFactory(OpenKMS)
connection = pe.KmsConnectionConfig()
for plain_footer in (False, True):
    configuration = pe.EncryptionConfiguration(
        footer_key="footer-master",
        column_keys={"name-master": ["name", "place.x"], "tags-master": ["tags.list.element"]},
        plaintext_footer=plain_footer,
        double_wrapping=False,
        encryption_algorithm="AES_GCM_CTR_V1" if plain_footer else "AES_GCM_V1",
    )
    write(
        f"columns-{'signed' if plain_footer else 'closed'}",
        factory.file_encryption_properties(connection, configuration),
    )
