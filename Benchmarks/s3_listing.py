#!/usr/bin/env python3
"""Runs that find nothing new among many objects, beside what listing them takes.

    make bench-s3-listing              100,000 objects in ten folders
    make bench-s3-listing SCALE=0.1    a tenth of them

The objects lie in a SeaweedFS server on loopback, which lists at most a thousand of them a page. A
run is timed as a whole command, with its start; the listings inside of their programs, without
theirs: pages asked for one after the other over one connection, of which nothing but the token is
read; boto3's paginator; and AWS's SDK for C++, as pyarrow comes with it. All take turns; the best of
the rounds is shown. The server works on the same cores, so only ratios carry over.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Demo"), str(ROOT / "Tests/EndToEnd"), str(ROOT / "Benchmarks")]

from processes import measure  # noqa: E402

OBJECTS = 100_000
BUCKET, PREFIX = "logs", "app/"
LISTINGS = {"pages": "bare pages", "boto3": "boto3", "sdk": "AWS SDK for C++"}
CONFIG = """
version: 1
lake: {{root: ./lake}}
sources:
  web: {{type: logs, path: "s3://{bucket}/{prefix}**/*.json"}}
streams:
  web.access: {{parse: json}}
"""


class Connection:
    """Signed requests over one connection that stays open."""

    def __init__(self, environment):
        from botocore.auth import S3SigV4Auth
        from botocore.credentials import Credentials
        self.endpoint = environment["AWS_ENDPOINT_URL_S3"]
        self.signer = S3SigV4Auth(
            Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]),
            "s3", environment["AWS_REGION"])
        self.connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc)

    def send(self, method, path, body=b""):
        from botocore.awsrequest import AWSRequest
        request = AWSRequest(method, self.endpoint + path, data=body)
        self.signer.add_auth(request)
        self.connection.request(method, path, body, dict(request.headers.items()))
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]}")
        return content


def key(number):
    """Ten folders of a day each, named as services name their files."""
    return f"{PREFIX}2026-11-{1 + number % 10:02}/app-{number:06}.json"


def put(environment, numbers):
    connection = Connection(environment)
    for number in numbers:
        body = json.dumps({"number": number}).encode() + b"\n"
        connection.send("PUT", f"/{BUCKET}/{key(number)}", body)


def fill(server, count, processes=4):
    server.client.create_bucket(Bucket=BUCKET)
    with ProcessPoolExecutor(processes) as pool:
        done = [pool.submit(put, server.environment, range(start, count, processes))
                for start in range(processes)]
        for one in done:
            one.result()


# Listings: each counts the objects.

def list_pages(environment):
    connection, count, token = Connection(environment), 0, None
    while True:
        query = {"list-type": "2", "prefix": PREFIX}
        if token:
            query["continuation-token"] = token
        content = connection.send(
            "GET", f"/{BUCKET}?{urlencode(sorted(query.items()), quote_via=quote, safe='')}")
        count += content.count(b"<Contents>")
        token = re.search(rb"<NextContinuationToken>(.+?)</NextContinuationToken>", content)
        if not token:
            return count
        token = token[1].decode()


def list_boto3(environment):
    import boto3
    client = boto3.client("s3", endpoint_url=environment["AWS_ENDPOINT_URL_S3"])
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=PREFIX)
    return sum(len(page.get("Contents", [])) for page in pages)


def list_sdk(environment):
    from pyarrow import fs
    endpoint = urlsplit(environment["AWS_ENDPOINT_URL_S3"])
    system = fs.S3FileSystem(
        access_key=environment["AWS_ACCESS_KEY_ID"], secret_key=environment["AWS_SECRET_ACCESS_KEY"],
        region=environment["AWS_REGION"], endpoint_override=endpoint.netloc, scheme=endpoint.scheme)
    found = system.get_file_info(fs.FileSelector(f"{BUCKET}/{PREFIX}", recursive=True))
    return sum(one.type == fs.FileType.File for one in found)


def timed_listing(name):
    listing = {"pages": list_pages, "boto3": list_boto3, "sdk": list_sdk}[name]
    environment = dict(os.environ)
    # What it imports is not part of it.
    if name == "sdk":
        import pyarrow.fs  # noqa: F401
    else:
        import boto3  # noqa: F401
    begun = time.monotonic()
    count = listing(environment)
    print(json.dumps({"seconds": time.monotonic() - begun, "count": count}))


class Bench:
    def __init__(self, folder, environment, program, count):
        self.folder, self.program, self.count = Path(folder), program, count
        self.environment = {**os.environ, **environment, "AWS_EC2_METADATA_DISABLED": "true"}
        self.config = self.folder / "tidemark.yaml"
        self.config.write_text(CONFIG.format(bucket=BUCKET, prefix=PREFIX))

    def run(self):
        return measure([self.program, "run", "--threads", "2", "--config", self.config],
                       self.folder, self.environment)

    def listing(self, name):
        answer = subprocess.run([sys.executable, __file__, "--listing", name], check=True,
                                env=self.environment, stdout=subprocess.PIPE)
        found = json.loads(answer.stdout)
        if found["count"] != self.count:
            raise RuntimeError(f"{name} listed {found['count']} objects of {self.count}")
        return found["seconds"]

    def measured(self, rounds):
        first = self.run()
        self.check_rows()
        runs, listings = [], {name: [] for name in LISTINGS}
        for _ in range(rounds):
            runs.append(self.run())
            for name, found in listings.items():
                found.append(self.listing(name))
        return {"objects": self.count, "first_seconds": first.seconds,
                "first_peak_bytes": first.peak_bytes,
                "seconds": min(one.seconds for one in runs),
                "work_seconds": min(one.work_seconds for one in runs),
                "peak_bytes": max(one.peak_bytes for one in runs),
                "listing_seconds": {name: min(found) for name, found in listings.items()}}

    def check_rows(self):
        import pyarrow.parquet
        rows = sum(pyarrow.parquet.ParquetFile(file).metadata.num_rows
                   for file in (self.folder / "lake").rglob("*.parquet"))
        if rows != self.count:
            raise RuntimeError(f"{rows} rows of {self.count} objects")


def show(found):
    print(f"Nothing new in {found['objects']:,} objects: {found['seconds']:.2f} s, "
          f"{found['work_seconds']:.2f} s of work, peak {found['peak_bytes'] / 1e6:.0f} MB. Their "
          f"first run: {found['first_seconds']:.1f} s, peak {found['first_peak_bytes'] / 1e6:.0f} MB.\n")
    print(f"| {'listing alone':16} | seconds | a run is |")
    print("|---|---:|---:|")
    for name, seconds in found["listing_seconds"].items():
        print(f"| {LISTINGS[name]:16} | {seconds:.2f} | {found['seconds'] / seconds:.2f} × |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=5, help="the best of so many is shown")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--listing", choices=sorted(LISTINGS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.listing:
        return timed_listing(arguments.listing)
    from seaweedfs import SeaweedFS
    count = round(OBJECTS * arguments.scale)
    folder = tempfile.mkdtemp(prefix="tidemark-bench-")
    try:
        with SeaweedFS() as server:
            fill(server, count)
            bench = Bench(folder, server.environment, ROOT / ".build/release/tidemark", count)
            found = bench.measured(arguments.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        print(json.dumps(found))
    else:
        show(found)


if __name__ == "__main__":
    main()
