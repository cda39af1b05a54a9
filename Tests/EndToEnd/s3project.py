"""A project whose lake lies in a bucket, looked at with another's client."""

import io
import shutil
import uuid

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
        self.text = text, lake
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

    def current_files(self, table, zone="raw"):
        folders = [f"{place}/" for place in self.locations(table, zone)]
        return [name for name in self.objects() for folder in folders
                if name.startswith(folder) and name[len(folder)] not in "._" and "/" not in name[len(folder):]]

    def table(self, table, zone="raw", everything=True):
        files = self.files(table, zone) if everything else self.current_files(table, zone)
        pieces = [pq.ParquetFile(io.BytesIO(self.read(name))).read() for name in files]
        return pa.concat_tables(pieces, promote_options="permissive") if pieces else None

    def put(self, name, content):
        self.server.client.put_object(Bucket=self.bucket, Key=f"{self.prefix}/{name}", Body=content)

    def copy(self, folder):
        copy = S3Project(folder, self.environment, self.server, self.bucket, f"{uuid.uuid4()}/lake")
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        copy.database = self.database
        copy.configure(*self.text)
        client = self.server.client
        for name in self.objects():
            client.copy_object(Bucket=self.bucket, Key=f"{copy.prefix}/{name}",
                               CopySource={"Bucket": self.bucket, "Key": f"{self.prefix}/{name}"})
        for key in self.uploads():
            client.create_multipart_upload(
                Bucket=self.bucket, Key=copy.prefix + key[len(self.prefix):])
        return copy

    def leftovers(self, retired=False):
        """Open uploads, and objects that belong to no table. What an undo may still need is none of
        them, unless `retired` is asked for too."""
        known = {"_tidemark", *([] if retired else ["_retired"])}
        hidden = [name for name in self.objects()
                  if any(part[0] in "._" for part in name.split("/")) and not known & set(name.split("/"))]
        probes = [name for name in self.objects() if "_tidemark/check" in name]
        return self.uploads() + hidden + probes
