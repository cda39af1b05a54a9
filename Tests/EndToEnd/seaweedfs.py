"""A real S3 server, SeaweedFS: its own folder and ports, and nothing left behind."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from mariadb import end_with_parent

KEY, SECRET, REGION = "tidemark", "a secret of tidemark's tests", "us-east-1"


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class SeaweedFS:
    """The server; it checks signatures."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="tidemark-seaweedfs-"))
        (self.folder / "data").mkdir()
        identities = self.folder / "identities.json"
        identities.write_text(json.dumps({"identities": [{
            "name": "tests", "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}))
        ports = free_ports(8)
        self.endpoint = f"http://127.0.0.1:{ports[0]}"
        self.command = [
            str(Path(sys.executable).with_name("weed")), "server", f"-dir={self.folder}/data",
            "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.port={ports[0]}",
            f"-s3.port.grpc={ports[1]}", "-s3.port.iceberg=0", "-s3.port.lance=0",
            f"-s3.config={identities}", f"-master.port={ports[2]}", f"-master.port.grpc={ports[3]}",
            f"-volume.port={ports[4]}", f"-volume.port.grpc={ports[5]}", f"-filer.port={ports[6]}",
            f"-filer.port.grpc={ports[7]}", "-master.volumeSizeLimitMB=512", "-volume.max=500",
            "-master.telemetry=false", "-master.electionTimeout=1s", "-master.heartbeatInterval=200ms"]
        self.client = boto3.client(
            "s3", endpoint_url=self.endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
            region_name=REGION, config=Config(
                retries={"max_attempts": 0}, connect_timeout=5, s3={"addressing_style": "path"}))
        self.process = None

    def __enter__(self):
        self.start()
        self.wait()
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=end_with_parent)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def wait(self):
        """Until it can be written to: the gateway answers before its volumes have come up."""
        for _ in range(300):
            try:
                self.client.create_bucket(Bucket="ready")
            except (BotoCoreError, ClientError):
                pass
            try:
                self.client.put_object(Bucket="ready", Key="probe", Body=b"ready")
                return
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
        raise RuntimeError(f"SeaweedFS is not ready:\n{(self.folder / 'log').read_text()[-2000:]}")

    @property
    def environment(self):
        """What AWS's own tools read."""
        return {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION,
                "AWS_ENDPOINT_URL_S3": self.endpoint}
