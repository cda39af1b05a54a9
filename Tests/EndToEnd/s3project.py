"""A project whose lake lies in a bucket, looked at with another's client."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
from project import Project


class S3Project(Project):
    def __init__(self, folder, environment, server, bucket, prefix="lake"):
        super().__init__(folder, {**environment, **server.environment})
        self.server = server
        self.bucket = bucket
        self.prefix = prefix

    @property
    def root(self):
        return f"s3://{self.bucket}/{self.prefix}"

    def configure(self, text, lake=""):
        (self.folder / "tidemark.yaml").write_text(
            f"version: 1\nlake:\n  root: {self.root}\n{lake}{text}")
        return self

    def objects(self):
        """All objects of the lake, as their names below its root."""
        pages = self.server.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.prefix + "/")
        return sorted(entry["Key"][len(self.prefix) + 1:]
                      for page in pages for entry in page.get("Contents", []))

    def uploads(self):
        """The uploads that are open."""
        found = self.server.client.list_multipart_uploads(Bucket=self.bucket, Prefix=self.prefix + "/")
        return [upload["Key"] for upload in found.get("Uploads", [])]

    def files(self, table, zone="raw"):
        return [name for name in self.objects() if name.startswith(f"{zone}/{table}/")
                and not any(part[0] in "._" for part in name.split("/")[2:])]

    def read(self, name):
        answer = self.server.client.get_object(Bucket=self.bucket, Key=f"{self.prefix}/{name}")
        return answer["Body"].read()

    def table(self, table, zone="raw"):
        pieces = [pq.ParquetFile(io.BytesIO(self.read(name))).read() for name in self.files(table, zone)]
        return pa.concat_tables(pieces, promote_options="permissive") if pieces else None

    def leftovers(self):
        """Open uploads, and objects that belong to no table."""
        hidden = [name for name in self.objects()
                  if any(part[0] in "._" for part in name.split("/"))
                  and not {"_retired", "_tidemark"} & set(name.split("/"))]
        probes = [name for name in self.objects() if "_tidemark/check" in name]
        return self.uploads() + hidden + probes
